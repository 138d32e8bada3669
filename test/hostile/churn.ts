import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spread } from '../../bench/stats.js'
import { memory, serveFile } from '../support/serve.js'
import { recordingUpstream } from '../support/upstream.js'

/** Ten policies of built-in plugins, as a real route might have them. @param mark - a setting of one of them */
export function tenPolicies(mark: string): object[] {
  return [
    { plugin: 'ip-filter', settings: { deny: ['192.0.2.0/24'] } },
    { plugin: 'bot-filter' },
    { plugin: 'cors', settings: { origins: ['https://app.example'] } },
    { plugin: 'rate-limit', settings: { limits: [{ requests: 1_000_000, per: '1s' }] } },
    { plugin: 'transform-headers', settings: { request: { set: { 'x-mark': mark } } } },
    { plugin: 'transform-path', settings: { addPrefix: '/v2' } },
    { plugin: 'waf' },
    { plugin: 'moderation-pii' },
    { plugin: 'moderation-injection' },
    { plugin: 'graphql-guard' }
  ]
}

/** Readings of memory, where there are as many reloads. */
const READINGS = 100

/**
 * Has a running Sluice read its file again `times` times, each time with another setting of one of ten plugins, so that it makes new threads
 * and instances; a request goes through all ten in between.
 * @param folder - for its file
 * @returns RSS after every hundredth of the reloads, or after each, bytes
 * @throws Error when a reload is refused, or a request gets no reply under the new settings
 */
export async function churn(folder: string, times: number): Promise<number[]> {
  const ends: (() => unknown)[] = []
  const t = { teardown: (end: () => unknown): void => void ends.push(end) }
  const file = join(folder, 'sluice.yaml')
  try {
    const { port, seen } = await recordingUpstream(t)
    const upstreams = { main: { targets: [`http://127.0.0.1:${port}`] } }
    const write = (mark: string): void => {
      const routes = [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies: tenPolicies(mark) }]
      writeFileSync(`${file}.new`, JSON.stringify({ listen: { port: 0 }, pluginThreads: 1, upstreams, routes }))
      renameSync(`${file}.new`, file)
    }
    write('0')
    const sluice = await serveFile(t, file)
    const step = Math.ceil(times / READINGS)
    const readings: number[] = []
    for (let i = 1; i <= times; i++) {
      write(String(i))
      const line = await sluice.until(line => /"msg":"reload(?:ed| refused)"/.test(line), i)
      const { status } = await fetch(`http://127.0.0.1:${sluice.port}/`)
      const [mark] = seen.pop()?.all('x-mark') ?? []
      if (status !== 200 || mark !== String(i)) throw new Error(`reload ${i}: ${status} ${mark}\n${line}`)
      if (i % step === 0) readings.push(memory(sluice.pid).now)
    }
    return readings
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

/**
 * The medians of the readings in the second tenth and in the last. What the first reloads leave behind is there for good; one reading
 * says little, for garbage is collected when V8 wants.
 */
export function settled(readings: readonly number[]): { before: number; after: number } {
  const tenth = Math.floor(readings.length / 10)
  const before = spread(readings.slice(tenth, 2 * tenth))
  const after = spread(readings.slice(-tenth))
  if (before === undefined || after === undefined) throw new RangeError('ten reloads at least were expected')
  return { before: before.median, after: after.median }
}
