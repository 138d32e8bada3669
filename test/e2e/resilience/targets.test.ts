import t, { type Test } from 'tap'
import { balancers } from '../../../core/upstream/balancers/index.js'
import { connect, request } from '../../support/client.js'
import { faultyUpstream } from '../../support/faulty-upstream.js'
import { startSluice } from '../../support/sluice.js'

t.setTimeout(120_000)

const FOREVER = { ejection: '1h', maxEjection: '1h' }

/** So many targets that answer with their names, before them Sluice. */
async function before(t: Test, count: number, more: (urls: string[]) => Readonly<Record<string, unknown>>) {
  const up = await Promise.all(Array.from({ length: count }, (_, i) => faultyUpstream(t, String(i))))
  const sluice = await startSluice(t, {
    log: { access: false },
    upstreams: { main: { ...more(up.map(({ url }) => url)) } }
  })
  const { send, reply } = await connect(t, sluice.port)
  /** How many of the next requests each target answers; 'failed': how many got no good reply. */
  const ask = async (requests: number): Promise<Readonly<Record<string, number>>> => {
    const answered: Record<string, number> = {}
    for (let i = 0; i < requests; i++) {
      send(request('GET', '/', `x-user: ${i}`))
      const { status, body } = await reply()
      const name = status === 200 ? body.toString() : 'failed'
      answered[name] = (answered[name] ?? 0) + 1
    }
    return answered
  }
  const ejected = () => sluice.others.filter(({ msg }) => msg === 'a target is ejected').length
  return { up, ask, ejected }
}

for (const { name } of balancers) {
  t.test(`${name}: every target has its part of the requests, and those of a dead one go to the others`, async t => {
    const balance = name === 'consistent-hash' ? { kind: name, key: { header: 'x-user' } } : { kind: name }
    const { up, ask } = await before(t, 3, targets => ({
      targets,
      balance,
      health: { passive: { consecutive: 1, ...FOREVER } }
    }))
    const all = await ask(120)
    t.strictSame(Object.keys(all).sort(), ['0', '1', '2'], JSON.stringify(all))
    await up[1]?.kill()
    const rest = await ask(60)
    t.notOk(rest[1] ?? rest.failed, JSON.stringify(rest))
  })
}

t.test('targets of a later priority get what the earlier ones cannot carry, and nothing while they can', async t => {
  const { up, ask } = await before(t, 4, ([a, b, c, d]) => ({
    targets: [a, b, { url: c, priority: 1 }, { url: d, priority: 1 }],
    balance: { kind: 'priority', threshold: 1 },
    health: { passive: { consecutive: 1, maxEjected: 1, ...FOREVER } }
  }))
  t.strictSame(await ask(40), { 0: 20, 1: 20 })
  await up[0]?.kill()
  await ask(8) // of which one finds out
  const spilt = await ask(200)
  t.notOk(spilt[0] ?? spilt.failed)
  const carried = spilt[1] ?? 0
  t.ok(carried > 50 && carried < 150, `half of the first level carries ${carried} of 200`)
  await up[1]?.kill()
  await ask(8)
  t.strictSame(await ask(40), { 2: 20, 3: 20 }, 'nobody is left there')
})

t.test('never more targets are ejected than maxEjected says, however many fail', async t => {
  const { up, ask, ejected } = await before(t, 4, targets => ({
    targets,
    retries: { attempts: 0 },
    health: { passive: { consecutive: 1, statuses: ['5xx'], maxEjected: 0.5, ...FOREVER } }
  }))
  for (const target of up.slice(0, 3)) target.always({ status: 503 })
  await ask(12)
  t.equal(ejected(), 2)
  t.strictSame(await ask(20), { 3: 10, failed: 10 }, 'the third is asked on')
})

t.test('with slow start a target that is back from its ejection begins with few requests', async t => {
  const { up, ask, ejected } = await before(t, 2, targets => ({
    targets,
    slowStart: '1h',
    health: { passive: { consecutive: 1, statuses: [503], ejection: '10ms' } }
  }))
  t.strictSame(await ask(20), { 0: 10, 1: 10 }, 'at the start all have their whole part')
  up[0]?.next({ status: 503 })
  await ask(4)
  t.equal(ejected(), 1)
  let back = 0
  while (back === 0) back = (await ask(1))[0] ?? 0
  const { 0: few = 0, 1: most = 0 } = await ask(110)
  t.ok(few >= 5 && few <= 20, `a tenth of the weight: ${few} of 110`)
  t.equal(few + most, 110)
})
