import type { Socket } from 'node:net'

/** The TCP connection below everything a client speaks, as seen from what is written to it. */
export class Link {
  constructor(private readonly socket: Socket) {}

  /** Bytes that the system does not take, since the client does not. */
  get queued(): number {
    return this.handle('writeQueueSize')
  }

  /** Bytes that the system took so far: with TLS and HTTP/2, more than the replies have. */
  get taken(): number {
    return this.handle('bytesWritten') - this.queued
  }

  /** Everything on it ends. */
  destroy(): void {
    this.socket.destroy()
  }

  /**
   * Node's own timeouts of sockets look there for progress. What a socket says itself counts whole writes: one may be a body of
   * megabytes, and below TLS or HTTP/2 it does not count at all.
   */
  private handle(what: 'writeQueueSize' | 'bytesWritten'): number {
    const { socket } = this
    const handle: unknown = '_handle' in socket ? socket._handle : undefined
    if (typeof handle !== 'object' || handle === null) return 0 // it is closed
    const found: unknown = Reflect.get(handle, what)
    return typeof found === 'number' ? found : 0
  }
}
