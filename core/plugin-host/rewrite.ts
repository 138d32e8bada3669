import type { HeaderList } from '../base/headers.js'
import type { InputField, PhaseHook } from '../base/hooks.js'
import { Context, Request, RequestInput, ResponseInput, type Verdict } from './abi.js'
import type { Binding } from './binding.js'
import { applyEdits, type HeaderEdit } from './edits.js'
import { InputWriter } from './input-writer.js'
import { allows, type Grants, mayRead, type NameSet } from './permissions.js'

/** A verdict of a plugin earlier in the chain, and whose it is. */
export interface Earlier {
  readonly verdict: Verdict
  readonly plugin: string
}

/** What of a binding says how its inputs look. */
export type Reader = Pick<Binding, 'grants' | 'input'>

/** Whether a verdict changes anything that a later plugin of the chain could see. */
export function changesInput(verdict: Verdict): boolean {
  const { headers, method, path, query, upstream, status, consumer, tags, bag } = verdict
  return (
    headers.length > 0 ||
    tags.length > 0 ||
    bag.length > 0 ||
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
  earlier: readonly Earlier[],
  reader: Reader
): Uint8Array {
  const request = isOfRequest(hook)
  const readable = readableHeaders(request, reader)
  if (!earlier.some(({ verdict }) => empties(verdict, reader))) {
    const edits = earlier.flatMap(({ verdict }) => (verdict.headers.length === 0 ? [] : visible(verdict, readable)))
    if (edits.length === 0 || lacksAll(bytes, edits)) return patched(bytes, earlier, edits, request, reader)
  }
  if (request) {
    const input = RequestInput.decode(bytes)
    for (const each of earlier) {
      applyToContext(input, each, reader)
      applyToRequest(input, each.verdict, reader)
    }
    return RequestInput.encode(input).finish()
  }
  // on_error's input has the same fields in the same places; what else it has is not known here and stays.
  const input = ResponseInput.decode(bytes)
  for (const each of earlier) {
    applyToContext(input, each, reader)
    const { response } = input
    if (response === null) continue
    if (each.verdict.status !== null) response.status = each.verdict.status
    applyEdits(response.headers, visible(each.verdict, readable))
  }
  return ResponseInput.encode(input).finish()
}

/**
 * What `earlier` alone adds behind an input, to have it as rewriteInput() makes it; undefined when that takes more.
 * @returns edited: the headers it edits; the input must not have them, nor what others add to it
 */
export function patchOf(
  hook: PhaseHook,
  earlier: Earlier,
  reader: Reader
): { readonly bytes: Uint8Array; readonly edited: readonly string[] } | undefined {
  if (empties(earlier.verdict, reader)) return undefined
  const request = isOfRequest(hook)
  const edits = visible(earlier.verdict, readableHeaders(request, reader))
  return { bytes: patched(NO_BYTES, [earlier], edits, request, reader), edited: edits.map(({ name }) => name) }
}

function isOfRequest(hook: PhaseHook): boolean {
  return hook === 'on_request' || hook === 'on_request_body'
}

function readableHeaders(request: boolean, { grants }: Reader): NameSet {
  return (request ? grants.requestHeaders : grants.responseHeaders).read
}

/**
 * The input with what changed written behind it: to a protobuf decoder the later value of a field counts, messages
 * merge and lists go on. It saves decoding and encoding the whole, which is needed only for headers that are there.
 * @param edits - of headers the input does not have: what they leave is added
 */
function patched(
  bytes: Uint8Array,
  earlier: readonly Earlier[],
  edits: readonly HeaderEdit[],
  ofRequest: boolean,
  reader: Reader
): Uint8Array {
  const { input } = reader
  const inContext = earlier.some(({ verdict }) => ofContext(verdict, input))
  const inMessage = edits.length > 0 || earlier.some(({ verdict }) => ofMessage(verdict, input))
  if (!inContext && !inMessage) return bytes
  writer.begin()
  writer.raw(bytes)
  if (inContext) {
    const from = writer.open(CONTEXT)
    for (const each of earlier) {
      const { consumer, upstream, tags, bag } = each.verdict
      if (consumer !== null && input.includes('consumer')) writer.text(4, consumer)
      if (upstream !== null && input.includes('upstream')) writer.text(3, upstream)
      if (input.includes('tags')) writer.texts(6, tags)
      if (bag.length > 0) writer.texts(9, readableBag(each, reader.grants))
    }
    writer.close(from)
  }
  if (inMessage) {
    const headers: string[] = []
    applyEdits(headers, edits)
    const from = writer.open(ofRequest ? REQUEST : RESPONSE)
    for (const { verdict } of earlier) {
      const { method, path, query, status } = verdict
      if (method !== null && input.includes('method')) writer.text(1, method)
      if (path !== null && input.includes('path')) writer.text(4, path)
      if (query !== null && input.includes('query')) writer.text(5, query)
      if (status !== null) writer.number(1, status)
    }
    writer.texts(ofRequest ? 6 : 2, headers)
    writer.close(from)
  }
  return writer.finish()
}

const writer = new InputWriter()
/** Fields of RequestInput and ResponseInput. */
const CONTEXT = 1
const REQUEST = 2
const RESPONSE = 4

function ofContext({ consumer, upstream, tags, bag }: Verdict, input: readonly InputField[]): boolean {
  return (
    bag.length > 0 ||
    (tags.length > 0 && input.includes('tags')) ||
    (consumer !== null && input.includes('consumer')) ||
    (upstream !== null && input.includes('upstream'))
  )
}

function ofMessage({ method, path, query, status }: Verdict, input: readonly InputField[]): boolean {
  return (
    status !== null ||
    (method !== null && input.includes('method')) ||
    (path !== null && input.includes('path')) ||
    (query !== null && input.includes('query'))
  )
}

/** Whether none of the names is anywhere in the encoded input, so that it has no header of that name. */
function lacksAll(bytes: Uint8Array, edits: readonly HeaderEdit[]): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return edits.every(({ name }) => !buffer.includes(name, 0, 'latin1'))
}

