import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { buildSnapshot, readConfig } from '../../core/gateway/build.js'
import { createLog } from '../../core/observe/log.js'
import { Listener } from '../../core/server/listener.js'

/** A line of the log, as it was written. */
export type LogLine = Readonly<Record<string, unknown>>

export interface RunningSluice {
  readonly port: number
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
export async function startSluice(t: Test, config: SluiceConfig): Promise<RunningSluice> {
  const lines = new Lines()
  const log = createLog('info', lines)
  const file = configFile(t, config)
  const snapshot = await buildSnapshot(readConfig(file), { log })
  const listener = await Listener.open(snapshot, { host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    await listener.drain(0)
    await snapshot.close()
  })
  return { port: listener.port, access: () => lines.access(), untaken: lines.untaken, others: lines.others }
}

/** Writes `config` where `sluice serve -c` finds it. */
export function configFile(t: Test, config: SluiceConfig): string {
  const routes = config.routes ?? [{ name: 'all', match: { path: '/*' }, upstream: Object.keys(config.upstreams)[0] }]
  const file = join(t.testdir(), 'sluice.yaml')
  writeFileSync(file, JSON.stringify({ ...config, pluginThreads: 1, routes })) // JSON is YAML
  return file
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
