import { Buffer } from 'node:buffer'
import { createSign } from 'node:crypto'
import { GatewayError } from '../../base/errors.js'
import { numberIn, parsedObject, someText } from '../lenient.js'
import type { JsonObject } from '../members.js'
import type { AuthTools } from './provider.js'

const TOKEN_URL = 'https://oauth2.googleapis.com/token'
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const LIFETIME_S = 3_600
/** A token is not used in its last minutes: requests take time, and clocks differ. */
const SPARE_MS = 5 * 60_000
const KEPT = 'google-access-token'

/** Exchanges under way: requests that come together wait for one. */
const pending = new WeakMap<AuthTools['kept'], Promise<string>>()

/**
 * An OAuth token for what `gcloud` writes as JSON: the key of a service account, which signs for itself, or a user's refresh token. Kept until shortly
 * before its end. https://developers.google.com/identity/protocols/oauth2/service-account
 * @throws GatewayError GW_AI_CREDENTIAL
 */
export async function accessToken(secret: string, tools: AuthTools): Promise<string> {
  const kept = tools.kept.get(KEPT)
  if (kept !== undefined && kept.until > tools.now()) return kept.value
  const before = pending.get(tools.kept)
  if (before !== undefined) return before
  const token = exchange(secret, tools).finally(() => pending.delete(tools.kept))
  pending.set(tools.kept, token)
  return token
}

async function exchange(secret: string, tools: AuthTools): Promise<string> {
  const account = parsedObject(secret)
  if (account === undefined) throw useless('it is not JSON')
  const url = someText(account.token_uri) ?? TOKEN_URL
  const now = tools.now()
  const form = account.type === 'authorized_user' ? refreshForm(account) : assertionForm(account, url, now)
  const answer = await tools.postForm(url, form)
  const token = someText(answer.access_token)
  if (token === undefined) {
    throw useless(
      `Google gave no token: ${someText(answer.error_description) ?? someText(answer.error) ?? 'no reason'}`
    )
  }
  const lifetimeMs = (numberIn(answer.expires_in) ?? LIFETIME_S) * 1_000
  tools.kept.set(KEPT, { value: token, until: now + Math.max(lifetimeMs - SPARE_MS, lifetimeMs / 2) })
  return token
}

function refreshForm(account: JsonObject): Record<string, string> {
  return {
    grant_type: 'refresh_token',
    client_id: member(account, 'client_id'),
    client_secret: member(account, 'client_secret'),
    refresh_token: member(account, 'refresh_token')
  }
}

function assertionForm(account: JsonObject, url: string, now: number): Record<string, string> {
  const email = member(account, 'client_email')
  const key = member(account, 'private_key')
  const iat = Math.floor(now / 1_000)
  const kid = someText(account.private_key_id)
  const head = { alg: 'RS256', typ: 'JWT', ...(kid !== undefined && { kid }) }
  const claims = { iss: email, scope: SCOPE, aud: url, iat, exp: iat + LIFETIME_S }
  const signed = `${encoded(head)}.${encoded(claims)}`
  let signature: string
  try {
    signature = createSign('RSA-SHA256').update(signed).sign(key, 'base64url')
  } catch (cause) {
    throw useless('its private_key cannot sign', cause)
  }
  return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: `${signed}.${signature}` }
}

function encoded(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function member(account: JsonObject, name: string): string {
  const value = someText(account[name])
  if (value === undefined) throw useless(`it has no "${name}"`)
  return value
}

function useless(why: string, cause?: unknown): GatewayError {
  const message = `vertex: the credential is of no use: ${why}; expected the JSON of a service account`
  return new GatewayError('GW_AI_CREDENTIAL', message, { cause })
}
