import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { spread } from '../../bench/stats.js'
import { running, SLUICE } from '../command.js'
import { memory } from '../support/serve.js'

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
  const marks: (string | undefined)[] = []
  const upstream = createServer((request, response) => {
    marks.push(request.headers['x-mark']?.toString())
    response.end('ok')
  }).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  const address = upstream.address()
  const target = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const file = join(folder, 'sluice.yaml')
  const write = (mark: string): void => {
    const route = { name: 'all', match: { path: '/*' }, upstream: 'main', policies: tenPolicies(mark) }
    const upstreams = { main: { targets: [target] } }
    writeFileSync(`${file}.new`, JSON.stringify({ listen: { port: 0 }, pluginThreads: 1, upstreams, routes: [route] }))
    renameSync(`${file}.new`, file)
  }
  write('0')
  try {
    const teardown = (end: () => unknown): void => void ends.push(end)
    const sluice = await running({ teardown }, [...SLUICE, 'serve', '-c', file], line => line.includes('"listening"'))
    const { url, pid } = JSON.parse(sluice.lines.find(line => line.includes('"listening"')) ?? '')
    const step = Math.ceil(times / READINGS)
    const readings: number[] = []
    for (let i = 1; i <= times; i++) {
      write(String(i))
      const line = await sluice.until(line => /"msg":"reload(?:ed| refused)"/.test(line), i)
      const { status } = await fetch(url)
      if (status !== 200 || marks.at(-1) !== String(i))
        throw new Error(`reload ${i}: ${status} ${marks.at(-1)}\n${line}`)
      if (i % step === 0) readings.push(memory(pid).now)
    }
    return readings
  } finally {
    for (const end of ends) await end()
    upstream.close()
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
