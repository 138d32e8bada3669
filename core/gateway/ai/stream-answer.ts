import { Buffer } from 'node:buffer'
import { type Frame, type FrameWriter, type Framing, writerOf } from '../../ai/frames/frame.js'
import { OutputCut } from '../../ai/streams/output-cut.js'
import type { Passage, Watched } from '../../ai/streams/passage.js'
import { type FrameTurn, Passing, Turning } from '../../ai/streams/passing.js'
import { StreamRelay } from '../../ai/streams/relay.js'
import { StripUsage } from '../../ai/streams/strip-usage.js'
import { EventWatch, Translation } from '../../ai/streams/translate.js'
import { WrittenEnding } from '../../ai/streams/written-ending.js'
import { namingBack } from '../../ai/tool-names.js'
import { NO_USAGE, type Usage } from '../../ai/usage.js'
import { joined, wholeBody } from '../../base/body.js'
import type { HeaderList } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import type { AiCall } from './call.js'
import { after, editedSource, failedIn, inBytes, looksAtStreams, type StreamFrom } from './edited-stream.js'
import { countedUsage, dearerTier } from './estimate.js'
import { clientFraming, providerFraming } from './framing.js'
import type { Answer } from './outcome.js'
import type { Prepared } from './prepare.js'
import { AnswerRefused } from './refused.js'
import { rememberOwed } from './remember.js'
import { kept, passed } from './reply-headers.js'
import type { Target } from './runtime.js'
import { defer, settle } from './settle.js'
import { StreamEditor } from './stream-editor.js'
import { wishOf } from './wish.js'

/**
 * A provider's stream, once it has begun to answer; or what a policy answers in its place before.
 * @param askedAt - when the provider was asked, as performance.now() has it
 */
export async function streamAnswer(call: AiCall, prepared: Prepared, reply: Reply, askedAt: number): Promise<Answer> {
  const { ai, exchange, options } = call
  const { target } = prepared
  ai.stream = true // speech is asked for as one in another way
  const framing = clientFraming(ai)
  const writer = writerOf(framing)
  const passage = passageOf(call, prepared, framing, writer)
  const raw = Buffer.isBuffer(reply.body) ? wholeBody(reply.body) : reply.body
  const used = (): Usage => countedUsage(call, target.model, usedBy(call, target, said), () => said.text) ?? NO_USAGE
  // What is made in the background goes on whoever listens, and is booked when it is fetched.
  const answers = (): number => (call.underWay === undefined ? call.planned.answers : Number.POSITIVE_INFINITY)
  const editor = edits(call) ? new StreamEditor(call, target, { answers, used }) : undefined
  const source = editor === undefined ? raw : editedSource(call, raw, from(prepared), writer, editor)
  const said = editor?.came ?? passage.watch
  const ending = new Ending(call)
  const relay = new StreamRelay(source, passage, options.relay, framing.heartbeat, after, {
    first: () => {
      ai.firstMs = performance.now() - exchange.startedAt
      target.answered(performance.now() - askedAt)
      call.runtime.meter?.first(ai.account, call.runtime.label(call.model), performance.now() - askedAt)
    },
    tap: piece => cut?.see(piece),
    end: (end, error) => {
      if (error !== undefined && end === 'failed') exchange.error = error
      if (end === 'cut') ai.cut = true
      const { watch } = passage
      const { failure, model, supposed = false } = watch
      ai.endSupposed = supposed
      if (failure !== undefined) ai.failure = failure
      if (model !== '') ai.answeredBy = model
      if (call.underWay !== undefined && !watch.ended) leaveUnderWay(call, call.underWay)
      else settle(call, target, usedBy(call, target, said), () => said.text)
      ending.over()
    }
  })
  const cut = cutOf(call, framing, relay, used)
  try {
    const failure = await relay.open()
    if (failure !== undefined) {
      const told = prepared.dialect.toldAsAnswer?.(failure) === true
      const own = told && prepared.same && editor === undefined
      const body = own ? joined([relay.held, writer.end()]) : undefined
      const headers = body && headersOf(prepared, reply, framing)
      return { failure, reply: headers && { status: 200, headers, body }, used: told ? said.usage : undefined }
    }
  } catch (thrown) {
    if (!(thrown instanceof AnswerRefused)) throw thrown
    target.answered(performance.now() - askedAt)
    return { failure: undefined, reply: thrown.reply }
  }
  if (editor?.withoutLogprobs === true) ai.dropped = [...ai.dropped, 'logprobs']
  exchange.call = {
    cancel: () => {
      ending.detach()
      relay.leave()
    }
  }
  return { failure: undefined, reply: { status: 200, headers: headersOf(prepared, reply, framing), body: relay } }
}

/** Ends the answer where the budgets end; undefined: there is no end in sight. */
function cutOf(call: AiCall, framing: Framing, relay: StreamRelay, used: () => Usage): OutputCut | undefined {
  const { ai, booking } = call
  if (booking === undefined || !Number.isFinite(booking.cutAt) || ai.endpoint.operation !== 'chat') return undefined
  const wish = wishOf(call)
  const { chat } = ai.dialect
  const ending = chat.streamEnding?.(wish) ?? new WrittenEnding(chat.streamReader(), chat.streamWriter(wish))
  return new OutputCut(framing, ending, booking, used, last => relay.cut(last))
}

/** A response that is made in the background goes on at its provider, whoever still reads: it is booked when it is fetched. */
function leaveUnderWay(call: AiCall, id: string): void {
  defer(call)
  call.snapshot.background.add(rememberOwed(call, id).catch(() => undefined))
}

/** What a provider said before its end is what it had used by then: of an answer that broke off, it is not all. */
function usedBy(call: AiCall, { model }: Target, watch: Watched): Usage | undefined {
  const { usage, ended } = watch
  if (ended || usage === undefined) return usage
  const known: Usage = { ...usage, source: 'estimated', tier: usage.tier ?? dearerTier(call) }
  const output = call.runtime.textTokens(model, [watch.text])
  // A price of its own that it said by then is one of less.
  return output > usage.output ? { ...known, output, providerMicroDollars: undefined } : known
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

function passageOf(call: AiCall, prepared: Prepared, framing: Framing, writer: FrameWriter): Passage {
  const { ai } = call
  const { dialect, same, injected, names } = prepared
  const wish = wishOf(call)
  const from = providerFraming(prepared)
  if (edits(call)) {
    const watch = ai.dialect.streamWatch()
    return new Passing(watch, framing.reader(), inBytes(failedIn(call, watch), writer), framing.close)
  }
  if (!same) {
    const watch = new EventWatch()
    const turn = new Translation(
      namingBack(dialect.chat.streamReader(), names),
      ai.dialect.chat.streamWriter(wish),
      watch
    )
    return new Turning(watch, from.reader(), turn, writer, failedIn(call))
  }
  const watch = dialect.streamWatch(ai.endpoint.operation)
  const failed = failedIn(call, watch)
  if (injected) return new StripUsage(watch, inBytes(failed, writer)) // those who have to be asked for usage stream server-sent events
  if (from !== framing) return new Turning(watch, from.reader(), new Reframing(watch), writer, failed)
  return new Passing(watch, from.reader(), inBytes(failed, writer), framing.close)
}

/** Whether policies look at this stream: one that goes to others too is looked at as each of them gets it. */
function edits(call: AiCall): boolean {
  return !call.shared && looksAtStreams(call)
}

function from(prepared: Prepared): StreamFrom {
  const { dialect, same, names } = prepared
  return { framing: providerFraming(prepared), reader: namingBack(dialect.chat.streamReader(same), names), same }
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
