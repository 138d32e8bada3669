import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { RequestInput, type Verdict } from '../../core/plugin-host/gen/policy.js'
import { type Guest, guestFrom, ROOT } from '../plugin-sdk/guest.js'

type Weights = Readonly<Record<string, number>>

const DRAWS = 4_000
const CLIENTS = 10_000

t.test('without sticky each request is drawn: the shares are those of the weights', async t => {
  const weights = { stable: 70, canary: 25, trial: 5 }
  const guest = await split(weights)
  const counts = countOf(Array.from({ length: DRAWS }, () => upstreamOf(send(guest))))
  inShares(t, counts, weights, DRAWS)
})

t.test('a weight of 0 gets nothing, in thousands of draws', async t => {
  const guest = await split({ blue: 100, green: 0 })
  t.strictSame(countOf(Array.from({ length: DRAWS }, () => upstreamOf(send(guest)))), { blue: DRAWS })
})

t.test('sticky clients are spread by the weights', async t => {
  const weights = { stable: 90, canary: 10 }
  inShares(t, countOf(await homes(weights)), weights, CLIENTS)
})

t.test('from 90/10 to 80/20 only the necessary share of the clients moves, and only to what gained', async t => {
  const before = await homes({ stable: 90, canary: 10 })
  const after = await homes({ stable: 80, canary: 20 })
  const moved = before.flatMap((home, i) => (home === after[i] ? [] : [after[i]]))
  t.ok(Math.abs(moved.length / CLIENTS - 0.1) < 0.015, `${moved.length} of ${CLIENTS} moved`)
  t.ok(moved.every(home => home === 'canary'))
})

t.test('a new upstream takes its share from all others and moves no one else', async t => {
  const before = await homes({ a: 1, b: 1 })
  const after = await homes({ b: 1, c: 1, a: 1 })
  t.ok(before.every((home, i) => home === after[i] || after[i] === 'c'))
  inShares(t, countOf(after), { a: 1, b: 1, c: 1 }, CLIENTS)
})

t.test('whatever the weights: raising one of them never moves a client between two others', async t => {
  const weight = fc.integer({ min: 0, max: 1000 })
  const property = fc.asyncProperty(
    weight,
    weight,
    fc.integer({ min: 1, max: 1000 }),
    weight,
    async (a, b, c, more) => {
      const before = await homes({ a, b, c }, 200)
      const after = await homes({ a, b, c: c + more }, 200)
      return before.every((home, i) => home === after[i] || after[i] === 'c')
    }
  )
  await t.resolves(fc.assert(property, { numRuns: 25 }))
})

t.test('a client without the cookie is given one, and with it stays where it was first sent', async t => {
  const weights = { a: 1, b: 1 }
  const guest = await split(weights, { by: 'cookie', name: 'split' })
  const firsts = Array.from({ length: DRAWS }, () => send(guest))
  const cookies = firsts.map(first => {
    const [edit] = first.responseHeaders
    const [, value] =
      /^split=([\w-]{20}); Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/.exec(edit?.value ?? '') ?? []
    return value ?? ''
  })
  t.equal(new Set(cookies).size, DRAWS, 'every client has a value of its own')
  t.notOk(cookies.includes(''), 'every reply sets it')
  inShares(t, countOf(firsts.map(upstreamOf)), weights, DRAWS)
  const again = cookies.map(value => send(guest, ['cookie', `x=1; split=${value}`]))
  t.strictSame(again.map(upstreamOf), firsts.map(upstreamOf))
  t.ok(
    again.every(verdict => verdict.responseHeaders.length === 0),
    'who has a cookie gets no second one'
  )
})

t.test('the cookie carries the attributes that were asked for', async t => {
  const attributes = { path: '/shop', maxAge: 60, sameSite: 'none', secure: true, httpOnly: false }
  const guest = await split({ a: 1 }, { by: 'cookie', name: 'split', ...attributes })
  t.match(send(guest).responseHeaders[0]?.value, /^split=[\w-]{20}; Path=\/shop; Max-Age=60; Secure; SameSite=None$/)
  const session = await split({ a: 1 }, { by: 'cookie', name: 's', maxAge: 0, sameSite: 'strict' })
  t.match(send(session).responseHeaders[0]?.value, /^s=[\w-]{20}; Path=\/; HttpOnly; SameSite=Strict$/)
})

t.test('an empty cookie, or one too long to be ours, is replaced', async t => {
  const guest = await split({ a: 1 }, { by: 'cookie', name: 'split' })
  for (const value of ['', 'x'.repeat(129)])
    t.equal(send(guest, ['cookie', `split=${value}`]).responseHeaders.length, 1)
})

async function split(weights: Weights, sticky?: object): Promise<Guest> {
  const guest = await guestFrom(join(ROOT, 'plugins/routing-split'))
  const targets = Object.entries(weights).map(([upstream, weight]) => ({ upstream, weight }))
  t.equal(guest.configure({ targets, ...(sticky && { sticky }) }), '')
  return guest
}

function send(guest: Guest, headers: string[] = []): Verdict {
  return guest.verdict('on_request', RequestInput.encode({ request: { method: 'GET', path: '/', headers } }).finish())
}

function upstreamOf(verdict: Verdict): string {
  return verdict.upstream ?? ''
}

/** Where each of many clients goes. */
async function homes(weights: Weights, clients = CLIENTS): Promise<string[]> {
  const guest = await split(weights, { by: 'header', name: 'x-user' })
  return Array.from({ length: clients }, (_, i) => upstreamOf(send(guest, ['x-user', `user-${i}`])))
}

function countOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** Within six standard deviations: one run in a hundred million is outside. */
function inShares(t: Test, counts: Record<string, number>, weights: Weights, draws: number): void {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0)
  for (const [name, weight] of Object.entries(weights)) {
    const share = weight / total
    const slack = 6 * Math.sqrt(draws * share * (1 - share))
    const count = counts[name] ?? 0
    t.ok(Math.abs(count - draws * share) <= slack, `${name}: ${count} of ${draws} for a share of ${share}`)
  }
}
