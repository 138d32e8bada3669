import type { Buffer } from 'node:buffer'
import { type BodySink, type BodySource, joined } from '../../base/body.js'
import { GatewayError, toGatewayError } from '../../base/errors.js'
import type { RelayLimits } from '../../config/resolve-ai-route.js'
import type { ProviderFailure } from '../failure.js'
import { failureOf } from '../failure-of.js'
import type { Passage } from './passage.js'

/** How a stream ended; `refused`: before it began, and not by the provider. */
export type RelayEnd = 'complete' | 'failed' | 'cut' | 'client-gone' | 'refused'

export interface RelayHooks {
  /** The first event of the answer is here. */
  first?(): void
  /** What goes to the client, and when that was all; `end` comes once, always. */
  tap?(piece: Buffer): void
  end(end: RelayEnd, error: GatewayError | undefined): void
}

/** After so and so many milliseconds. */
export type After = (ms: number, run: () => void) => Alarm

export interface Alarm {
  off(): void
  /** The time begins anew, also when it is over. */
  again(): void
}

/**
 * A provider's stream on its way to the client. It is held until the answer has begun, so that a failure before that can still be met by asking
 * another provider; after that it goes as fast as the client reads, and no faster.
 */
export class StreamRelay implements BodySource, BodySink {
  readonly length = undefined
  private state: 'held' | 'open' | 'over' = 'held'
  private waiting: Buffer[] = []
  private waitingBytes = 0
  private sink: BodySink | undefined
  private taken = 0
  private drainedFrom = -1
  private gone = false
  /** The client had no room for the last piece. */
  private full = false
  private sourceOver = false
  private settled = false
  private opened: ((failure: ProviderFailure | undefined) => void) | undefined
  private thwarted: ((error: GatewayError) => void) | undefined
  private readonly timers: Alarm[] = []
  private beat: Alarm | undefined
  private firstSeen = false
  private failure: GatewayError | undefined
  /** The client's connection says that the answer is not whole: nothing else can. */
  private cutWith: GatewayError | undefined

  constructor(
    private readonly source: BodySource,
    private readonly passage: Passage,
    private readonly limits: RelayLimits,
    private readonly heartbeat: Buffer | undefined,
    private readonly after: After,
    private readonly hooks: RelayHooks
  ) {}

  /**
   * Reads until the answer begins.
   * @returns why it does not; undefined: the stream may go to the client
   * @throws GatewayError that is not the provider's: a policy's, the client's, the gateway's own
   */
  open(): Promise<ProviderFailure | undefined> {
    const { maxMs, holdMs } = this.limits
    return new Promise((resolve, reject) => {
      this.opened = resolve
      this.thwarted = reject
      this.timers.push(
        this.after(holdMs, () => this.release()),
        this.after(maxMs, () => this.stop(`has gone on for ${maxMs} ms`))
      )
      this.source.pipe(this)
    })
  }

  /** What came of a stream that did not begin. */
  get held(): Buffer {
    return joined(this.waiting)
  }

  // What the provider sends.

  write(piece: Buffer): boolean {
    if (this.sourceOver || this.state === 'over') return false
    this.taken += piece.length
    if (this.gone) return this.drain(piece)
    const out: Buffer[] = []
    try {
      this.passage.piece(piece, out)
    } catch (thrown) {
      this.brokenAfter(out, thrown)
      return false
    }
    this.hand(out)
    this.look() // an answer that has begun goes out as far as it came, also where all of it comes at once
    if (this.taken > this.limits.maxBytes) {
      this.stop(`is larger than ${this.limits.maxBytes} bytes`)
      return false
    }
    // Once the answer has begun it is sent before more of it is read.
    return (
      !this.full && (this.sink !== undefined || (this.state === 'held' && this.waitingBytes <= this.limits.holdBytes))
    )
  }

  end(): void {
    if (this.sourceOver) return
    this.sourceOver = true
    if (this.state === 'over') return
    const out: Buffer[] = []
    try {
      this.passage.end(out)
    } catch (thrown) {
      this.brokenAfter(out, thrown)
      return
    }
    this.hand(out)
    this.look()
    const { watch } = this.passage
    if ((!watch.ended || this.saysNothing) && watch.failure === undefined) {
      this.broken(new GatewayError('GW_UPSTREAM_RESET', 'the stream of the provider ended before the answer did'))
      return
    }
    this.release()
    this.over(watch.failure === undefined ? 'complete' : 'failed')
  }

  fail(error: GatewayError): void {
    if (this.sourceOver) return
    this.sourceOver = true
    this.broken(error)
  }

  // What the client's side asks.

  takeWhole(): Buffer | undefined {
    return undefined
  }

  pipe(sink: BodySink): void {
    this.sink = sink
    this.flush()
    if (this.state === 'over') {
      this.endSink()
      return
    }
    this.startBeat()
    if (!this.sourceOver && !this.full) this.source.resume()
  }

  resume(): void {
    this.full = false
    if (!this.sourceOver) this.source.resume()
  }

  cancel(): void {
    this.leave()
  }

