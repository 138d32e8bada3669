import t from 'tap'
import { connect, request } from '../../support/client.js'
import { faultyUpstream } from '../../support/faulty-upstream.js'
import { type RunningSluice, startSluice } from '../../support/sluice.js'

t.setTimeout(120_000)

const CLIENTS = 24

/** Exchanges that needed another try: the first one failed. */
const retried = ({ untaken }: RunningSluice): number => untaken.filter(({ attempts }) => attempts === 2).length
const ejection = ({ others }: RunningSluice) => others.find(({ msg }) => msg === 'a target is ejected')

for (const consecutive of [1, 3, 7]) {
  t.test(
    `a target that is dead is tried ${consecutive} time(s), as the configuration says, and then no more`,
    async t => {
      const targets = [await faultyUpstream(t, 'a'), await faultyUpstream(t, 'b'), await faultyUpstream(t, 'c')]
      const [victim] = targets
      const sluice = await startSluice(t, {
        upstreams: {
          main: {
            targets: targets.map(({ url }) => url),
            health: { passive: { consecutive, ejection: '1h', maxEjection: '1h' } }
          }
        }
      })
      await victim?.kill()
      const { send, reply } = await connect(t, sluice.port)
      for (let i = 0; i < 60; i++) {
        if (i === 40) await victim?.revive()
        send(request('GET', '/'))
        t.equal((await reply()).status, 200)
      }
      t.match(ejection(sluice), { target: victim?.url, reason: 'consecutive' })
      t.equal(retried(sluice), consecutive)
      t.strictSame(victim?.seen, [], 'while it is ejected it is left alone, well or not')
    }
  )
}

t.test(
  'one of three targets is killed under load: no client sees it, it is ejected, and serves again when it is back',
  async t => {
    const targets = [await faultyUpstream(t, 'a'), await faultyUpstream(t, 'b'), await faultyUpstream(t, 'c')]
    const [victim] = targets
    if (victim === undefined) throw new Error('no target')
    const sluice = await startSluice(t, {
      upstreams: {
        main: {
          targets: targets.map(({ url }) => url),
          health: { passive: { consecutive: 5, ejection: '200ms', maxEjection: '200ms' } }
        }
      }
    })
    let replies = 0
    let ejectedAt = Number.POSITIVE_INFINITY
    let failedTries = Number.POSITIVE_INFINITY
    const failures: number[] = []
    let running = true
    const waiting: [number, () => void][] = []
    const client = async () => {
      const { send, reply } = await connect(t, sluice.port)
      while (running) {
        send(request('GET', '/'))
        const { status } = await reply()
        if (status !== 200) failures.push(status)
        replies++
        if (ejectedAt > replies && ejection(sluice) !== undefined) ejectedAt = replies
        // By then every exchange that was under way has ended.
        if (replies === ejectedAt + 2 * CLIENTS) failedTries = retried(sluice)
        for (const [count, resolve] of waiting) if (replies >= count) resolve()
      }
    }
    const more = (count: number) => new Promise<void>(resolve => waiting.push([replies + count, resolve]))
    const load = Promise.all(Array.from({ length: CLIENTS }, client))
    await more(300)
    await victim.kill()
    await more(1_000)
    const before = victim.seen.length
    t.match(ejection(sluice), { target: victim.url, reason: 'consecutive' })
    t.ok(
      failedTries >= 5 && failedTries <= 5 + CLIENTS,
      `${failedTries} tries failed: the threshold, and those under way`
    )
    await victim.revive()
    while (victim.seen.length === before) await more(50)
    running = false
    await load
    t.strictSame(failures, [])
  }
)

for (const [reason, failures, passive] of [
  ['consecutive', 4, { consecutive: 4, rate: false }],
  ['rate', 6, { consecutive: 1_000, rate: { requests: 6, share: 1 } }]
] as const) {
  t.test(`a target that answers with one of passive.statuses is ejected: ${reason}`, async t => {
    const [sick, well] = [await faultyUpstream(t, 'sick'), await faultyUpstream(t, 'well')]
    sick.always({ status: 500 })
    const health = { passive: { statuses: [500], ejection: '1h', maxEjection: '1h', ...passive } }
    const targets = [sick.url, well.url]
    const sluice = await startSluice(t, { upstreams: { main: { targets, health } } })
    const { send, reply } = await connect(t, sluice.port)
    for (let i = 0; i < 40; i++) {
      send(request('GET', '/'))
      await reply()
    }
    t.match(ejection(sluice), { target: sick.url, reason })
    t.equal(sick.seen.length, failures, 'no sooner and no later')
  })
}

t.test('twice as many clients as may be served at a time: critical ones never wait behind others', async t => {
  const up = await faultyUpstream(t)
  const sluice = await startSluice(t, {
    log: { access: false },
    upstreams: { main: { targets: [up.url], concurrency: { limit: 4, queue: 8, queueTimeout: '1h' } } },
    routes: ['critical', 'bulk'].map(priority => ({
      name: priority,
      match: { path: `/${priority}` },
      upstream: 'main',
      priority
    }))
  })
  const statuses = { critical: new Map<number, number>(), bulk: new Map<number, number>() }
  const client = async (priority: 'critical' | 'bulk', count: number) => {
    const { send, reply } = await connect(t, sluice.port)
    for (let i = 0; i < count; i++) {
      send(request('GET', `/${priority}`))
      const { status } = await reply()
      statuses[priority].set(status, (statuses[priority].get(status) ?? 0) + 1)
    }
  }
  await Promise.all([
    ...Array.from({ length: 6 }, () => client('critical', 100)),
    ...Array.from({ length: 20 }, () => client('bulk', 100))
  ])
  t.strictSame([...statuses.critical], [[200, 600]], 'six critical clients always fit')
  const refused = statuses.bulk.get(503) ?? 0
  t.ok(refused > 0, `${refused} of the others were refused`)
  t.equal((statuses.bulk.get(200) ?? 0) + refused, 2_000)
})
