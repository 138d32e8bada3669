import { setImmediate } from 'node:timers/promises'
import type { ListenConfig, ListenTls } from '../config/resolve-listen.js'
import { readListenTls } from '../config/tls-files.js'
import type { Snapshot } from '../gateway/snapshot.js'
import type { Entry, Together } from './entry.js'
import { Listener } from './listener.js'

/**
 * A TLS port served by uWebSockets.js. It cannot change the certificate of a port, so new certificates come with a new
 * listener on the same port; the one before accepts no more, and ends when its last connection has.
 */
export class UwsTlsEntry implements Entry {
  readonly port: number
  private readonly retired = new Set<Listener>()

  private constructor(
    private snapshot: Snapshot,
    private readonly host: string,
    private current: Listener,
    private content: string,
    private readonly together: Together
  ) {
    this.port = current.port
  }

  /** @throws GatewayError GW_LISTEN_FAILED */
  static async open(
    snapshot: Snapshot,
    { host, port }: ListenConfig,
    tls: ListenTls,
    together: Together
  ): Promise<UwsTlsEntry> {
    const content = contentOf(tls)
    const listener = await Listener.open(snapshot, { host, port, tls: files(tls), ...together })
    return new UwsTlsEntry(snapshot, host, listener, content, together)
  }

  get active(): number {
    return this.all.reduce((sum, { active }) => sum + active, 0)
  }

  get connections(): number {
    return this.all.reduce((sum, { connections }) => sum + connections, 0)
  }

  async swap(snapshot: Snapshot): Promise<void> {
    this.snapshot = snapshot
    await Promise.all(this.all.map(listener => listener.swap(snapshot)))
  }

  async reloadTls(tls: ListenTls): Promise<void> {
    const content = contentOf(tls)
    if (content === this.content) return // a new listener is not for nothing
    const { snapshot, host, port, current } = this
    this.current = await Listener.open(snapshot, { host, port, tls: files(tls), ...this.together, shared: true })
    // What the kernel has queued for the old one would be reset. Right after a turn's events there is next to nothing.
    for (let turn = 0; turn < 2; turn++) await setImmediate()
    this.content = content
    this.retired.add(current)
    current.retire(() => this.retired.delete(current))
  }

  async drain(deadlineMs: number): Promise<number> {
    const left = await Promise.all(this.all.map(listener => listener.drain(deadlineMs)))
    return left.reduce((sum, count) => sum + count, 0)
  }

  private get all(): Listener[] {
    return [this.current, ...this.retired]
  }
}

function files({ certificates: [first] }: ListenTls): { readonly cert: string; readonly key: string } {
  if (first === undefined || !('file' in first.cert) || !('file' in first.key)) throw new TypeError('not files')
  return { cert: first.cert.file, key: first.key.file }
}

function contentOf(tls: ListenTls): string {
  return JSON.stringify(readListenTls(tls))
}
