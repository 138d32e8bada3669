import { Refusal } from '../base/refusal.js'
import { writeFailure } from './dialects/openai-responses/failure.js'
import { ResponsesWriter } from './dialects/openai-responses/stream-writer.js'
import type { ProviderFailure } from './failure.js'
import type { Frame } from './frames/frame.js'
import { badRequest, isObject, type JsonObject, Members } from './members.js'
import { usageOf } from './usage.js'

/** A request that came over a WebSocket. */
export interface Turn {
  /** As it would be the body of POST /v1/responses: it streams. */
  readonly body: JsonObject
  /** Which of the conversations of the connection it belongs to; empty: the connection is one. */
  readonly stream: string
  /** False: nothing is to be generated, the client only sends ahead what the next turn goes on from. */
  readonly generate: boolean
}

/**
 * The Responses API over a WebSocket (developers.openai.com/api/docs/guides/websocket-mode), without the socket: text frames of the client
 * become requests, the events of responses become text frames. The turns of a conversation follow each other; conversations, told apart by
 * `stream_id`, run side by side.
 *
 * On such a connection `previous_response_id` may name a response that is stored nowhere (`store: false`): whoever runs it keeps the responses of
 * the connection for as long as it lasts.
 */
export class ResponsesSocket {
  /** Conversations with a turn under way, and the turns that wait for it. */
  private readonly waiting = new Map<string, Turn[]>()
  private count = 0

  /** @param maxTurns - under way and waiting, all together */
  constructor(private readonly maxTurns: number) {}

  /**
   * Takes a text frame.
   * @returns the turn that begins now; undefined: it waits for the one before it
   * @throws Refusal GW_AI_REQUEST_INVALID: to be answered by an error frame, the connection lives on
   */
  receive(text: string): Turn | undefined {
    const turn = readTurn(text)
    if (this.count >= this.maxTurns) {
      const message = `the connection has ${this.maxTurns} turns under way or waiting, and takes no more until one is done`
      throw new Refusal('GW_AI_REQUEST_INVALID', message, [], { detail: message })
    }
    this.count++
    const waiting = this.waiting.get(turn.stream)
    if (waiting === undefined) this.waiting.set(turn.stream, [])
    else waiting.push(turn)
    return waiting === undefined ? turn : undefined
  }

  /** A turn is over, however it ended. @returns the one that begins now, if one waits */
  done(stream: string): Turn | undefined {
    const waiting = this.waiting.get(stream)
    if (waiting === undefined) return undefined
    this.count--
    const next = waiting.shift()
    if (next === undefined) this.waiting.delete(stream)
    return next
  }
}

/** The text frame for an event of a response; undefined: SSE's own end, which a socket does not say. */
export function eventFrame(frame: Frame, stream: string): string | undefined {
  if (!frame.data.startsWith('{')) return undefined
  return stream === '' ? frame.data : `{"stream_id":${JSON.stringify(stream)},${frame.data.slice(1)}`
}

/** The text frame that says that a request failed before there was a response. */
export function errorFrame(failure: ProviderFailure, stream: string): string {
  const { status, body } = writeFailure(failure, '')
  return JSON.stringify({ type: 'error', ...(stream !== '' && { stream_id: stream }), status, error: body.error })
}

/**
 * What a turn that generates nothing is answered with: an empty response, from which the next turn can go on.
 * @returns the events, and the response to remember
 */
export function warmUp(turn: Turn): { frames: Frame[]; response: JsonObject | undefined } {
  const model = typeof turn.body.model === 'string' ? turn.body.model : ''
  const writer = new ResponsesWriter({ model, includeUsage: true, request: turn.body })
  const start = writer.write({ type: 'start', id: '', model, created: 0 })
  const usage = writer.write({ type: 'usage', usage: usageOf({}) })
  const end = writer.write({ type: 'end' })
  return { frames: [...start, ...usage, ...end], response: writer.response }
}

function readTurn(text: string): Turn {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw badRequest('message', 'JSON', text)
  }
  const members = new Members(isObject(value) ? value : fail(value), '', badRequest)
  const type = members.text('type')
  if (type !== 'response.create') members.fail('type', '"response.create"', type)
  const stream = members.optionalText('stream_id') ?? ''
  const generate = members.flag('generate') ?? true
  const { type: _, stream_id, generate: __, background, ...body } = members.object
  return { body: { ...body, stream: true }, stream, generate }
}

function fail(found: unknown): never {
  throw badRequest('message', 'an object', found)
}
