import t from 'tap'
import { type Downstream, Exchange } from '../../core/gateway/exchange.js'
import { handle } from '../../core/gateway/pipeline.js'
import { NO_BODY } from '../../core/server/request-body.js'
import { startSluice, toOne } from '../support/sluice.js'
import { httpUpstream } from '../support/upstream.js'

for (const [way, route] of [
  ['straight', {}],
  ['the whole way', { serverTiming: true }]
] as const) {
  t.test(
    `an exchange whose reply cannot be sent, against all promises, is let go of and logged all the same: ${way}`,
    async t => {
      const upstream = await httpUpstream(t, (_, response) => response.end('ok'))
      const config = toOne(upstream.port, {
        routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', ...route }]
      })
      const { snapshot, access } = await startSluice(t, config)
      const downstream: Downstream = {
        done: false,
        started: false,
        send: () => Promise.reject(new Error('no wire')),
        cut: () => undefined
      }
      const head = { method: 'GET', scheme: 'http', host: 'a', path: '/', query: '', headers: ['host', 'a'] } as const
      const request = { ...head, headers: [...head.headers] }
      const exchange = new Exchange('p', 1, performance.now(), request, NO_BODY, '127.0.0.1', downstream)
      const broken = await new Promise(resolve =>
        handle(exchange, snapshot, { ended: () => resolve('ended'), broken: resolve })
      )
      t.match(broken, { message: 'no wire' })
      t.match(await access(), { path: '/', error: 'GW_INTERNAL' })
      t.equal(snapshot.upstreams.get('main')?.targets[0]?.inFlight, 0)
    }
  )
}
