import { type HeaderList, isFieldValue, isToken } from '../base/headers.js'
import type { PhaseHook } from '../base/hooks.js'
import { hasDotSegment, isPath, isQuery } from '../base/request-target.js'
import { EditOp, Verdict } from './abi.js'
import { type Binding, bodyGrant } from './binding.js'
import { decodeVerdict } from './edit-reader.js'
import { applyEdits, type HeaderEdit } from './edits.js'
import { checkBag, checkEffects } from './effect-checks.js'
import { PluginFault } from './fault.js'
import { allows, allowsUpstream, type Grants, type HeaderGrant, isReserved } from './permissions.js'

const MAX_EDITS = 256
/** Of a header's value, a path, a query: what servers usually take at most. */
const MAX_HEADER_BYTES = 16_384
const MAX_TAGS = 64
/** Of all tags of a verdict: they go into the log, and into every later plugin's input. */
const MAX_TAG_BYTES = 32_768
const MAX_NAME_BYTES = 1_024
const MAX_STATE_BYTES = 65_536
/** As the listener refuses them from clients: a tunnel, and an echo of the gateway's own headers. */
const NOT_FORWARDED = new Set(['CONNECT', 'TRACE'])

/**
 * Reads what a hook answered and checks every part of it against the binding's grants. Its body and state are views
 * of `bytes`.
 * @throws PluginFault output: not a verdict; denied: more than granted
 */
export function readVerdict(bytes: Uint8Array, { grants, hooks }: Judged, hook: PhaseHook): Verdict {
  const verdict = decode(bytes)
  if (hook === 'on_log' || hook === 'on_tick') checkAfterwards(verdict, hook)
  const request = hook === 'on_request' || hook === 'on_request_body'
  if (!request && verdict.responseHeaders.length > 0) throw denied('response_headers is for request hooks')
  checkEdits(verdict.headers, request ? grants.requestHeaders : grants.responseHeaders, 'headers')
  checkEdits(verdict.responseHeaders, grants.responseHeaders, 'response_headers')
  checkRewrites(verdict, grants, request)
  checkBody(verdict, grants, hook)
  checkTags(verdict.tags)
  if (verdict.state !== null && verdict.state.length > MAX_STATE_BYTES) throw denied('its state is too large')
  if (verdict.reply !== null) checkReply(verdict.reply)
  if (verdict.effects.length > 0)
    checkEffects(verdict.effects, grants, hook === 'on_log' || hooks.includes('on_effect'), 'on_effect')
  if (verdict.bag.length > 0) checkBag(verdict.bag)
  return verdict
}

/**
 * Checks what an AI hook answers besides what is about the AI: a reply, tags, the consumer, a state, entries of the bag, effects.
 * @param mayAsk - whether its exchange waits for answers, and it has the hook they go to
 * @throws PluginFault denied
 */
export function checkBeside(verdict: Verdict, grants: Grants, mayAsk: boolean): void {
  const { headers, responseHeaders, method, path, query, upstream, status, body, consumer } = verdict
  const http = method ?? path ?? query ?? upstream ?? status ?? body
  if (http !== null || headers.length + responseHeaders.length > 0) {
    throw denied('an AI hook cannot change the HTTP request or response')
  }
  checkRewrites(verdict, grants, consumer !== null)
  checkTags(verdict.tags)
  if (verdict.state !== null && verdict.state.length > MAX_STATE_BYTES) throw denied('its state is too large')
  if (verdict.reply !== null) checkReply(verdict.reply)
  if (verdict.effects.length > 0) checkEffects(verdict.effects, grants, mayAsk, 'on_ai_effect')
  if (verdict.bag.length > 0) checkBag(verdict.bag)
}

/** What of a binding a verdict is held against. */
export type Judged = Pick<Binding, 'grants' | 'hooks'>

/** There is no message any more that these hooks could change. */
function checkAfterwards(verdict: Verdict, hook: PhaseHook): void {
  const { reply, headers, responseHeaders, status, body, tags, bag } = verdict
  const none = headers.length + responseHeaders.length + tags.length + bag.length === 0
  if (!none || reply !== null || status !== null || body !== null)
    throw denied(
      `${hook} can change nothing: it may only ask for effects${hook === 'on_tick' ? ' and keep a state' : ''}`
    )
}

/**
 * Makes every edit of `verdict` a set, add or remove, in place: a rename becomes a remove and an add of each value it can
 * see. `visible` is the header list the plugin was given.
 */
export function resolveRenames(verdict: Verdict, visible: HeaderList): void {
  const now = [...visible] // as the edits before each one left it
  const headers: HeaderEdit[] = []
  for (const edit of verdict.headers) {
    const edits = edit.op === EditOp.RENAME ? renamed(edit, now) : [edit]
    applyEdits(now, edits)
    headers.push(...edits)
  }
  verdict.headers = headers
}

function renamed({ name, value: to }: HeaderEdit, list: HeaderList): HeaderEdit[] {
  if (name === to) return []
  const values = list.filter((_, i) => i % 2 === 1 && list[i - 1] === name)
  if (values.length === 0) return []
  return [{ op: EditOp.REMOVE, name, value: '' }, ...values.map(value => ({ op: EditOp.ADD, name: to, value }))]
}

/** Whether the verdict renames, so that the caller must know the headers the plugin saw. */
export function renames(verdict: Verdict): boolean {
  return verdict.headers.some(edit => edit.op === EditOp.RENAME)
}

