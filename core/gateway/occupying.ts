import type { Buffer } from 'node:buffer'
import type { BodySink, BodySource } from '../base/body.js'
import type { Held } from './exchange.js'

/** The body of a reply that nobody's exchange waits for: what the call occupies is free when the body is over. */
export class Occupying implements BodySource {
  constructor(
    private readonly source: BodySource,
    private held: Held | undefined
  ) {}

  get length(): number | undefined {
    return this.source.length
  }

  get delimited(): boolean | undefined {
    return this.source.delimited
  }

  takeWhole(): Buffer | undefined {
    const whole = this.source.takeWhole()
    if (whole !== undefined) this.over()
    return whole
  }

  pipe(sink: BodySink): void {
    this.source.pipe({
      write: chunk => sink.write(chunk),
      end: () => {
        this.over()
        sink.end()
      },
      fail: error => {
        this.over()
        sink.fail(error)
      }
    })
  }

  resume(): void {
    this.source.resume()
  }

  cancel(): void {
    this.over()
    this.source.cancel()
  }

  private over(): void {
    this.held?.done()
    this.held = undefined
  }
}
