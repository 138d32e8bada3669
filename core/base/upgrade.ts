import type { Socket } from 'node:net'
import { allValues, type HeaderList, isToken } from './headers.js'
import type { SocketUpgrade } from './websocket.js'

/** What passes through a tunnel: counted while it does. */
export interface TunnelCounts {
  bytesIn: number
  bytesOut: number
}

/** Which protocols a route lets a connection leave HTTP for, and how long. */
export interface UpgradeRules {
  /** In lower case; name and version are one text, as in "spdy/3.1". */
  readonly protocols: ReadonlySet<string>
  /** Milliseconds without a byte from either side. */
  readonly idleMs: number
  /** Milliseconds; undefined: no end. */
  readonly lifetimeMs: number | undefined
}

/** An upstream has switched to a protocol that Sluice does not speak: bytes are all there is. */
export interface TunnelUpgrade {
  readonly kind: 'tunnel'
  /** The upstream's end. What came behind the head of its reply is in it. */
  readonly socket: Socket
  /** As the upstream wrote it. */
  readonly protocol: string
  readonly limits: Omit<UpgradeRules, 'protocols'>
  /** Of this tunnel alone. */
  readonly counts: TunnelCounts
  /** Of its route, over all tunnels; undefined: nobody asks. */
  readonly total: (TunnelCounts & { open: number }) | undefined
  /** Nobody wants it: the upstream's connection ends. */
  cancel(): void
}

/** What a connection becomes: what a reply of status 101 carries. */
export type Upgraded = SocketUpgrade | TunnelUpgrade

/** How a tunnel ended, for the access line. */
export interface TunnelEnd extends TunnelCounts {
  readonly protocol: string
  /** Who was the first to end its side, or the gateway when it ended both. */
  readonly by: 'client' | 'upstream' | 'gateway'
  /** Why the gateway did; empty: it did not. */
  readonly reason: string
}

/** Whether `text` may be the name of a protocol in an Upgrade header: a token, and maybe another as its version (RFC 9110 §7.8). */
export function isProtocol(text: string): boolean {
  const parts = text.split('/')
  return parts.length <= 2 && parts.every(isToken)
}

/** Those that are to be had otherwise, if at all: WebSockets are relayed, and HTTP/2 needs no upgrade. */
export const NOT_TUNNELLED: ReadonlySet<string> = new Set(['websocket', 'h2c'])

/** The protocols that a request offers to go on with, and that a tunnel could carry, as its client wrote them. */
export function offeredProtocols(headers: HeaderList): string[] {
  return allValues(headers, 'upgrade')
    .split(',')
    .map(each => each.trim())
    .filter(each => isProtocol(each) && !NOT_TUNNELLED.has(each.toLowerCase()))
}