/** Whether it makes a field empty: an empty text is not written, so nothing behind the input could say so. */
function empties({ query, consumer, upstream }: Verdict, { input }: Reader): boolean {
  return (
    (query === '' && input.includes('query')) ||
    (consumer === '' && input.includes('consumer')) ||
    (upstream === '' && input.includes('upstream'))
  )
}

/** What of a verdict's bag this one may read, with the plugin's name before each name. */
export function readableBag({ verdict, plugin }: Earlier, { bag }: Grants): string[] {
  const entries: string[] = []
  for (let i = 0; i < verdict.bag.length; i += 2) {
    const name = `${plugin}.${verdict.bag[i]}`
    if (mayRead(bag, name)) entries.push(name, verdict.bag[i + 1] ?? '')
  }
  return entries
}

/** The headers a plugin was given for this phase. */
export function visibleHeaders(bytes: Uint8Array, hook: PhaseHook): HeaderList {
  if (isOfRequest(hook)) return RequestInput.decode(bytes).request?.headers ?? []
  return ResponseInput.decode(bytes).response?.headers ?? []
}

function applyToContext(message: RequestInput | ResponseInput, each: Earlier, { input, grants }: Reader): void {
  const context = message.context ?? Context.decode(NO_BYTES)
  message.context = context
  const { verdict } = each
  if (verdict.consumer !== null && input.includes('consumer')) context.consumer = verdict.consumer
  if (verdict.upstream !== null && input.includes('upstream')) context.upstream = verdict.upstream
  if (input.includes('tags')) context.tags.push(...verdict.tags)
  context.bag.push(...readableBag(each, grants))
}

function applyToRequest(message: RequestInput, verdict: Verdict, { input, grants }: Reader): void {
  const request = message.request ?? Request.decode(NO_BYTES)
  message.request = request
  if (verdict.method !== null && input.includes('method')) request.method = verdict.method
  if (verdict.path !== null && input.includes('path')) request.path = verdict.path
  if (verdict.query !== null && input.includes('query')) request.query = verdict.query
  applyEdits(request.headers, visible(verdict, grants.requestHeaders.read))
}

const NO_BYTES = new Uint8Array(0)

function visible(verdict: Verdict, readable: NameSet): HeaderEdit[] {
  return verdict.headers.filter(edit => allows(readable, edit.name))
}
