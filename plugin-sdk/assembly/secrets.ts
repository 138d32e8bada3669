import { Settings } from './settings'
import { base64Decode } from './base64'
import { utf8Bytes } from './utf8'

/** Shorter ones can be guessed; the host verifies nothing with them. */
const MIN_SECRET_BYTES: i32 = 16

/** Why the last `secretOf` failed: the setting's name and what is wrong, such as ".secret has fewer than 16 bytes". */
export let secretMistake: string = ''

/** A shared secret from settings with "secret" (text) or "secretBase64"; null for none, and `secretMistake` says why. */
export function secretOf(given: Settings): Uint8Array | null {
  const isText = given.has('secret')
  const name = isText ? '.secret' : '.secretBase64'
  const secret = isText ? utf8Bytes(given.string('secret')) : base64Decode(given.string('secretBase64'))
  if (secret === null) secretMistake = name + ' is not base64'
  else if (secret.length < MIN_SECRET_BYTES) secretMistake = name + ' has fewer than 16 bytes'
  else if (given.string('secret').includes('-----BEGIN ')) secretMistake = name + ' is PEM: a public key is no secret'
  else return secret
  return null
}
