import t from 'tap'
import { Background } from '../../core/gateway/background.js'
import { Effects, type EffectTargets } from '../../core/gateway/effects.js'
import { Verdict } from '../../core/plugin-host/abi.js'
import { bindAlone } from '../../core/plugin-host/bind-alone.js'
import type { HttpClient } from '../../core/upstream/http.js'
import { Target } from '../../core/upstream/target.js'

t.test('a callout to an upstream is one request in flight, until its answer is there', async t => {
  const seen: number[] = []
  const client: Pick<HttpClient, 'send'> = {
    send: async () => {
      seen.push(target.inFlight)
      return { status: 200, headers: [], body: Buffer.from('ok') }
    }
  }
  const target = new Target('http://a', client as HttpClient)
  const upstreams = new Map([['up', { pick: () => target }]]) as unknown as EffectTargets['upstreams']
  const targets = { upstreams, origins: new Map(), secrets: new Map() } as unknown as EffectTargets
  const effects = new Effects(targets, 'loop', new Background())
  const about = { version: '1.0.0', abi: 1 as const, kind: 'auth' as const, description: 'x' }
  const binding = bindAlone({ ...about, name: 'asks', hooks: ['on_request'] }, {}, { abi: 'direct' })
  const asked = Verdict.encode({ effects: [{ id: 'a', http: { upstream: 'up', url: '/' } }] }).finish()
  const [answer] = await effects.perform(Verdict.decode(asked).effects, binding, undefined)
  t.match(answer, { id: 'a', status: 200 })
  t.strictSame([...seen, target.inFlight], [1, 0])
})
