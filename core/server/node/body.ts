import type { Buffer } from 'node:buffer'
import type { Readable } from 'node:stream'
import { ArrivingBody } from '../arriving-body.js'
import type { Uploads } from '../uploads.js'

/** The body of a request as a stream of Node delivers it. */
export class StreamBody extends ArrivingBody {
  constructor(
    private readonly stream: Readable,
    length: number | undefined,
    limit: number,
    uploads: Uploads
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

  protected hold(): void {
    this.stream.pause()
  }

  protected letGo(): void {
    this.stream.resume()
  }

  private receive(chunk: Buffer): void {
    if (!this.released && this.count(chunk.length)) this.take(chunk)
  }
}
