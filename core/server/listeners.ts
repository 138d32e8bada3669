import { setImmediate } from 'node:timers/promises'
import { type ListenConfig, placeOf, servedByUws } from '../config/resolve-listen.js'
import { readListenTls } from '../config/tls-files.js'
import type { Snapshot } from '../gateway/snapshot.js'
import { alone, type Entry, type Together } from './entry.js'
import { Listener } from './listener.js'
import { NodeListener } from './node/listener.js'
import { UwsTlsEntry } from './uws-tls.js'

/** Every open port of a configuration, each served by the kind of listener that can do what is asked of it. */
export class Listeners {
  draining = false
  private drained: Promise<number> | undefined

  private constructor(
    private readonly entries: readonly OpenEntry[],
    private readonly together: Together
  ) {}

  /**
   * Opens the ports, all or none.
   * @throws GatewayError GW_LISTEN_FAILED
   */
  static async open(
    snapshot: Snapshot,
    listen: readonly ListenConfig[],
    given: Partial<Together> = {}
  ): Promise<Listeners> {
    const together = { ...alone(), ...given }
    const open: OpenEntry[] = []
    try {
      for (const config of listen) open.push({ config, entry: await openEntry(snapshot, config, together) })
    } catch (thrown) {
      await Promise.all(open.map(({ entry }) => entry.drain(0)))
      throw thrown
    }
    return new Listeners(open, together)
  }

  /** In the order of the configuration. */
  get ports(): number[] {
    return this.entries.map(({ entry }) => entry.port)
  }

  /** As clients write them. */
  get urls(): string[] {
    return this.entries.map(({ config, entry }) => {
      const host = config.host.includes(':') ? `[${config.host}]` : config.host
      return `${config.tls === undefined ? 'http' : 'https'}://${host}:${entry.port}`
    })
  }

  /** Exchanges under way. */
  get active(): number {
    return this.entries.reduce((sum, { entry }) => sum + entry.active, 0)
  }

  /** Connections of clients that are open. */
  get connections(): number {
    return this.entries.reduce((sum, { entry }) => sum + entry.connections, 0)
  }

  /** What begins from now on is served by `snapshot`. @returns when nothing runs under the former one any more */
  async swap(snapshot: Snapshot): Promise<void> {
    await Promise.all(this.entries.map(({ entry }) => entry.swap(snapshot)))
  }

  /**
   * Reads the certificates of a configuration anew, for ports that are open and had TLS: all of them, or none when one
   * cannot be used. Connections that are open go on.
   * @returns the `listen` entries that need a restart instead: their port is not open, or is so in another way
   * @throws Error when certificates cannot be used
   */
  async reloadTls(listen: readonly ListenConfig[]): Promise<ListenConfig[]> {
    const pairs = listen.map(config => ({ config, open: this.entries.find(each => samePlace(each.config, config)) }))
    for (const { config } of pairs) if (config.tls !== undefined) readListenTls(config.tls)
    for (const { config, open } of pairs) if (config.tls !== undefined) await open?.entry.reloadTls(config.tls)
    return pairs.flatMap(({ config, open }) => (open === undefined ? [config] : []))
  }

  /** Connections begin to end, and all are still taken: replies say so, more and more of them. @param overMs - until `drain` */
  depart(overMs: number): void {
    this.together.departure.begin(overMs)
  }

  /** Happens once: uWebSockets.js does not survive to be closed twice. @returns how many exchanges had to be cut off */
  drain(deadlineMs: number): Promise<number> {
    this.draining = true
    this.drained ??= this.drainNow(deadlineMs)
    return this.drained
  }

  private async drainNow(deadlineMs: number): Promise<number> {
    if (this.together.departure.begun) await this.queueTaken()
    const left = await Promise.all(this.entries.map(({ entry }) => entry.drain(deadlineMs)))
    return left.reduce((sum, count) => sum + count, 0)
  }

  /** What the kernel has queued for a port that closes is reset. After two turns that took nothing there is next to nothing. */
  private async queueTaken(): Promise<void> {
    const { connections } = this.together
    let before = -1
    for (let turn = 0, without = 0; without < 2 && turn < MAX_TURNS; turn++) {
      without = connections.taken === before ? without + 1 : 0
      before = connections.taken
      await setImmediate()
    }
  }
}

/** Node takes one connection in a turn; they may keep coming. */
const MAX_TURNS = 128

interface OpenEntry {
  readonly config: ListenConfig
  readonly entry: Entry
}

async function openEntry(snapshot: Snapshot, config: ListenConfig, together: Together): Promise<Entry> {
  if (!servedByUws(config)) return NodeListener.open(snapshot, config, together)
  return config.tls === undefined
    ? plain(await Listener.open(snapshot, { host: config.host, port: config.port, ...together }))
    : UwsTlsEntry.open(snapshot, config, config.tls, together)
}

/** A listener without TLS has nothing to read anew. */
function plain(listener: Listener): Entry {
  return {
    port: listener.port,
    get active() {
      return listener.active
    },
    get connections() {
      return listener.connections
    },
    swap: snapshot => listener.swap(snapshot),
    reloadTls: async () => undefined,
    drain: deadlineMs => listener.drain(deadlineMs)
  }
}

/** Whether an open port can take on what `next` asks for: all but its certificates is as it was. */
function samePlace(open: ListenConfig, next: ListenConfig): boolean {
  return placeOf(open) === placeOf(next)
}
