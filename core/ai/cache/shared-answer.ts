import { Buffer } from 'node:buffer'
import type { BodySource } from '../../base/body.js'
import { GatewayError } from '../../base/errors.js'
import type { Clock } from '../../upstream/clock.js'
import { AnswerReader, type Shared } from './answer-reader.js'

/** What an answer that is not kept may be ahead of its slowest reader, bytes. */
export const WINDOW_BYTES = 262_144
/** How long a reader may hold up others before it is cut off, milliseconds. */
export const LAG_MS = 5_000

export interface SharedAnswerHooks {
  /** Looks at each piece as it comes. @returns whether there is room to keep it; false: nothing is kept from here on */
  piece(chunk: Buffer): boolean
  /** Once: it is here. @param whole - undefined when it was not kept */
  complete(whole: Buffer | undefined): void
  /** Once: it broke off, or nobody wanted the rest. */
  failed(): void
}

/**
 * One answer on its way to several clients at once. While it is kept, it is read as fast as it comes, every reader takes it at its own
 * pace, and one more may join at any time and gets what came before. Once it is too large for that, only what the slowest reader still
 * needs is held: a reader that holds up another for longer than a moment is cut off.
 */
export class SharedAnswer implements Shared {
  private chunks: Buffer[] = []
  /** How many chunks were given up before the first of `chunks`. */
  private dropped = 0
  private size = 0
  private held = 0
  private keeping = true
  private ended = false
  private error: GatewayError | undefined
  private paused = false
  private stopLagTimer: (() => void) | undefined
  private readonly readers = new Set<AnswerReader>()

  constructor(
    private readonly source: BodySource,
    private readonly hooks: SharedAnswerHooks,
    private readonly clock: Clock
  ) {}

  /** Begins to read. Called once. */
  start(): void {
    const whole = this.source.takeWhole()
    if (whole !== undefined) {
      if (whole.length > 0) this.take(whole)
      this.end()
      return
    }
    this.source.pipe({ write: chunk => this.take(chunk), end: () => this.end(), fail: error => this.fail(error) })
  }

  /** Whether a reader may still join: nothing is lost yet. */
  get joinable(): boolean {
    return this.dropped === 0 && this.error === undefined
  }

  /** Whether it is still kept, whole. */
  get kept(): boolean {
    return this.keeping && this.error === undefined
  }

  get length(): number | undefined {
    return this.source.length ?? (this.ended ? this.size : undefined)
  }

  get outcome(): 'ended' | GatewayError | undefined {
    return this.error ?? (this.ended ? 'ended' : undefined)
  }

  /** @param left - called once, when this reader is done or gone */
  reader(left: () => void): BodySource {
    const reader = new AnswerReader(this, left)
    this.readers.add(reader)
    return reader
  }

  /** Nobody wants it any more. */
  cancel(): void {
    if (this.ended || this.error !== undefined) return
    this.fail(new GatewayError('GW_CLIENT_GONE', 'nobody waits for this answer any more'))
    this.source.cancel()
  }

  chunk(position: number): Buffer | undefined {
    return this.chunks[position - this.dropped]
  }

  moved(): void {
    if (this.keeping) return
    this.trim()
    if (!this.paused || this.held >= WINDOW_BYTES) return
    this.paused = false
    this.endLag()
    this.source.resume()
  }

  leave(reader: AnswerReader): void {
    if (this.readers.delete(reader)) this.moved()
  }

  private take(chunk: Buffer): boolean {
    if (this.error !== undefined) return false
    this.size += chunk.length
    this.held += chunk.length
    this.chunks.push(chunk)
    if (this.keeping && !this.hooks.piece(chunk)) this.keeping = false
    for (const reader of this.readers) reader.flush()
    if (this.keeping) return true
    this.trim()
    this.paused = this.held >= WINDOW_BYTES
    if (this.paused) this.watchLaggards()
    return !this.paused
  }

  private end(): void {
    if (this.error !== undefined || this.ended) return
    this.ended = true
    this.endLag()
    this.hooks.complete(this.keeping ? owned(this.chunks, this.size) : undefined)
    for (const reader of this.readers) reader.flush()
  }

  private fail(error: GatewayError): void {
    if (this.ended || this.error !== undefined) return
    this.error = error
    this.endLag()
    this.hooks.failed()
    for (const reader of this.readers) reader.flush()
  }

  private trim(): void {
    if (this.readers.size === 0) return
    let slowest = Number.POSITIVE_INFINITY
    for (const { position } of this.readers) slowest = Math.min(slowest, position)
    while (this.chunks.length > 0 && this.dropped < slowest) {
      this.held -= this.chunks.shift()?.length ?? 0
      this.dropped++
    }
  }

  private watchLaggards(): void {
    this.endLag()
    this.stopLagTimer = this.clock.after(LAG_MS, () => this.cutLaggards())
  }

  /** Only those that hold up somebody: one reader alone may be as slow as it likes. */
  private cutLaggards(): void {
    const end = this.dropped + this.chunks.length
    const readers = [...this.readers]
    // Told before the first is cut: from then on another is the slowest.
    const slowest = readers.filter(({ position }) => position === this.dropped)
    if (readers.some(({ position }) => position === end)) for (const reader of slowest) reader.cut()
    else this.watchLaggards()
  }

  private endLag(): void {
    this.stopLagTimer?.()
    this.stopLagTimer = undefined
  }
}

/** One buffer with memory of its own: a small one out of the common pool would keep all of that from being given back. */
function owned(chunks: readonly Buffer[], size: number): Buffer {
  const whole = Buffer.allocUnsafeSlow(size)
  let at = 0
  for (const chunk of chunks) at += chunk.copy(whole, at)
  return whole
}
