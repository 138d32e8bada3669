import fc from 'fast-check'
import t from 'tap'
import { type IdleClient, keeper, type Opened, open, policy } from './targets.js'

type Step =
  | { readonly do: 'open'; readonly targets: readonly number[]; readonly settings: number }
  | { readonly do: 'close' | 'begin' | 'end'; readonly which: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('open' as const),
    targets: fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 5 }),
    settings: fc.nat(1)
  }),
  fc.record({ do: fc.constantFrom('close' as const, 'begin' as const, 'end' as const), which: fc.nat(20) })
)

t.test(
  'a client is closed once, when no snapshot has its target any more, in whatever order they come and go',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        const { clock, kept } = keeper()
        const snapshots: Opened[] = []
        const clients: IdleClient[] = []
        const inUse = () => new Set(snapshots.flatMap(({ upstream }) => upstream.targets.map(({ client }) => client)))
        const close = async (snapshot: Opened): Promise<void> => {
          snapshots.splice(snapshots.indexOf(snapshot), 1)
          await snapshot.upstream.close()
        }
        for (const each of steps) {
          if (each.do === 'open') {
            const targets = each.targets.map(i => ({ url: `http://t${i}` }))
            const opened = open(kept, policy(targets), { clientKey: String(each.settings) })
            snapshots.push(opened)
            clients.push(...opened.clients.values())
          } else {
            const snapshot = snapshots[each.which % Math.max(1, snapshots.length)]
            const target = snapshot?.upstream.targets[each.which % Math.max(1, snapshot.upstream.targets.length)]
            if (each.do === 'begin') target?.begin()
            else if (each.do === 'end' && (target?.inFlight ?? 0) > 0) target?.done()
            else if (each.do === 'close' && snapshot !== undefined) await close(snapshot)
          }
          const used = inUse()
          for (const client of clients) {
            const wanted = [...used].some(each => each === client) ? 0 : 1
            if (client.closed !== wanted) return false
          }
        }
        for (const snapshot of [...snapshots]) await close(snapshot)
        return clients.every(({ closed }) => closed === 1) && clock.timers === 0
      }),
      { numRuns: 200 }
    )
  }
)
