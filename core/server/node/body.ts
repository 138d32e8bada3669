import type { Buffer } from 'node:buffer'
import type { Readable } from 'node:stream'
import type { BodySink } from '../../base/body.js'
import { ArrivingBody } from '../arriving-body.js'
import type { Ticks } from '../ticks.js'

/** The body of a request as a stream of Node delivers it. */
export class StreamBody extends ArrivingBody {
  /** @param goOn - tells a client that waits for it to send the body; left out: it does not wait */
  constructor(
    private readonly stream: Readable,
    length: number | undefined,
    limit: number,
    uploads: Ticks,
    private goOn?: (() => void) | undefined
  ) {
    super(length, limit, uploads)
    stream.on('data', (chunk: Buffer) => this.receive(chunk))
    stream.on('end', () => {
      this.last()
      this.finish()
    })
    stream.on('close', () => this.abort())
    stream.on('error', () => this.abort())
  }

  /** Its client was not told to send it, and has not begun to. */
  get unasked(): boolean {
    return this.goOn !== undefined
  }

  /** Only who takes the body has a use for it: what is refused before that is refused without it (RFC 9110 §10.1.1). */
  override pipe(sink: BodySink): void {
    const { goOn } = this
    this.goOn = undefined
    if (!this.released) goOn?.()
    super.pipe(sink)
  }

  /** A client that waits for us is not quiet. */
  override tick(maxQuiet: number, tickMs: number): void {
    if (!this.unasked) super.tick(maxQuiet, tickMs)
  }

  protected hold(): void {
    this.stream.pause()
  }

  protected letGo(): void {
    this.stream.resume()
  }

  private receive(chunk: Buffer): void {
    this.goOn = undefined
    if (!this.released && this.count(chunk.length)) this.take(chunk)
  }
}