  /** The client is gone: nobody reads any more. The provider is told to stop, or listened to for what it used. */
  leave(): void {
    if (this.state === 'over' || this.gone) return
    const { drainMs } = this.limits
    if (drainMs === 0 || this.state === 'held') {
      this.dropSource()
      this.over('client-gone')
      return
    }
    this.gone = true
    this.sink = undefined
    this.waiting = []
    this.drainedFrom = this.taken
    this.timers.push(this.after(drainMs, () => this.giveUp()))
    this.source.resume()
  }

  /** Ends the answer where it is, with what the dialect says then. */
  cut(last: readonly Buffer[]): void {
    if (this.state === 'over') return
    this.hand(last)
    this.dropSource()
    this.release()
    this.over('cut')
  }

  /** What came together goes out together. */
  private hand(pieces: readonly Buffer[]): void {
    if (pieces.length === 0) return
    const piece = joined(pieces)
    if (piece.length === 0) return
    this.hooks.tap?.(piece)
    this.beat?.again()
    if (this.gone) return
    if (this.state === 'open' && this.sink !== undefined && this.waiting.length === 0) {
      this.full = !this.sink.write(piece)
    } else {
      this.waiting.push(piece)
      this.waitingBytes += piece.length
    }
  }

  /** Whether what has come decides what happens next. */
  private look(): void {
    const { watch } = this.passage
    if (watch.begun && !this.firstSeen) {
      this.firstSeen = true
      this.hooks.first?.()
    }
    if (this.state !== 'held') return
    const isWhole = watch.ended && !this.saysNothing
    if (watch.begun || isWhole || this.waitingBytes > this.limits.holdBytes) {
      if (watch.failure === undefined || watch.begun) this.release()
    }
    if (this.state === 'held' && watch.failure !== undefined) this.refuse(watch.failure)
  }

  /** The end of an answer is none where nothing was said before it, not even who says it. */
  private get saysNothing(): boolean {
    const { begun, model, usage } = this.passage.watch
    return !begun && model === '' && usage === undefined
  }

  private release(): void {
    if (this.state !== 'held') return
    this.state = 'open'
    this.opened?.(undefined)
    this.flush()
  }

  private refuse(failure: ProviderFailure, error?: GatewayError): void {
    this.state = 'over'
    this.failure = error
    this.settled = true
    this.clear()
    this.dropSource()
    this.opened?.(failure)
  }

  /** Another provider would be no help; and this one has answered, which counts. */
  private thwart(error: GatewayError): void {
    this.dropSource()
    this.failure = error
    this.over('refused')
    this.thwarted?.(error)
  }

  /** What came before the failure counts as if it had come alone. */
  private brokenAfter(out: readonly Buffer[], thrown: unknown): void {
    this.hand(out)
    this.look()
    this.broken(toGatewayError(thrown))
  }

  private broken(error: GatewayError): void {
    if (this.state === 'over') return
    if (this.state === 'held') {
      if (error.spec.blame === 'upstream') this.refuse(failureOf(error), error)
      else this.thwart(error)
      return
    }
    this.dropSource()
    this.failure = error
    if (error.code === 'GW_CLIENT_GONE' || this.gone) {
      this.over('client-gone')
      return
    }
    const last = this.passage.fail(failureOf(error))
    if (last === undefined) this.cutWith = error
    else this.hand(last)
    this.over('failed')
  }

  private stop(why: string): void {
    this.broken(new GatewayError('GW_AI_STREAM_LIMIT', `the stream of the provider ${why}`))
  }

  /** For the usage: it is in the last events. */
  private drain(piece: Buffer): boolean {
    try {
      this.passage.piece(piece, [])
    } catch {
      this.giveUp() // nobody is left to be told
      return false
    }
    if (this.taken - this.drainedFrom > this.limits.drainBytes) this.giveUp()
    return true
  }

  /** Nothing more is wanted of the provider. A source that is cancelled says that it failed: that is not why. */
  private dropSource(): void {
    if (this.sourceOver) return
    this.sourceOver = true
    this.source.cancel()
  }

  private giveUp(): void {
    if (this.state === 'over') return
    this.dropSource()
    this.over('client-gone')
  }

  private flush(): void {
    if (this.state === 'held' || this.sink === undefined || this.waiting.length === 0) return
    const piece = joined(this.waiting)
    this.waiting = []
    this.waitingBytes = 0
    this.full = !this.sink.write(piece)
  }

  private over(end: RelayEnd): void {
    this.state = 'over'
    this.clear()
    if (!this.settled) {
      this.settled = true
      this.hooks.end(this.gone && end === 'complete' ? 'client-gone' : end, this.failure)
    }
    this.endSink()
  }

  private endSink(): void {
    if (this.sink === undefined) return
    this.flush()
    const { sink } = this
    this.sink = undefined
    if (this.cutWith === undefined) sink.end()
    else sink.fail(this.cutWith)
  }

  private startBeat(): void {
    const { heartbeatMs } = this.limits
    const { heartbeat } = this
    if (heartbeatMs === 0 || heartbeat === undefined) return
    this.beat = this.after(heartbeatMs, () => {
      if (this.sink !== undefined && !this.full && this.passage.between) this.full = !this.sink.write(heartbeat)
      this.beat?.again()
    })
  }

  private clear(): void {
    for (const timer of this.timers) timer.off()
    this.beat?.off()
    this.beat = undefined
  }
}
