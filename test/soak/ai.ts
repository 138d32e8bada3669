import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { running, SLUICE } from '../command.js'
import { memory, serveFile } from '../support/serve.js'

/**
 * `npm run test:soak:ai`: short streams through the gateway and a mock, each in a process of its own, and what they leave in the gateway's
 * memory; then many streams side by side at 50 events a second, and how late their events are.
 * Arguments: streams one after the other (100000), streams side by side (1000), percent RSS may grow after the first fifth (15).
 */
const [streams = 100_000, together = 1_000, percent = 15] = process.argv.slice(2).map(Number)
const LANES = 16
/** Of the model `bench`. */
const EVENTS = 100
const MIB = 2 ** 20

const ends: (() => unknown)[] = []
const t = {
  teardown: (end: () => unknown): void => {
    ends.push(end)
  }
}
const folder = mkdtempSync(join(tmpdir(), 'sluice-soak-'))
try {
  const { port, pid } = await started()
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  const flat = await oneByOne(port, pid, agent)
  const steady = await sideBySide(port, agent)
  agent.destroy()
  process.exitCode = flat && steady ? 0 : 1
} finally {
  for (const end of ends.reverse()) await end()
  rmSync(folder, { recursive: true, force: true })
}

async function started(): Promise<{ port: number; pid: number }> {
  const mock = await running(t, [...SLUICE, 'mock', '--port', '0'], line => /http:\/\//.test(line))
  const url = /http:\/\/[\d.]+:\d+/.exec(mock.lines.join('\n'))?.[0]
  const config = {
    listen: { port: 0 },
    ai: { providers: { main: { provider: 'openai', baseUrl: `${url}/v1`, keys: ['key'], connections: 4_096 } } },
    routes: [{ name: 'ai', match: { path: '/*' }, ai: {} }]
  }
  const file = join(folder, 'sluice.yaml')
  writeFileSync(file, JSON.stringify(config))
  return serveFile(t, file)
}

/** One stream. @param seen - told of each piece @throws Error when it is not whole */
async function stream(port: number, agent: Agent, model: string, seen?: () => void): Promise<void> {
  const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'How are you?' }] })
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
  const asking = request({ port, host: '127.0.0.1', method: 'POST', path: '/v1/chat/completions', agent, headers })
  asking.end(body)
  const [reply] = await once(asking, 'response')
  let end = ''
  for await (const piece of reply) {
    seen?.()
    end = (end + piece.toString('latin1')).slice(-40)
  }
  if (reply.statusCode !== 200 || !end.endsWith('data: [DONE]\n\n')) throw new Error(`a stream is not whole: ${end}`)
}

async function oneByOne(port: number, pid: number, agent: Agent): Promise<boolean> {
  let left = streams
  let settled = 0
  const began = performance.now()
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left--
      if (left === Math.floor(streams * 0.8)) settled = memory(pid).now
      await stream(port, agent, 'main/bench')
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  const seconds = (performance.now() - began) / 1_000
  const { now } = memory(pid)
  const grown = (now / settled - 1) * 100
  process.stdout.write(
    `${streams} streams of ${EVENTS} events in ${seconds.toFixed(0)} s: RSS ${(settled / MIB).toFixed(0)} MiB after a fifth, ` +
      `${(now / MIB).toFixed(0)} MiB at the end: ${grown.toFixed(1)} %\n`
  )
  return grown <= percent
}

/** Lateness is that of each event against the one before it: what is above the pause of the provider. */
async function sideBySide(port: number, agent: Agent): Promise<boolean> {
  const pauseMs = 20
  const late: number[] = []
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  let pieces = 0
  const one = async (): Promise<void> => {
    let last: number | undefined
    await stream(port, agent, 'main/bench+slow=50', () => {
      const now = performance.now()
      if (last !== undefined) late.push(Math.max(0, now - last - pauseMs))
      last = now
      pieces++
    })
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: together }, one))
  const seconds = (performance.now() - began) / 1_000
  delay.disable()
  late.sort((a, b) => a - b)
  const at = (share: number): string => (late[Math.floor((late.length - 1) * share)] ?? 0).toFixed(1)
  process.stdout.write(
    `${together} streams side by side at 50 events/s in ${seconds.toFixed(1)} s (${((EVENTS * pauseMs) / 1_000).toFixed(1)} s alone), ` +
      `${pieces} pieces: late by p50 ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)} ms; ` +
      `the client's own event loop p99 ${(delay.percentile(99) / 1e6).toFixed(1)}, most ${(delay.max / 1e6).toFixed(1)} ms\n`
  )
  // None stood still: the longest silence is short against the length of a stream.
  return Number(at(1)) < EVENTS * pauseMs
}
