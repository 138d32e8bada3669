import type { Buffer } from 'node:buffer'

/** RFC 6455 §7.4.1 and IANA's registry: why a WebSocket ends, as far as Sluice says so itself. */
export const CLOSE = {
  goingAway: 1001,
  protocolError: 1002,
  /** Never on the wire: the close frame had no code. */
  noCode: 1005,
  /** Never on the wire: the connection ended without a close frame. */
  broken: 1006,
  badText: 1007,
  tooLarge: 1009,
  tryLater: 1013,
  badGateway: 1014
} as const

/** Hears what arrives over a WebSocket. Buffers are the listener's to keep. */
export interface SocketListener {
  message(data: Buffer, binary: boolean): void
  ping(data: Buffer): void
  pong(data: Buffer): void
  /** What was sent went out, some of it or all. */
  drained(): void
  /**
   * Once, at the end.
   * @param code - of the close frame; 1005: it had none; 1006: there was no frame
   * @param fault - this side broke the rules, and the code says how
   */
  closed(code: number, reason: string, fault: boolean): void
}

/** One end of a WebSocket that is relayed: of the client, or of an upstream. */
export interface MessageSocket {
  /** Whatever arrives goes to `listener`; before, nothing is read. Called once. */
  start(listener: SocketListener): void
  send(data: Buffer, binary: boolean): void
  ping(data: Buffer): void
  pong(data: Buffer): void
  /** Bytes that were sent and are not out yet. */
  readonly buffered: number
  /** Stops reading. A few messages may still come. */
  pause(): void
  resume(): void
  /** Sends a close frame, behind all that was sent; `closed` tells when it is over. */
  close(code: number, reason: string): void
  /** Ends the connection at once. */
  terminate(): void
}

/** What goes over a relayed WebSocket: counted while it goes. */
export interface SocketCounts {
  messagesIn: number
  messagesOut: number
  /** Bytes of messages, without frames. */
  bytesIn: number
  bytesOut: number
}

export interface SocketLimits {
  /** Bytes of one message, in either direction. */
  readonly messageBytes: number
  /** Milliseconds without a message, ping or pong from either side. */
  readonly idleMs: number
  /** Milliseconds; undefined: no end. */
  readonly lifetimeMs: number | undefined
}

/** An upstream has switched to WebSocket. */
export interface SocketUpgrade {
  readonly kind: 'websocket'
  readonly socket: MessageSocket
  /** The subprotocol the upstream chose; empty: none. */
  readonly protocol: string
  readonly limits: SocketLimits
  /** Of this socket alone. */
  readonly counts: SocketCounts
  /** Of its route, over all sockets; undefined: nobody asks. */
  readonly total: (SocketCounts & { open: number }) | undefined
  /** Nobody wants it: the upstream's connection ends. */
  cancel(): void
}

/** What a client said in its opening handshake (RFC 6455 §4.1). */
export interface Handshake {
  /** Sec-WebSocket-Protocol as it came; empty: none. */
  readonly protocols: string
  readonly version: string
  readonly key: string
}

/** How a relayed WebSocket ended, for the access line. */
export interface SocketEnd extends SocketCounts {
  readonly code: number
  readonly reason: string
  readonly by: 'client' | 'upstream' | 'gateway'
}
