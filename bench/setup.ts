import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chatReply, chatTraffic } from './chats.js'
import { freePort, listening, start } from './children.js'
import { allowedCores } from './proc.js'
import { allTraffic, type Traffic, type TrafficName } from './traffic.js'

/** What every contender of a run shares: the cores, the upstream and the traffic. */
export interface Setup {
  /** Temporary; gone when the process ends. */
  readonly folder: string
  /** The core of every contender, as taskset writes it. */
  readonly gatewayCore: string
  /** The core of wrk and the upstream. */
  readonly loadCore: string
  readonly upstreams: Readonly<Record<'a' | 'b', string>>
  /** The AI provider that is none. */
  readonly mock: Contender
  readonly traffic: Readonly<Record<TrafficName, Traffic>>
}

/** A running server under test. */
export interface Contender {
  readonly origin: string
  /** The processes whose CPU time and memory count. */
  readonly pids: readonly number[]
  end(): Promise<void>
}

/** Starts the upstream and the mock provider on the load's core. On a machine with one core everything shares it. */
export async function setUp(): Promise<Setup> {
  const [loadCore = 0, gatewayCore = loadCore] = allowedCores()
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const a = await freePort()
  const b = await freePort()
  const upstream = start('upstream', String(loadCore), ['node', script('upstream.js'), String(a), String(b)])
  await listening(upstream, a)
  await listening(upstream, b)
  const mockPort = await freePort()
  const mock = `http://127.0.0.1:${mockPort}`
  const command = ['node', script('../bin/main.js'), 'mock', '--port', String(mockPort)]
  const provider = start('mock', String(loadCore), command)
  await listening(provider, mockPort)
  return {
    folder,
    gatewayCore: String(gatewayCore),
    loadCore: String(loadCore),
    upstreams: { a: `http://127.0.0.1:${a}`, b: `http://127.0.0.1:${b}` },
    mock: { origin: mock, pids: [provider.pid], end: async () => undefined },
    traffic: { ...allTraffic(folder), ...chatTraffic(folder, mock, await chatReply(mock)) }
  }
}

/** The path of a compiled file, relative to build/bench. */
export function script(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
