import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { RequestInput } from '../../core/plugin-host/gen/policy.js'
import { type Guest, guestFrom, ROOT } from '../plugin-sdk/guest.js'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

t.test('a time is on its days, from its beginning up to its end', async t => {
  const guest = await authz([{ days: ['mon-fri'], from: '08:00', to: '18:00' }])
  t.notOk(open(guest, '2026-11-23T07:59:59.999Z'), 'Monday, before')
  t.ok(open(guest, '2026-11-23T08:00:00Z'))
  t.ok(open(guest, '2026-11-27T17:59:59.999Z'), 'Friday')
  t.notOk(open(guest, '2026-11-27T18:00:00Z'))
  t.notOk(open(guest, '2026-11-28T12:00:00Z'), 'Saturday')
})

t.test('a time over midnight belongs to the day on which it began', async t => {
  const guest = await authz([{ days: ['sun'], from: '22:00', to: '06:00' }])
  t.notOk(open(guest, '2026-11-29T05:00:00Z'), 'Sunday morning is the end of Saturday night')
  t.ok(open(guest, '2026-11-29T22:00:00Z'))
  t.ok(open(guest, '2026-11-30T05:59:59Z'), 'Monday morning')
  t.notOk(open(guest, '2026-11-30T22:00:00Z'))
})

t.test('the offset moves the clock, over midnight and over the end of the week', async t => {
  const ahead = await authz([{ days: ['mon'] }], '+14:00')
  t.ok(open(ahead, '2026-11-29T10:00:00Z'), 'it is Monday there')
  t.notOk(open(ahead, '2026-11-30T10:00:00Z'), 'it is Tuesday there')
  const behind = await authz([{ days: ['sun'], from: '20:30', to: '21:00' }], '-03:30')
  t.ok(open(behind, '2026-11-30T00:00:00Z'))
  t.notOk(open(behind, '2026-11-30T00:30:00Z'))
})

t.test('any window, at any time, is what a calendar says', async t => {
  const clock = (minutes: number): string => {
    return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  }
  const day = fc.integer({ min: 0, max: 6 })
  const minute = fc.integer({ min: 0, max: 1439 })
  const times = fc.array(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), {
    minLength: 40,
    maxLength: 40
  })
  const property = fc.asyncProperty(day, day, minute, minute, times, async (first, last, from, to, at) => {
    if (from === to) return true
    const days = Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, i) => (first + i) % 7)
    const guest = await authz([{ days: [`${DAYS[first]}-${DAYS[last]}`], from: clock(from), to: clock(to) }])
    return at.every(when => {
      const today = (when.getUTCDay() + 6) % 7
      const now = when.getUTCHours() * 60 + when.getUTCMinutes()
      const whole = days.includes(today) && now >= from && (to < from || now < to)
      const night = to < from && days.includes((today + 6) % 7) && now < to
      return open(guest, when.toISOString()) === (whole || night)
    })
  })
  await t.resolves(fc.assert(property, { numRuns: 60 }))
})

t.test('no way to write a path gets around a deny rule, or into an allow rule', async t => {
  const rules = (effect: string) => [{ effect, paths: ['/admin/*'] }]
  const deny = await guestWith({ rules: rules('deny'), default: 'allow' })
  const allow = await guestWith({ rules: rules('allow') })
  const sign = (char: string) => {
    const hex = char.charCodeAt(0).toString(16)
    return fc.constantFrom(char, char.toUpperCase(), `%${hex}`, `%${hex.toUpperCase()}`)
  }
  const slash = fc.constantFrom('/', '//', '%2F', '%2f', '\\', '%5C', '/;/', ';a=b/', '%3b/')
  const path = fc
    .tuple(slash, ...[...'admin'].map(sign), slash, fc.constantFrom('', 'users', '%00', '..;', '*'))
    .map(parts => `/${parts.join('')}`)
  const property = fc.property(path, path => {
    const plain = /^\/+(?:%61|%41|a)(?:%64|%44|d)(?:%6d|%4d|m)(?:%69|%49|i)(?:%6e|%4e|n)(?:\/|$)/i.test(path)
    return refused(deny, path) && (plain || refused(allow, path))
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 3_000 }))
})

t.test('five hundred rules are gone through in order', async t => {
  const rules = Array.from({ length: 500 }, (_, i) => ({ name: `rule ${i}`, effect: 'allow', paths: [`/${i}/{id}/*`] }))
  const guest = await guestWith({ rules })
  const input = RequestInput.encode({ request: { method: 'GET', path: '/499/a/b' } }).finish()
  t.strictSame(guest.verdict('on_request', input).tags, ['authz', 'allowed', 'authz.rule', 'rule 499'])
})

async function authz(times: object[], utcOffset = '+00:00'): Promise<Guest> {
  return guestWith({ rules: [{ effect: 'allow', times }], utcOffset })
}

async function guestWith(settings: object): Promise<Guest> {
  const guest = await guestFrom(join(ROOT, 'plugins/authz'))
  t.equal(guest.configure(settings), '')
  return guest
}

function open(guest: Guest, time: string): boolean {
  const context = { nowMs: Date.parse(time) }
  return guest.verdict('on_request', RequestInput.encode({ context, request: {} }).finish()).reply === null
}

function refused(guest: Guest, path: string): boolean {
  return guest.verdict('on_request', RequestInput.encode({ request: { method: 'GET', path } }).finish()).reply !== null
}
