import { Buffer } from 'node:buffer'
import type { BodySource } from '../base/body.js'
import { GatewayError } from '../base/errors.js'
import { CLOCK, type Clock } from '../upstream/clock.js'
import { type Shared, SharedReader } from './shared-reader.js'

/** What a body that is not kept may be ahead of its slowest reader, bytes. */
export const WINDOW_BYTES = 262_144
/** How long a reader may hold up others before it is cut off, milliseconds. */
export const LAG_MS = 5_000

export interface SharedBodyHooks {
  /** Looks at each piece as it comes, as long as the body is kept. @returns whether there is room to keep it; false: nothing is kept from here on */
  piece(chunk: Buffer): boolean
  /** Once: the body is here, whole. @param whole - undefined when it was not kept */
  complete(whole: Buffer | undefined): void
  /** Once: it broke off, or nobody wanted the rest. */
  failed(): void
}

/**
 * One body on its way to several readers at once. While it is kept, it is read as fast as it comes, every reader takes it at its own pace,
 * and one more may join at any time. Once it is too large for that, nothing is kept but what the slowest reader still needs: then it
 * pauses the source, and when it holds up another reader for longer than a moment, it is cut off.
 */
export class SharedBody implements Shared {
  /** Bytes that came so far. */
  size = 0
  private chunks: Buffer[] = []
  /** How many chunks were given up before the first of `chunks`. */
  private dropped = 0
  private held = 0
  private keeping = true
  private ended = false
  private error: GatewayError | undefined
  private paused = false
  private stopLagTimer: (() => void) | undefined
  /** All of it, once it is here and was kept. */
  private compacted: Buffer | undefined
  private readonly readers = new Set<SharedReader>()

  constructor(
    private readonly source: BodySource,
    private readonly hooks: SharedBodyHooks,
    private readonly clock: Clock = CLOCK,
    private readonly lagMs = LAG_MS
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

  get length(): number | undefined {
    return this.source.length ?? (this.ended ? this.size : undefined)
  }

  /** Whether a reader may still join: nothing is lost yet. */
  get joinable(): boolean {
    return this.dropped === 0 && this.error === undefined
  }

  /** Whether it is still kept, whole. */
  get kept(): boolean {
    return this.keeping
  }

  /** @param left - called once, when this reader is done or gone */
  reader(left: () => void): BodySource {
    const reader = new SharedReader(this, left)
    this.readers.add(reader)
    return reader
  }

  /** Nobody wants it any more. */
  cancel(): void {
    if (this.ended || this.error !== undefined) return
    this.fail(new GatewayError('GW_CLIENT_GONE', 'nobody waits for this reply any more'))
    this.source.cancel()
  }

  chunk(position: number): Buffer | undefined {
    return this.chunks[position - this.dropped]
  }

  get outcome(): 'ended' | GatewayError | undefined {
    return this.error ?? (this.ended ? 'ended' : undefined)
  }

  get whole(): Buffer | undefined {
    return this.compacted
  }

  moved(): void {
    if (this.keeping) return
    this.trim()
    if (!this.paused || this.held >= WINDOW_BYTES) return
    this.paused = false
    this.endLag()
    this.source.resume()
  }

  leave(reader: SharedReader): void {
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
    if (this.ended || this.error !== undefined) return
    this.ended = true
    this.endLag()
    if (this.keeping) this.compacted = this.compact()
    this.hooks.complete(this.compacted)
    for (const reader of this.readers) reader.flush()
  }

  private fail(error: GatewayError): void {
    if (this.ended || this.error !== undefined) return
    this.error = error
    this.endLag()
    this.hooks.failed()
    for (const reader of this.readers) reader.flush()
  }

  /** One buffer for what is stored and for those who still read: the chunks they had are given back. */
  private compact(): Buffer {
    const whole = ownBuffer(this.chunks, this.size)
    let at = 0
    this.chunks = this.chunks.map(chunk => {
      const from = at
      at += chunk.length
      return whole.subarray(from, at)
    })
    return whole
  }

  private trim(): void {
    if (this.readers.size === 0) return // those who waited for the head are about to join
    let slowest = Number.POSITIVE_INFINITY
    for (const { position } of this.readers) slowest = Math.min(slowest, position)
    while (this.chunks.length > 0 && this.dropped < slowest) {
      this.held -= this.chunks.shift()?.length ?? 0
      this.dropped++
    }
  }

  private watchLaggards(): void {
    this.endLag()
    this.stopLagTimer = this.clock.after(this.lagMs, () => this.cutLaggards())
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

/** A buffer of its own: one from Node's pool would keep eight KiB for each small body. */
function ownBuffer(chunks: readonly Buffer[], bytes: number): Buffer {
  const whole = Buffer.allocUnsafeSlow(bytes)
  let at = 0
  for (const chunk of chunks) at += chunk.copy(whole, at)
  return whole
}
