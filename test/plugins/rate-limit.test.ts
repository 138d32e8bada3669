import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { RequestInput, Verdict } from '../../core/plugin-host/abi.js'
import { ENTRY } from '../../core/plugin-host/arena.js'
import { sharedTableMemory } from '../../core/plugin-host/shared-table.js'
import { ROOT } from '../command.js'
import { Policy } from '../support/instance.js'
import { callOf, openPool } from '../support/pool.js'

t.setTimeout(240_000)

const THREADS = 4
const DECISIONS = 100_000
const LIMIT = 40_000
const wasm = readFileSync(`${ROOT}plugins/rate-limit/build/rate-limit.wasm`)
const manifest = JSON.parse(readFileSync(`${ROOT}plugins/rate-limit/plugin.json`, 'utf8'))

for (const algorithm of ['token-bucket', 'sliding-window']) {
  t.test(
    `${DECISIONS} requests of one caller on all threads: ${algorithm} lets exactly as many through as it may`,
    async t => {
      // A year: what comes back in the meantime is less than one request.
      const settings = { limits: [{ requests: LIMIT, per: '365d', algorithm }] }
      const { permissions, limits } = manifest
      const bound = { wasm, permissions, settings, limits: { ...limits, timeoutMs: 10_000 } }
      const pool = await openPool(t, [bound], { threads: THREADS, shared: sharedTableMemory() })
      t.strictSame(await pool.prepare(), [])
      const input = RequestInput.encode({
        context: { nowMs: Date.now() },
        request: { method: 'GET', scheme: 'http', host: 'example.com', path: '/', clientIp: '192.0.2.1' }
      }).finish()
      let [left, passed, refused] = [DECISIONS, 0, 0]
      const client = async (): Promise<void> => {
        while (left-- > 0) {
          const [entry] = await pool.run(callOf([0], input))
          const verdict = entry?.kind === ENTRY.verdict ? Verdict.decode(entry.bytes) : undefined
          if (verdict?.reply?.status === 429) refused++
          else if (verdict?.reply === null) passed++
        }
      }
      await Promise.all(Array.from({ length: 512 }, client))
      t.strictSame([passed, refused], [LIMIT, DECISIONS - LIMIT])
    }
  )
}

/** A start of a window of any of the lengths below: full hours. */
const HOUR_START = Date.UTC(2100, 0, 1)

t.test('whoever waits as long as a sliding window says is let through, whatever it costs', async () => {
  const cases = fc.record({
    requests: fc.integer({ min: 1, max: 40 }),
    per: fc.constantFrom(1, 7, 10, 60, 3_600),
    cost: fc.integer({ min: 1, max: 40 }),
    // Where in each window requests come, in thousandths of it, and how many.
    before: fc.array(fc.tuple(fc.integer({ min: 0, max: 1_999 }), fc.integer({ min: 1, max: 50 })), { maxLength: 5 }),
    at: fc.integer({ min: 1_000, max: 1_999 })
  })
  const property = fc.asyncProperty(cases, async ({ requests, per, cost: given, before, at }) => {
    const cost = Math.min(given, requests)
    const settings = { limits: [{ requests, per: `${per}s`, algorithm: 'sliding-window', cost }] }
    const policy = await Policy.of('rate-limit', settings)
    const start = Math.ceil(HOUR_START / (per * 1_000)) * per * 1_000
    for (const [moment, count] of [...before].sort(([a], [b]) => a - b)) {
      if (moment > at) break
      for (let i = 0; i < count; i++) await policy.send({ nowMs: start + moment * per })
    }
    const nowMs = start + at * per
    for (let i = 0; i < requests; i++) {
      const { reply } = await policy.send({ nowMs })
      const wait = reply === null ? 0 : Number(headerOf(reply.headers, 'retry-after'))
      if (wait > 0) return (await policy.send({ nowMs: nowMs + wait * 1_000 })).reply === null
    }
    return true
  })
  await fc.assert(property, { numRuns: 150 })
})

t.test('who has a network of IPv6 is one caller in all of its /64', async t => {
  const policy = await Policy.of('rate-limit', { limits: [{ requests: 1, per: '1h' }] })
  const status = async (clientIp: string) => (await policy.send({ nowMs: HOUR_START, clientIp })).reply?.status ?? 200
  t.equal(await status('2001:db8:0:1::1'), 200)
  t.equal(await status('2001:db8:0:1:ffff::2'), 429)
  t.equal(await status('2001:DB8::1:0:0:0:3'), 429, 'however it is written')
  t.equal(await status('2001:db8:0:2::1'), 200, 'another network')
  t.equal(await status('192.0.2.1'), 200)
  t.equal(await status('192.0.2.2'), 200, 'IPv4 counts whole')
  t.equal(await status('::ffff:192.0.2.2'), 429, 'also as IPv6')
})

t.test('no shorter wait would do: a second before, a sliding window still refuses', async t => {
  for (const cost of [1, 2, 3, 5, 10]) {
    const settings = { limits: [{ requests: 10, per: '10s', algorithm: 'sliding-window', cost }] }
    const policy = await Policy.of('rate-limit', settings)
    const at = async (nowMs: number) => (await policy.send({ nowMs })).reply
    let refused = null
    while (refused === null) refused = await at(HOUR_START)
    const wait = Number(headerOf(refused.headers, 'retry-after'))
    const taken = 10 - (10 % cost)
    t.equal(wait, Math.ceil(20 - ((10 - cost) * 10) / taken))
    t.not(await at(HOUR_START + wait * 1_000 - 1_000), null)
    t.equal(await at(HOUR_START + wait * 1_000), null)
  }
})

t.test('t says when all of a sliding window is there again', async t => {
  const settings = { limits: [{ requests: 4, per: '10s', algorithm: 'sliding-window' }] }
  const policy = await Policy.of('rate-limit', settings)
  const left = async (nowMs: number) => {
    const { responseHeaders, reply } = await policy.send({ nowMs })
    const value = reply === null ? responseHeaders.find(({ name }) => name === 'ratelimit')?.value : undefined
    return /r=(\d+);t=(\d+)/
      .exec(value ?? headerOf(reply?.headers ?? [], 'ratelimit'))
      ?.slice(1)
      .map(Number)
  }
  t.strictSame(await left(HOUR_START + 4_000), [3, 16])
  t.strictSame(await left(HOUR_START + 4_000), [2, 16])
  t.strictSame(await left(HOUR_START + 20_000), [3, 20], 'whoever waits that long has all')
})

function headerOf(headers: readonly string[], name: string): string {
  return headers[headers.indexOf(name) + 1] ?? ''
}
