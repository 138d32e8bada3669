import type { ListenTls } from '../config/resolve-listen.js'
import type { Snapshot } from '../gateway/snapshot.js'

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
   * Stops accepting, lets what runs finish, ends the rest at the deadline.
   * @returns how many exchanges had to be cut off
   */
  drain(deadlineMs: number): Promise<number>
}
