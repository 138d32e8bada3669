import { Buffer } from 'node:buffer'
import type { ProviderFailure } from '../../ai/failure.js'
import type { Frame, Framing } from '../../ai/frames/frame.js'
import type { Passage } from '../../ai/streams/passage.js'
import { type FrameTurn, Passing, Turning } from '../../ai/streams/passing.js'
import { type After, StreamRelay } from '../../ai/streams/relay.js'
import { StripUsage } from '../../ai/streams/strip-usage.js'
import { EventWatch, Translation } from '../../ai/streams/translate.js'
import { wholeBody } from '../../base/body.js'
import type { HeaderList } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { type Answer, kept, passed } from './answer.js'
import type { AiCall } from './call.js'
import { clientFraming, providerFraming } from './framing.js'
import { asksUsage, type Prepared } from './prepare.js'
import { settle } from './settle.js'

/** A provider's stream, once it has begun to answer. */
export async function streamAnswer(call: AiCall, prepared: Prepared, reply: Reply): Promise<Answer> {
  const { ai, exchange, options } = call
  const { target } = prepared
  const framing = clientFraming(ai)
  const passage = passageOf(call, prepared, framing)
  const source = Buffer.isBuffer(reply.body) ? wholeBody(reply.body) : reply.body
  const sent = performance.now()
  const ending = new Ending(call)
  const relay = new StreamRelay(source, passage, options.relay, framing.heartbeat, after, {
    first: () => {
      ai.firstMs = performance.now() - exchange.startedAt
      target.answered?.(performance.now() - sent)
    },
    end: (end, error) => {
      if (error !== undefined && end === 'failed') exchange.error = error
      const { failure, usage, text, model } = passage.watch
      if (failure !== undefined) ai.failure = failure
      if (model !== '') ai.answeredBy = model
      settle(call, target, usage, text)
      ending.over()
    }
  })
  const failure = await relay.open()
  if (failure !== undefined) return { failure, reply: undefined }
  exchange.call = {
    cancel: () => {
      ending.detach()
      relay.leave()
    }
  }
  return { failure: undefined, reply: { status: 200, headers: headersOf(prepared, reply, framing), body: relay } }
}

/**
 * What an exchange occupies is let go of when it is over. Where its provider is listened to for longer than the client stays, that is
 * later, and an orderly end of the gateway waits for it.
 */
class Ending {
  private isOver = false
  private onOver: (() => void) | undefined

  constructor(private readonly call: AiCall) {}

  /** The client is gone. */
  detach(): void {
    const { exchange, snapshot, options } = this.call
    if (this.isOver || options.relay.drainMs === 0) return
    const { held } = exchange
    exchange.held = undefined
    const drained = new Promise<void>(resolve => {
      this.onOver = () => {
        held?.done()
        resolve()
      }
    })
    snapshot.background.add(drained)
  }

  over(): void {
    this.isOver = true
    this.onOver?.()
  }
}

function headersOf({ same }: Prepared, reply: Reply, framing: Framing): HeaderList {
  if (!same) return ['content-type', framing.contentType, 'cache-control', 'no-cache', ...kept(reply.headers)]
  const { headers } = passed(reply)
  const at = headers.indexOf('content-type')
  if (at % 2 === 0 && headers[at + 1]?.startsWith(framing.contentType) === true) return headers
  return ['content-type', framing.contentType, ...headers.filter((_, i) => headers[i - (i % 2)] !== 'content-type')]
}

function passageOf(call: AiCall, prepared: Prepared, framing: Framing): Passage {
  const { ai, asked } = call
  const { dialect, same, injected } = prepared
  const wish = { model: asked.model, includeUsage: asksUsage(asked.json), request: asked.json }
  const from = providerFraming(prepared)
  const failed = (failure: ProviderFailure): Buffer[] =>
    ai.dialect.chat.streamWriter(wish).write({ type: 'failure', failure }).map(framing.write)
  if (!same) {
    const watch = new EventWatch()
    const turn = new Translation(dialect.chat.streamReader(), ai.dialect.chat.streamWriter(wish), watch)
    return new Turning(watch, from.reader(), turn, framing.write, failed)
  }
  const watch = dialect.streamWatch()
  if (injected) return new Turning(watch, from.reader(), new StripUsage(watch), framing.write, failed)
  if (from !== framing) return new Turning(watch, from.reader(), new Reframing(watch), framing.write, failed)
  return new Passing(watch, from.reader(), failed)
}

/** The same frames in other bytes. */
class Reframing implements FrameTurn {
  constructor(private readonly watch: { frame(frame: Frame): void }) {}

  frame(frame: Frame): readonly Frame[] {
    this.watch.frame(frame)
    return [frame]
  }

  end(): readonly Frame[] {
    return []
  }
}

const after: After = (ms, run) => {
  const timer = setTimeout(run, ms)
  timer.unref()
  return () => clearTimeout(timer)
}
