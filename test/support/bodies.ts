import { Buffer } from 'node:buffer'
import type { BodySink, BodySource } from '../../core/base/body.js'
import type { GatewayError } from '../../core/base/errors.js'

/** A body that comes when the test says so. */
export class Source implements BodySource {
  length: number | undefined
  cancelled = false
  resumed = 0
  sink: BodySink | undefined
  takeWhole(): undefined {}
  pipe(sink: BodySink): void {
    this.sink = sink
  }
  resume(): void {
    this.resumed++
  }
  cancel(): void {
    this.cancelled = true
  }
}

/** A client that takes what it is given, until it is full. */
export class Taker {
  text = ''
  end: string | undefined
  full = false
  readonly sink: BodySink = {
    write: chunk => {
      this.text += chunk.toString()
      return !this.full
    },
    end: () => {
      this.end = 'ended'
    },
    fail: (error: GatewayError) => {
      this.end = error.code
    }
  }

  static of(body: Buffer | BodySource): Taker {
    const taker = new Taker()
    if (Buffer.isBuffer(body)) {
      taker.text = body.toString()
      taker.end = 'ended'
    } else body.pipe(taker.sink)
    return taker
  }
}
