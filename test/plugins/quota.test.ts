import fc from 'fast-check'
import t from 'tap'
import type { Verdict } from '../../core/plugin-host/abi.js'
import { sharedTableMemory } from '../../core/plugin-host/shared-table.js'
import { hammerPolicy } from '../support/hammer-policy.js'
import { Policy } from '../support/instance.js'

const FAR = Date.UTC(2100, 0, 1)

/** What the answer to one request says is left: [requests, seconds]. */
function left(verdict: Verdict): [number, number] {
  const edit = verdict.responseHeaders.find(({ name }) => name === 'ratelimit')
  const value = edit?.value ?? verdict.reply?.headers[verdict.reply.headers.indexOf('ratelimit') + 1] ?? ''
  const [, requests, seconds] = /r=(\d+);t=(\d+)/.exec(value) ?? []
  return [Number(requests), Number(seconds)]
}

/** When the window ends that holds a moment, as Date knows it. */
function endOf(per: string, nowMs: number, offsetMs: number): number {
  const local = new Date(nowMs + offsetMs)
  if (per === 'minute') local.setUTCMinutes(local.getUTCMinutes() + 1, 0, 0)
  else if (per === 'hour') local.setUTCHours(local.getUTCHours() + 1, 0, 0, 0)
  else {
    local.setUTCHours(0, 0, 0, 0)
    if (per === 'day') local.setUTCDate(local.getUTCDate() + 1)
    if (per === 'week') local.setUTCDate(local.getUTCDate() + 7 - ((local.getUTCDay() + 6) % 7))
    if (per === 'month') local.setUTCMonth(local.getUTCMonth() + 1, 1)
  }
  return local.getTime() - offsetMs
}

t.test('windows begin and end as in the calendar, by any clock', async () => {
  const windows = ['minute', 'hour', 'day', 'week', 'month']
  const zones: [string, number][] = [
    ['Z', 0],
    ['+05:30', 330],
    ['-09:30', -570],
    ['+14:00', 840]
  ]
  for (const per of windows) {
    for (const [timeZone, minutes] of zones) {
      const policy = await Policy.of('quota', { quotas: [{ requests: 1_000_000, per }], timeZone })
      const moment = fc.integer({ min: Date.UTC(1971, 0, 1), max: FAR })
      await fc.assert(
        fc.asyncProperty(moment, async nowMs => {
          const [, seconds] = left(await policy.send({ nowMs }))
          return seconds === Math.ceil((endOf(per, nowMs, minutes * 60_000) - nowMs) / 1000)
        }),
        { numRuns: 100 }
      )
    }
  }
})

t.test('a new window gives all of it again, at its first millisecond', async t => {
  const policy = await Policy.of('quota', { quotas: [{ requests: 2, per: 'month' }], timeZone: '+01:00' })
  const end = Date.UTC(2096, 1, 29, 23) // the first of March there: 2096 is a leap year
  const at = async (nowMs: number) => (await policy.send({ nowMs })).reply?.status ?? 200
  t.strictSame([await at(end - 2), await at(end - 1), await at(end - 1)], [200, 200, 429])
  t.strictSame([await at(end), await at(end + 1), await at(end + 2)], [200, 200, 429])
})

t.test('a refused request counts nowhere', async t => {
  const settings = {
    quotas: [
      { requests: 100, per: 'month' },
      { requests: 1, per: 'day' }
    ]
  }
  const policy = await Policy.of('quota', settings)
  for (let i = 0; i < 50; i++) await policy.send({ nowMs: FAR })
  const [requests] = left(await policy.send({ nowMs: FAR + 86_400_000 }))
  t.equal(requests, 0, 'of the day')
  const alone = await Policy.of('quota', { quotas: [{ requests: 100, per: 'month' }] })
  t.strictSame(left(await alone.send({ nowMs: FAR }))[0], 99)
})

t.test('what is left is told rightly down to the last, whatever each costs', async t => {
  const policy = await Policy.of('quota', { quotas: [{ requests: 10, per: 'day' }], costHeader: 'x-cost' })
  const send = (cost: string) => policy.send({ nowMs: FAR, headers: ['x-cost', cost] })
  const seen: (number | undefined)[][] = []
  for (const cost of ['3', '8', '0', '7', '1']) {
    const verdict = await send(cost)
    seen.push([verdict.reply?.status, left(verdict)[0]])
  }
  t.strictSame(seen, [
    [undefined, 7],
    [429, 7],
    [undefined, 7],
    [undefined, 0],
    [429, 0]
  ])
})

t.test('who has a network of IPv6 is one caller in all of its /64', async t => {
  const policy = await Policy.of('quota', { quotas: [{ requests: 1, per: 'day' }] })
  const status = async (clientIp: string) => (await policy.send({ nowMs: FAR, clientIp })).reply?.status ?? 200
  t.equal(await status('2001:db8:0:1::1'), 200)
  t.equal(await status('2001:db8:0:1:ffff::2'), 429)
  t.equal(await status('2001:DB8::1:0:0:0:3'), 429, 'however it is written')
  t.equal(await status('2001:db8:0:2::1'), 200, 'another network')
  t.equal(await status('192.0.2.1'), 200)
  t.equal(await status('192.0.2.2'), 200, 'IPv4 counts whole')
  t.equal(await status('::ffff:192.0.2.2'), 429, 'also as IPv6')
})

t.test('instances share what is counted', async t => {
  const memory = sharedTableMemory()
  const settings = { quotas: [{ requests: 3, per: 'day' }] }
  const policies = await Promise.all([1, 2].map(() => Policy.of('quota', settings, memory)))
  const statuses: (number | undefined)[] = []
  for (let i = 0; i < 4; i++) statuses.push((await policies[i % 2]?.send({ nowMs: FAR }))?.reply?.status)
  t.strictSame(statuses, [undefined, undefined, undefined, 429])
})

t.test('four threads together never let through more than there is, nor less', async t => {
  const quotas = [
    { requests: 5_000, per: 'day' },
    { requests: 1_000, per: 'hour' }
  ]
  const work = { plugin: 'quota', settings: { quotas }, sent: { nowMs: FAR }, requests: 800, threads: 4 }
  t.equal(await hammerPolicy(work), 1_000)
})
