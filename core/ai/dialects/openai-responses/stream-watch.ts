import type { ProviderFailure } from '../../failure.js'
import type { Frame } from '../../frames/frame.js'
import { isObject, type JsonObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import { MAX_WATCHED_TEXT, type StreamWatch } from '../dialect.js'
import { readFailure, writeStreamError } from './failure.js'
import { usageOfResponse } from './usage.js'

/**
 * Follows a stream by the names of its events: only the first and the last are parsed. Of deltas the text is cut out, still as JSON, and made
 * readable when somebody asks.
 */
export class ResponsesWatch implements StreamWatch {
  usage: Usage | undefined
  failure: ProviderFailure | undefined
  ended = false
  begun = false
  model = ''
  private json = ''
  /** Its first event, which has the whole response but for its output. */
  private created = ''
  private last = ''

  /** @param again - it tells of a response that was made before: that this one failed is no failure to tell so */
  constructor(private readonly again = false) {}

  get text(): string {
    try {
      return String(JSON.parse(`"${this.json}"`))
    } catch {
      // It was no JSON to begin with; for counting it will do.
      return this.json
    }
  }

  frame(frame: Frame): void {
    const { data } = frame
    this.last = data
    const type = frame.event === '' ? typeOf(data) : frame.event
    if (TEXTS.has(type)) {
      this.begun = true
      if (this.json.length < MAX_WATCHED_TEXT) this.json += deltaOf(data)
    } else if (TERMINAL.has(type)) this.end(data)
    else if (type === 'response.created') {
      this.created = data
      this.model = /"model": ?"([^"\\]*)"/.exec(data)?.[1] ?? ''
    } else if (type.startsWith('response.') && !BEFORE.has(type)) this.begun = true
    else if (type === '' && data.startsWith('{"error"')) this.end(data)
  }

  /** The response that has begun is the one that fails, and its events go on counting. */
  broken(failure: ProviderFailure): Frame[] | undefined {
    const { response } = parse(this.created)
    if (!isObject(response)) return undefined
    const type = 'response.failed'
    const sequence_number = numberOf(this.last) + 1
    const failed = { ...response, status: 'failed', error: writeStreamError(failure) }
    return [{ event: type, data: JSON.stringify({ type, sequence_number, response: failed }) }]
  }

  private end(data: string): void {
    const event = parse(data)
    const response = isObject(event.response) ? event.response : {}
    this.ended = true
    this.usage = usageOfResponse(response) ?? this.usage
    if (typeof response.model === 'string') this.model = response.model
    const fine =
      (this.again && isObject(event.response)) ||
      event.type === 'response.completed' ||
      event.type === 'response.incomplete'
    if (!fine && event.type !== 'response.done') this.failure ??= readFailure(0, event)
    else this.begun = true
  }
}

const TEXTS: ReadonlySet<string> = new Set([
  'response.output_text.delta',
  'response.refusal.delta',
  'response.function_call_arguments.delta',
  'response.custom_tool_call_input.delta',
  'response.reasoning_text.delta',
  'response.reasoning_summary_text.delta'
])

/** Nothing comes after these. */
export const TERMINAL: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
  'response.done',
  'error'
])

/** Said before anything of the answer. */
const BEFORE: ReadonlySet<string> = new Set(['response.queued', 'response.in_progress'])

/** The type within the data: no string within it can hold these quotation marks unescaped. */
function typeOf(data: string): string {
  return /"type": ?"(response\.[a-z_.]+|error)"/.exec(data)?.[1] ?? ''
}

function numberOf(data: string): number {
  return Number(/"sequence_number": ?([0-9]+)/.exec(data)?.[1] ?? 0)
}

/** The text of `delta`, as the JSON it is in. */
function deltaOf(data: string): string {
  const from = afterFirst(data, '"delta":"') || afterFirst(data, '"delta": "')
  if (from === 0) return ''
  for (let to = data.indexOf('"', from); to !== -1; to = data.indexOf('"', to + 1)) {
    let slashes = 0
    while (data.charCodeAt(to - 1 - slashes) === 92) slashes++
    if (slashes % 2 === 0) return data.slice(from, to)
  }
  return ''
}

/** Where `found` ends in `data`; 0: it is not there. */
function afterFirst(data: string, found: string): number {
  const at = data.indexOf(found)
  return at === -1 ? 0 : at + found.length
}

function parse(data: string): JsonObject {
  try {
    const value: unknown = JSON.parse(data)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}
