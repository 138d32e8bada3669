import type { ClientHttp2Session } from 'node:http2'

/** A connection without streams is closed after this. */
const IDLE_MS = 30_000
/** Streams of one connection, where the server allows more: a lost packet holds up all of them. */
const MAX_STREAMS = 100

/** One connection and its streams. */
export class Lane {
  /** The last stream that the server may have processed; known once it says that it goes (RFC 9113 §6.8). */
  lastId = Number.POSITIVE_INFINITY
  /** How many it has. */
  streams = 0
  private retired = false

  constructor(readonly session: ClientHttp2Session) {
    session.on('error', () => undefined) // its streams are told, each by itself
    session.on('goaway', (_, lastId) => {
      this.lastId = lastId
    })
    session.setTimeout(IDLE_MS, () => this.streams === 0 && session.close())
  }

  /** Whether it takes new streams. */
  get open(): boolean {
    return !this.retired && !this.session.closed && !this.session.destroyed
  }

  get hasRoom(): boolean {
    const { remoteSettings } = this.session
    return this.streams < Math.min(MAX_STREAMS, remoteSettings?.maxConcurrentStreams ?? MAX_STREAMS)
  }

  joined(): void {
    this.streams++
  }

  left(): void {
    this.streams--
    this.closeWhenEmpty()
  }

  /** It takes no new streams; those it has go on to their end. */
  retire(): void {
    this.retired = true
    this.closeWhenEmpty()
  }

  /** Not before: what says so to the server overtakes requests that wait to be written, and those would come to nothing. */
  private closeWhenEmpty(): void {
    if (this.retired && this.streams === 0) this.session.close()
  }
}