export function encodeVerdict(verdict: Verdict): Buffer {
  return Buffer.from(Verdict.encode(verdict).finish())
}

function decode(bytes: Uint8Array): Verdict {
  try {
    return decodeVerdict(bytes)
  } catch (thrown) {
    throw new PluginFault('output', `its verdict cannot be read: ${thrown instanceof Error ? thrown.message : thrown}`)
  }
}

const OPS: ReadonlySet<number> = new Set([EditOp.SET, EditOp.ADD, EditOp.REMOVE, EditOp.RENAME])

function checkEdits(edits: readonly HeaderEdit[], granted: HeaderGrant, field: string): void {
  if (edits.length > MAX_EDITS) throw denied(`more than ${MAX_EDITS} edits in ${field}`)
  for (const { op, name, value } of edits) {
    if (!OPS.has(op)) throw denied(`${field}: there is no edit ${op}`)
    checkName(name, granted, field)
    if (op !== EditOp.RENAME) {
      checkValue(name, value)
      continue
    }
    // Under its new name a value may be readable to those who could not read it before.
    if (!allows(granted.read, name)) throw denied(`${field}: renaming ${name} needs it to be readable`)
    checkName(value, granted, field)
  }
}

/** Names that each grant was found to let be written: plugins write the same few. */
const writable = new WeakMap<HeaderGrant, Set<string>>()

function checkName(name: string, granted: HeaderGrant, field: string): void {
  const known = writable.get(granted)
  if (known?.has(name) === true) return
  checkNewName(name, granted, field)
  if (known === undefined) writable.set(granted, new Set([name]))
  else if (known.size < MAX_EDITS) known.add(name)
}

function checkNewName(name: string, granted: HeaderGrant, field: string): void {
  if (!isToken(name) || name !== name.toLowerCase()) {
    throw denied(`${field}: ${JSON.stringify(name)} is not a header name in lower case`)
  }
  if (isReserved(name)) throw denied(`${field}: ${name} belongs to the gateway`)
  if (!allows(granted.write, name)) throw denied(`${field}: writing ${name} is not granted`)
}

function checkValue(name: string, value: string): void {
  if (!isFieldValue(value)) throw denied(`the value for ${name} has a control character`)
  if (value.length > MAX_HEADER_BYTES) throw denied(`the value for ${name} is longer than ${MAX_HEADER_BYTES}`)
}

function checkRewrites(verdict: Verdict, grants: Grants, request: boolean): void {
  const { method, path, query, upstream, status, consumer } = verdict
  if ((method !== null || path !== null || query !== null) && !(request && grants.rewrite))
    throw denied('rewrite is not granted')
  if (status !== null && (request || !grants.rewrite)) throw denied('changing the status is not granted')
  if (upstream !== null && !(request && allowsUpstream(grants.route, upstream)))
    throw denied(`choosing the upstream ${JSON.stringify(upstream)} is not granted`)
  if (consumer !== null && !(request && grants.consumer)) throw denied('consumer is not granted')
  if (method !== null && (!isToken(method) || method.length > MAX_NAME_BYTES)) throw denied('method is not a token')
  if (method !== null && NOT_FORWARDED.has(method)) throw denied(`method ${method} is not forwarded`)
  if (path !== null && (!isPath(path) || hasDotSegment(path)))
    throw denied(`path ${JSON.stringify(path)} is not a clean absolute path`)
  if (Math.max(path?.length ?? 0, query?.length ?? 0) > MAX_HEADER_BYTES) throw denied('path or query is too long')
  if (Math.max(upstream?.length ?? 0, consumer?.length ?? 0) > MAX_NAME_BYTES) {
    throw denied('the name of the upstream or consumer is too long')
  }
  if (query !== null && !isQuery(query)) throw denied('query has a character that must be percent-encoded')
  if (status !== null && (status < 200 || status > 599)) throw denied(`status ${status} is not one of a final reply`)
  if (consumer !== null && !isFieldValue(consumer)) throw denied('consumer has a control character')
}

function checkBody(verdict: Verdict, grants: Grants, hook: PhaseHook): void {
  if (verdict.body !== null && bodyGrant(grants, hook) !== 'write') throw denied('replacing the body is not granted')
}

function checkTags(tags: readonly string[]): void {
  if (tags.length === 0) return
  if (tags.length % 2 === 1) throw denied('its tags are not pairs of name and value')
  if (tags.length > MAX_TAGS * 2) throw denied(`more than ${MAX_TAGS} tags`)
  let size = 0
  for (const text of tags) size += text.length
  if (size > MAX_TAG_BYTES) throw denied(`more than ${MAX_TAG_BYTES} bytes of tags`)
}

function checkReply(reply: NonNullable<Verdict['reply']>): void {
  const { status, headers } = reply
  if (status < 200 || status > 599) throw denied(`a reply with status ${status}`)
  if (headers.length > MAX_EDITS * 2 || headers.length % 2 === 1) throw denied('the headers of its reply are not pairs')
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? ''
    if (!isToken(name) || name !== name.toLowerCase()) throw denied(`its reply has a bad header name`)
    if (isReserved(name)) throw denied(`its reply sets ${name}, which belongs to the gateway`)
    checkValue(name, headers[i + 1] ?? '')
  }
}

function denied(what: string): PluginFault {
  return new PluginFault('denied', what)
}
