import type { ListenTls } from '../config/resolve-listen.js'
import type { Snapshot } from '../gateway/snapshot.js'
import { Departure } from './departure.js'
import { OpenConnections } from './open-connections.js'

/** Why a connection was refused before HTTP. */
export type Refusal = 'certificate' | 'proxy-header' | 'tls' | 'too-many'

/** Told of each connection that was refused before HTTP. */
export type OnRefused = (kind: Refusal, peer: string, reason: string) => void

/** What all open ports have in common. */
export interface Together {
  readonly onRefused: OnRefused
  /** Other event loops of this process listen on the ports too: the kernel gives each its share of the connections. */
  readonly shared: boolean
  /** Connections that are open at all of them, and in the other event loops. */
  readonly connections: OpenConnections
  /** The time before they are closed. */
  readonly departure: Departure
}

/** Of a port that is alone in its process. */
export function alone(): Together {
  return { onRefused: () => undefined, shared: false, connections: new OpenConnections(), departure: new Departure() }
}

/** One open port, whichever kind of listener serves it. */
export interface Entry {
  /** The port that was opened. */
  readonly port: number
  /** Exchanges under way. */
  readonly active: number
  /** Connections of clients that are open. */
  readonly connections: number
  /** What begins from now on is served by `snapshot`. @returns when nothing runs under the former one any more */
  swap(snapshot: Snapshot): Promise<void>
  /**
   * Reads the certificates anew; connections that are open stay as they are.
   * @throws Error when they cannot be used; the old ones serve on
   */
  reloadTls(tls: ListenTls): Promise<void>
  /**
   * Stops accepting, lets what runs finish, ends the rest at the deadline. After a departure, requests that are on their way are
   * waited for a moment.
   * @returns how many exchanges had to be cut off
   */
  drain(deadlineMs: number): Promise<number>
}
