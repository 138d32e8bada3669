import type { ClientHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'

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
  /** What had come when the last stream began, bytes; and since when nothing more has. */
  private heard = 0
  private silentSince = performance.now()
  private deadline: NodeJS.Timeout | undefined

  /** @param silentMs - a connection that sends nothing for so long, though it was asked to, is dead */
  constructor(
    readonly session: ClientHttp2Session,
    private readonly socket: Socket,
    private readonly silentMs: number
  ) {
    socket.once('close', () => clearTimeout(this.deadline))
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
    const { bytesRead } = this.socket
    const now = performance.now()
    if (bytesRead === this.heard) {
      if (now - this.silentSince > this.silentMs) this.ask()
      return
    }
    this.heard = bytesRead
    this.silentSince = now
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

  /** A stream had no answer in time. Whether that is the stream's doing or the connection's is not known: no other is to find out. */
  doubt(): void {
    this.retire()
    this.ask()
  }

  /** Asks for a sign of life. When there is none in time, its streams need not wait any longer. */
  private ask(): void {
    const { session, socket } = this
    if (this.deadline !== undefined || socket.destroyed) return
    if (session.closed && !session.destroyed) return // Node sends no PING then
    const { bytesRead } = socket
    if (!session.destroyed) session.ping(() => undefined)
    // What came while we were late ourselves is read before it is looked at.
    this.deadline = setTimeout(() => setImmediate(() => this.judge(bytesRead)), this.silentMs)
  }

  private judge(bytesRead: number): void {
    this.deadline = undefined
    if (this.socket.bytesRead > bytesRead) return
    this.session.destroy(Object.assign(new Error('the connection is dead'), { code: 'SLUICE_BROKEN_OFF' }))
    this.socket.destroy()
  }

  /** Not before: what says so to the server overtakes requests that wait to be written, and those would come to nothing. */
  private closeWhenEmpty(): void {
    if (this.retired && this.streams === 0) this.session.close()
  }
}
