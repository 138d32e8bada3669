import { Buffer } from 'node:buffer'
import type { Frame } from '../../ai/frames/frame.js'
import { sse } from '../../ai/frames/sse.js'
import { isObject, type JsonObject } from '../../ai/members.js'
import { finalResponse, remember } from '../../ai/responses-store/remember.js'
import type { BodySink, BodySource } from '../../base/body.js'
import type { Reply } from '../../base/http.js'
import { collect } from '../collect.js'
import type { AiCall } from './call.js'
import { ownerOf } from './owner.js'

/**
 * Keeps what later requests may refer to: a response that was made by translation is kept here, of one that a provider keeps, which account it
 * is. The reply ends when it is kept: the next request may come to another event loop.
 */
export async function remembered(call: AiCall, reply: Reply): Promise<Reply> {
  const { ai, exchange, asked, runtime, turn = [] } = call
  const owner = ownerOf(exchange)
  const { account } = ai
  const { places, responses } = runtime.kept.memory
  const keep = async (response: JsonObject): Promise<void> => {
    if (ai.translated) return remember(responses, owner, asked.json, turn, response)
    if (typeof response.id !== 'string') return
    if (asked.stream && response.background === true) call.underWay = response.id
    await places.remember(owner, response.id, account)
    await rememberOwed(call, response.id)
  }
  if (asked.stream && !Buffer.isBuffer(reply.body)) {
    return { ...reply, body: new Watched(reply.body, ai.translated ? finalResponse : begun, keep) }
  }
  const raw = await collect(reply.body, call.options.answerBytes, 'GW_UPSTREAM_BODY_TOO_LARGE')
  if (!asked.stream) {
    const body: unknown = JSON.parse(raw.toString())
    if (isObject(body)) await keep(body)
  } else
    for (const frame of sse.reader().feed(raw)) {
      const response = ai.translated ? finalResponse(frame) : begun(frame)
      if (response !== undefined) await keep(response)
    }
  return { ...reply, body: raw }
}

/** Keeps what is to be booked for a response that is made in the background. */
export async function rememberOwed({ owed, exchange, runtime }: AiCall, id: string): Promise<void> {
  if (owed !== undefined)
    await runtime.kept.memory.places.remember(ownerOf(exchange), owedFor(id), JSON.stringify(owed))
}

/** The name under which it is kept what is to be booked for a response. */
export function owedFor(id: string): string {
  return `${id} owed`
}

/** A stream of which somebody wants the response that is in it: the last event has all of it, the first its id. */
export class Watched implements BodySource {
  readonly length = undefined
  private readonly frames = sse.reader()
  /** Resolves when the response is kept; undefined: it has not come. */
  private kept: Promise<void> | undefined

  constructor(
    private readonly source: BodySource,
    private readonly responseIn: (frame: Frame) => JsonObject | undefined,
    private readonly keep: (response: JsonObject) => Promise<void>
  ) {}

  takeWhole(): undefined {
    return undefined
  }

  pipe(sink: BodySink): void {
    const end = (): void => sink.end()
    this.source.pipe({
      write: piece => {
        if (this.kept === undefined) for (const frame of this.frames.feed(piece)) this.look(frame)
        return sink.write(piece)
      },
      end: () => void Promise.resolve(this.kept).then(end, end),
      fail: error => sink.fail(error)
    })
  }

  resume(): void {
    this.source.resume()
  }

  cancel(): void {
    this.source.cancel()
  }

  private look(frame: Frame): void {
    if (this.kept !== undefined) return
    const response = this.responseIn(frame)
    if (response === undefined) return
    this.kept = this.keep(response)
  }
}

function begun({ event, data }: Frame): JsonObject | undefined {
  if (event !== 'response.created') return undefined
  const value: unknown = JSON.parse(data)
  return isObject(value) && isObject(value.response) ? value.response : undefined
}
