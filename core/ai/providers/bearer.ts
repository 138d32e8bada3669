import { GatewayError } from '../../base/errors.js'
import { type HeaderList, isFieldValue } from '../../base/headers.js'
import type { Credential } from './provider.js'

/** The key in Authorization, as nearly all want it. @throws GatewayError GW_AI_CREDENTIAL */
export function bearer(provider: string, credential: Credential | undefined): HeaderList {
  return ['authorization', `Bearer ${keyOf(provider, credential)}`]
}

/** The secret, when it can stand in a header. @throws GatewayError GW_AI_CREDENTIAL */
export function keyOf(provider: string, credential: Credential | undefined): string {
  const key = secretOf(provider, credential)
  if (!isFieldValue(key)) throw new GatewayError('GW_AI_CREDENTIAL', `${provider}: the API key has control characters`)
  return key
}

/** The secret, whatever it is. @throws GatewayError GW_AI_CREDENTIAL when there is none */
export function secretOf(provider: string, credential: Credential | undefined): string {
  const secret = credential?.secret.trim() ?? ''
  if (secret === '') throw new GatewayError('GW_AI_CREDENTIAL', `${provider}: there is no credential`)
  return secret
}
