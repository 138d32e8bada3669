import { GatewayError } from '../../base/errors.js'
import { type HeaderList, isFieldValue } from '../../base/headers.js'
import type { Credential } from './provider.js'

/** The key in Authorization, as nearly all want it. */
export function bearer(provider: string, credential: Credential | undefined): HeaderList {
  return ['authorization', `Bearer ${keyOf(provider, credential)}`]
}

/** The secret, when it can stand in a header. */
export function keyOf(provider: string, credential: Credential | undefined): string {
  const key = credential?.secret.trim() ?? ''
  if (key === '') throw new GatewayError('GW_AI_CREDENTIAL', `${provider}: there is no API key`)
  if (!isFieldValue(key)) throw new GatewayError('GW_AI_CREDENTIAL', `${provider}: the API key has control characters`)
  return key
}
