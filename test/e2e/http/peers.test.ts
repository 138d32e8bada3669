import fc from 'fast-check'
import t from 'tap'
import { connect, type RawClient, request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'

const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3'] as const

t.test(
  'every request is forwarded for the address its own connection comes from, whichever others are open',
  async t => {
    const upstream = await recordingUpstream(t)
    const sluice = await startSluice(t, toOne(upstream.port))
    // Connections that open, are used and close in any order: at times one address has all of them, at times not.
    const step = fc.record({
      connection: fc.nat({ max: 3 }),
      address: fc.constantFrom(...ADDRESSES),
      end: fc.boolean()
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async steps => {
        const open: { client: RawClient; address: string }[] = []
        for (const { connection, address, end } of steps) {
          const known = open[connection]
          const used = known ?? { client: await connect(t, sluice.port, address), address }
          if (known === undefined) open.push(used)
          used.client.send(request('GET', '/'))
          const { status } = await used.client.reply()
          const seen = upstream.seen.at(-1)
          if (status !== 200 || seen?.all('x-forwarded-for').join() !== used.address) return false
          if (end) open.splice(open.indexOf(used), 1)[0]?.client.socket.destroy()
        }
        for (const { client } of open) client.socket.destroy()
        return true
      }),
      { numRuns: 60 }
    )
    t.ok(upstream.seen.length >= 60, `${upstream.seen.length} requests`)
  }
)
