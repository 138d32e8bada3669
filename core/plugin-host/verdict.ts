import { type HeaderList, isFieldValue, isToken } from '../base/headers.js'
import { EditOp, Verdict } from './abi.js'
import type { PhaseHook } from './binding.js'
import { PluginFault } from './fault.js'
import { allows, type Grants, isReserved, type NameSet } from './permissions.js'

type WireEdit = Verdict['headers'][number]

const MAX_EDITS = 256
const MAX_HEADER_BYTES = 16_384
const MAX_TAGS = 64
const MAX_STATE_BYTES = 65_536
const PATH = /^\/[!$-;=@-Z_a-z~[\]|^`]*$/
const QUERY = /^[!$-;=?-Z_a-z~[\]|^`{}"<>\\]*$/
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i

/**
 * Reads what a hook answered and checks every part of it against the binding's grants.
 * @throws PluginFault output: not a verdict; denied: more than granted
 */
export function readVerdict(bytes: Uint8Array, grants: Grants, hook: PhaseHook): Verdict {
  const verdict = decode(bytes)
  const request = hook === 'on_request' || hook === 'on_request_body'
  checkEdits(verdict.headers, (request ? grants.requestHeaders : grants.responseHeaders).write, 'headers')
  checkEdits(verdict.responseHeaders, grants.responseHeaders.write, 'response_headers')
  checkRewrites(verdict, grants, request)
  checkBody(verdict, grants, hook)
  if (verdict.tags.length > MAX_TAGS * 2) throw denied(`more than ${MAX_TAGS} tags`)
  if (verdict.state !== null && verdict.state.length > MAX_STATE_BYTES) throw denied('its state is too large')
  if (verdict.reply !== null) checkReply(verdict.reply)
  return verdict
}

/**
 * Makes a verdict whose edits are all set, add or remove: a rename becomes a remove and an add of each value it can
 * see. `visible` is the header list the plugin was given.
 */
export function withoutRenames(verdict: Verdict, visible: HeaderList): Verdict {
  if (!verdict.headers.some(edit => edit.op === EditOp.RENAME)) return verdict
  const headers = verdict.headers.flatMap((edit): WireEdit[] => {
    if (edit.op !== EditOp.RENAME) return [edit]
    const values = visible.filter((_, i) => i % 2 === 1 && visible[i - 1] === edit.name)
    if (values.length === 0) return []
    const added = values.map(value => ({ op: EditOp.ADD, name: edit.value, value }))
    return [{ op: EditOp.REMOVE, name: edit.name, value: '' }, ...added]
  })
  return { ...verdict, headers }
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
    // A copy first: the guest owns these bytes and its next call overwrites them.
    return Verdict.decode(Uint8Array.prototype.slice.call(bytes))
  } catch (thrown) {
    throw new PluginFault('output', `its verdict cannot be read: ${thrown instanceof Error ? thrown.message : thrown}`)
  }
}

function checkEdits(edits: readonly WireEdit[], granted: NameSet, field: string): void {
  if (edits.length > MAX_EDITS) throw denied(`more than ${MAX_EDITS} edits in ${field}`)
  for (const edit of edits) {
    checkName(edit.name, granted, field)
    if (edit.op === EditOp.RENAME) checkName(edit.value, granted, field)
    else checkValue(edit.name, edit.value)
  }
}

function checkName(name: string, granted: NameSet, field: string): void {
  if (!isToken(name) || name !== name.toLowerCase()) {
    throw denied(`${field}: ${JSON.stringify(name)} is not a header name in lower case`)
  }
  if (isReserved(name)) throw denied(`${field}: ${name} belongs to the gateway`)
  if (!allows(granted, name)) throw denied(`${field}: writing ${name} is not granted`)
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
  if (upstream !== null && !(request && grants.route)) throw denied('route is not granted')
  if (consumer !== null && !(request && grants.consumer)) throw denied('consumer is not granted')
  if (method !== null && !isToken(method)) throw denied('method is not a token')
  if (path !== null && (!PATH.test(path) || DOT_SEGMENT.test(path)))
    throw denied(`path ${JSON.stringify(path)} is not a clean absolute path`)
  if (query !== null && !QUERY.test(query)) throw denied('query has a character that must be percent-encoded')
  if (status !== null && (status < 200 || status > 599)) throw denied(`status ${status} is not one of a final reply`)
  if (consumer !== null && !isFieldValue(consumer)) throw denied('consumer has a control character')
}

function checkBody(verdict: Verdict, grants: Grants, hook: PhaseHook): void {
  if (verdict.body === null) return
  const granted =
    hook === 'on_request_body' ? grants.requestBody : hook === 'on_response_body' ? grants.responseBody : 'none'
  if (granted !== 'write') throw denied('replacing the body is not granted')
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
