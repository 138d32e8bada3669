import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { ListenConfig } from '../../core/config/resolve-listen.js'
import { buildSnapshot, type Surroundings } from '../../core/gateway/build.js'
import { readConfig } from '../../core/gateway/read-config.js'
import type { Snapshot } from '../../core/gateway/snapshot.js'
import { createLog } from '../../core/observe/log.js'
import { Listeners } from '../../core/server/listeners.js'

/** A line of the log, as it was written. */
export type LogLine = Readonly<Record<string, unknown>>

export interface RunningSluice {
  readonly port: number
  /** Of every `listen` entry, in their order. */
  readonly ports: readonly number[]
  readonly listener: Listeners
  /** What it began with. */
  readonly snapshot: Snapshot
  /** Why connections were refused before HTTP. */
  readonly refused: readonly string[]
  /** Reads certificates anew. */
  reload(listen: readonly ListenConfig[]): Promise<readonly ListenConfig[]>
  /** The next access line nobody took yet, in the order they were written. */
  access(): Promise<LogLine>
  /** Access lines that were written and not taken. */
  readonly untaken: readonly LogLine[]
  /** Every other line so far. */
  readonly others: readonly LogLine[]
}

export interface SluiceConfig {
  readonly upstreams: Readonly<Record<string, unknown>>
  readonly routes?: readonly unknown[]
  readonly [section: string]: unknown
}

/** The simplest configuration: everything goes to one upstream. */
export function toOne(port: number, more: Readonly<Record<string, unknown>> = {}): SluiceConfig {
  return { upstreams: { main: { targets: [`http://127.0.0.1:${port}`] } }, ...more }
}

/** Sluice in this process, on a port of its own, until the test ends. */
export async function startSluice(
  t: Test,
  config: SluiceConfig,
  surroundings: Partial<Surroundings> = {}
): Promise<RunningSluice> {
  const lines = new Lines()
  const log = createLog('info', lines)
  const file = configFile(t, config)
  const loaded = readConfig(file)
  const snapshot = await buildSnapshot(loaded, { log, ...surroundings })
  const refused: string[] = []
  const listen = loaded.config.listen.map((each): ListenConfig => ({ ...each, port: 0 }))
  const listener = await Listeners.open(snapshot, listen, {
    onRefused: (kind, _, reason) => refused.push(`${kind}: ${reason}`)
  })
  t.teardown(async () => {
    await listener.drain(0)
    await snapshot.close()
  })
  const [port = 0] = listener.ports
  const reload = (listen: readonly ListenConfig[]) => listener.reloadTls(listen.map(each => ({ ...each, port: 0 })))
  const { ports } = listener
  return {
    port,
    ports,
    refused,
    listener,
    snapshot,
    reload,
    access: () => lines.access(),
    untaken: lines.untaken,
    others: lines.others
  }
}

/** What a configuration makes of itself, to be swapped in; it logs nothing. */
export async function otherSnapshot(t: Test, config: SluiceConfig, surroundings: Partial<Surroundings> = {}) {
  const file = readConfig(configFile(t, config))
  const snapshot = await buildSnapshot(file, { log: createLog('silent'), ...surroundings })
  t.teardown(() => snapshot.close())
  return snapshot
}

/** Writes `config` where `sluice serve -c` finds it. */
export function configFile(t: Test, config: SluiceConfig): string {
  const routes = config.routes ?? [{ name: 'all', match: { path: '/*' }, upstream: Object.keys(config.upstreams)[0] }]
  const file = join(t.testdir(), 'sluice.yaml')
  writeFileSync(file, JSON.stringify({ pluginThreads: 1, ...config, routes })) // JSON is YAML
  return file
}

/** A `listen` section as it is resolved. */
export function listenOf(t: Test, listen: unknown): readonly ListenConfig[] {
  return readConfig(configFile(t, toOne(1, { listen }))).config.listen
}

class Lines {
  readonly untaken: LogLine[] = []
  readonly others: LogLine[] = []
  private readonly takers: ((line: LogLine) => void)[] = []

  write(text: string): void {
    const line: LogLine = JSON.parse(text)
    if (!('method' in line)) {
      this.others.push(line)
      return
    }
    const taker = this.takers.shift()
    if (taker === undefined) this.untaken.push(line)
    else taker(line)
  }

  access(): Promise<LogLine> {
    const line = this.untaken.shift()
    return line === undefined ? new Promise(resolve => this.takers.push(resolve)) : Promise.resolve(line)
  }
}
