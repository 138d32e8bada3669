import type { HeaderList } from '../base/headers.js'
import { RequestInput, ResponseInput, type Verdict } from './abi.js'
import type { PhaseHook } from './binding.js'
import { applyEdits, type HeaderEdit } from './edits.js'
import { allows, type Grants, type NameSet } from './permissions.js'
import { hostEdits } from './verdict.js'

/** Whether a verdict changes anything that a later plugin of the chain could see. */
export function changesInput(verdict: Verdict): boolean {
  const { headers, method, path, query, upstream, status, consumer, tags } = verdict
  return (
    headers.length > 0 ||
    tags.length > 0 ||
    method !== null ||
    path !== null ||
    query !== null ||
    upstream !== null ||
    status !== null ||
    consumer !== null
  )
}

/** The input of a later plugin of the chain, as the verdicts before it left the exchange. */
export function rewriteInput(
  bytes: Uint8Array,
  hook: PhaseHook,
  earlier: readonly Verdict[],
  grants: Grants
): Uint8Array {
  const request = hook === 'on_request' || hook === 'on_request_body'
  const readable = (request ? grants.requestHeaders : grants.responseHeaders).read
  if (!earlier.some(empties)) {
    const edits = earlier.flatMap(verdict => (verdict.headers.length === 0 ? [] : visible(verdict, readable)))
    if (edits.length === 0 || lacksAll(bytes, edits)) return patched(bytes, earlier, edits, request)
  }
  if (hook === 'on_request' || hook === 'on_request_body') {
    const input = RequestInput.decode(bytes)
    for (const verdict of earlier) {
      applyToContext(input, verdict)
      applyToRequest(input, verdict, grants.requestHeaders.read)
    }
    return RequestInput.encode(input).finish()
  }
  const input = ResponseInput.decode(bytes)
  for (const verdict of earlier) {
    applyToContext(input, verdict)
    const { response } = input
    if (response === null) continue
    if (verdict.status !== null) response.status = verdict.status
    applyEdits(response.headers, visible(verdict, grants.responseHeaders.read))
  }
  return ResponseInput.encode(input).finish()
}

/**
 * The input with what changed written behind it: to a protobuf decoder the later value of a field counts, messages
 * merge and lists go on. It saves decoding and encoding the whole, which is needed only for headers that are there.
 * @param edits - of headers the input does not have: what they leave is added
 */
function patched(
  bytes: Uint8Array,
  earlier: readonly Verdict[],
  edits: readonly HeaderEdit[],
  ofRequest: boolean
): Uint8Array {
  const context: ContextPatch = {}
  const request: RequestPatch = {}
  const response: { status?: number; headers?: string[] } = {}
  if (edits.length > 0) {
    const headers: string[] = []
    applyEdits(headers, edits)
    if (headers.length > 0) Object.assign(ofRequest ? request : response, { headers })
  }
  for (const verdict of earlier) {
    if (verdict.consumer !== null) context.consumer = verdict.consumer
    if (verdict.upstream !== null) context.upstream = verdict.upstream
    if (verdict.tags.length > 0) context.tags = [...(context.tags ?? []), ...verdict.tags]
    if (verdict.method !== null) request.method = verdict.method
    if (verdict.path !== null) request.path = verdict.path
    if (verdict.query !== null) request.query = verdict.query
    if (verdict.status !== null) response.status = verdict.status
  }
  const patch = {
    ...(!isEmpty(context) && { context }),
    ...(!isEmpty(request) && { request }),
    ...(!isEmpty(response) && { response })
  }
  return isEmpty(patch) ? bytes : Buffer.concat([bytes, ResponseInput.encode(patch).finish()])
}

/** Whether none of the names is anywhere in the encoded input, so that it has no header of that name. */
function lacksAll(bytes: Uint8Array, edits: readonly HeaderEdit[]): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return edits.every(({ name }) => !buffer.includes(name, 0, 'latin1'))
}

/** Whether it makes a field empty: an empty text is not written, so nothing behind the input could say so. */
function empties({ query, consumer, upstream }: Verdict): boolean {
  return query === '' || consumer === '' || upstream === ''
}

interface ContextPatch {
  consumer?: string
  upstream?: string
  tags?: string[]
}

interface RequestPatch {
  headers?: string[]
  method?: string
  path?: string
  query?: string
}

function isEmpty(patch: object): boolean {
  for (const _ in patch) return false
  return true
}

/** The headers a plugin was given for this phase. */
export function visibleHeaders(bytes: Uint8Array, hook: PhaseHook): HeaderList {
  if (hook === 'on_request' || hook === 'on_request_body') return RequestInput.decode(bytes).request?.headers ?? []
  return ResponseInput.decode(bytes).response?.headers ?? []
}

function applyToContext(input: RequestInput | ResponseInput, verdict: Verdict): void {
  const { context } = input
  if (context === null) return
  if (verdict.consumer !== null) context.consumer = verdict.consumer
  if (verdict.upstream !== null) context.upstream = verdict.upstream
  context.tags.push(...verdict.tags)
}

function applyToRequest(input: RequestInput, verdict: Verdict, readable: NameSet): void {
  const { request } = input
  if (request === null) return
  if (verdict.method !== null) request.method = verdict.method
  if (verdict.path !== null) request.path = verdict.path
  if (verdict.query !== null) request.query = verdict.query
  applyEdits(request.headers, visible(verdict, readable))
}

function visible(verdict: Verdict, readable: NameSet): HeaderEdit[] {
  return hostEdits(verdict.headers).filter(edit => allows(readable, edit.name))
}
