import { isFieldValue, isToken } from '../base/headers.js'
import type { Hook } from '../base/hooks.js'
import { type Effect, type HttpCallout, KvKind, type Verdict } from './abi.js'
import { PluginFault } from './fault.js'
import { type Grants, isReserved } from './permissions.js'

/** Of one verdict: they are done side by side. */
const MAX_EFFECTS = 16
const MAX_NAME_BYTES = 1_024
const MAX_URL_BYTES = 8_192
const MAX_HEADERS = 64
const MAX_HEADER_BYTES = 16_384
const MAX_BODY_BYTES = 1 << 20
const MAX_CALLOUT_MS = 60_000
const MAX_ANSWER_BYTES = 16 << 20
const MAX_BAG_ENTRIES = 64
/** Of what one verdict puts into the bag. */
const MAX_BAG_BYTES = 32_768

/**
 * Checks what a plugin asks for against its grants.
 * @param mayAsk - whether it has the hook the answers go to, or none are wanted
 * @param hook - where they go
 * @throws PluginFault output, denied
 */
export function checkEffects(effects: readonly Effect[], grants: Grants, mayAsk: boolean, hook: Hook): void {
  if (!mayAsk && effects.some(({ detached }) => !detached))
    throw new PluginFault('output', `asks for effects, but there is no ${hook} for the answers`)
  if (effects.length > MAX_EFFECTS) throw denied(`more than ${MAX_EFFECTS} effects in one verdict`)
  for (const effect of effects) checkEffect(effect, grants)
  const ids = effects.flatMap(({ id, detached }) => (detached ? [] : id))
  const twice = ids.find((id, index) => ids.indexOf(id) < index)
  if (twice !== undefined) throw new PluginFault('output', `waits for two effects with the id ${JSON.stringify(twice)}`)
}

const KV_KINDS: readonly number[] = Object.values(KvKind)

function checkEffect(effect: Effect, grants: Grants): void {
  const { id, http, kv, secret, jwks } = effect
  if (id.length > MAX_NAME_BYTES) throw denied('the id of an effect is too long')
  const kinds = Number(http !== null) + Number(kv !== null) + Number(secret !== '') + Number(jwks !== '')
  if (kinds !== 1)
    throw new PluginFault('output', `effect ${JSON.stringify(id)} names ${kinds} things to do; expected one`)
  if (kv !== null && !KV_KINDS.includes(kv.kind))
    throw new PluginFault('output', `effect ${JSON.stringify(id)} asks the store for what it does not do: ${kv.kind}`)
  if (http !== null) checkCallout(http, grants)
  else if (jwks !== '') checkOrigin(jwks, grants)
  else if (kv !== null && !grants.store) throw denied('using the store is not granted')
  else if (secret !== '' && !grants.secrets.has(secret))
    throw denied(`the secret ${JSON.stringify(secret)} is not granted`)
  if (kv !== null && (kv.key.length > MAX_NAME_BYTES || kv.value.length + kv.expected.length > MAX_BODY_BYTES))
    throw denied('a key or value for the store is too long')
}

function checkCallout(http: HttpCallout, grants: Grants): void {
  const { upstream, url, method, headers, body } = http
  if (url.length > MAX_URL_BYTES) throw denied('the URL of a callout is too long')
  if (upstream === '') checkOrigin(url, grants)
  else if (!grants.callouts.upstreams.has(upstream))
    throw denied(`calling the upstream ${JSON.stringify(upstream)} is not granted`)
  else if (!/^\/[!-"$-~]*$/.test(url)) throw denied(`${JSON.stringify(url)} is not a path with a query`)
  if (method !== '' && (!/^[A-Z]{1,32}$/.test(method) || method === 'CONNECT' || method === 'TRACE'))
    throw denied(`a callout cannot have the method ${JSON.stringify(method)}`)
  checkHeaders(headers)
  if (body.length > MAX_BODY_BYTES) throw denied(`a callout with a body of more than ${MAX_BODY_BYTES} bytes`)
  if (http.timeoutMs > MAX_CALLOUT_MS) throw denied(`a callout that may take more than ${MAX_CALLOUT_MS} ms`)
  if (http.maxBytes > MAX_ANSWER_BYTES)
    throw denied(`a callout whose answer may have more than ${MAX_ANSWER_BYTES} bytes`)
}

/** The URL as the WHATWG parser reads it, which is how it will be used: tricks with user info and odd forms of hosts end here. */
function checkOrigin(url: string, grants: Grants): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:'))
    throw denied(`${JSON.stringify(url.slice(0, 200))} is no http or https URL`)
  if (parsed.username !== '' || parsed.password !== '') throw denied('a callout URL holds a user name or password')
  if (!grants.callouts.origins.has(parsed.origin)) throw denied(`calling ${parsed.origin} is not granted`)
}

function checkHeaders(headers: readonly string[]): void {
  if (headers.length % 2 === 1) throw denied('the headers of a callout are not pairs of name and value')
  if (headers.length > MAX_HEADERS * 2) throw denied(`a callout with more than ${MAX_HEADERS} headers`)
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? ''
    const value = headers[i + 1] ?? ''
    if (!isToken(name) || name !== name.toLowerCase())
      throw denied(`${JSON.stringify(name)} is not a header name in lower case`)
    if (isReserved(name)) throw denied(`the header ${name} of a callout belongs to the gateway`)
    if (!isFieldValue(value) || value.length > MAX_HEADER_BYTES)
      throw denied(`the callout's value for ${name} is not one`)
  }
}

/** @throws PluginFault denied */
export function checkBag(bag: Verdict['bag']): void {
  if (bag.length % 2 === 1) throw denied('its bag is not pairs of name and value')
  if (bag.length > MAX_BAG_ENTRIES * 2) throw denied(`more than ${MAX_BAG_ENTRIES} entries for the bag`)
  let bytes = 0
  for (let i = 0; i < bag.length; i += 2) {
    const name = bag[i] ?? ''
    if (!/^[A-Za-z0-9_.-]{1,128}$/.test(name))
      throw denied(`${JSON.stringify(name.slice(0, 200))} is no name for the bag`)
    bytes += name.length + (bag[i + 1]?.length ?? 0)
  }
  if (bytes > MAX_BAG_BYTES) throw denied(`more than ${MAX_BAG_BYTES} characters for the bag`)
}

function denied(message: string): PluginFault {
  return new PluginFault('denied', message)
}
