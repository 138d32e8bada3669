import t from 'tap'
import { wholeBody } from '../../core/base/body.js'
import { Background } from '../../core/gateway/background.js'
import { Effects, type EffectTargets } from '../../core/gateway/effects.js'
import { KvKind, Verdict } from '../../core/plugin-host/abi.js'
import { bindAlone } from '../../core/plugin-host/bind-alone.js'
import type { HttpClient } from '../../core/upstream/http.js'
import { Target } from '../../core/upstream/target.js'

type EffectInit = NonNullable<Parameters<typeof Verdict.encode>[0]['effects']>[number]

/** What is answered to effects of a plugin of that name. */
function perform(targets: Partial<EffectTargets>, effects: readonly EffectInit[], name = 'asks') {
  const about = { version: '1.0.0', abi: 1 as const, kind: 'auth' as const, description: 'x' }
  const binding = bindAlone({ ...about, name, hooks: ['on_request'] }, {}, { abi: 'direct' })
  const all = { upstreams: new Map(), origins: new Map(), secrets: new Map(), ...targets } as EffectTargets
  const asked = Verdict.encode({ effects: [...effects] }).finish()
  return new Effects(all, 'loop', new Background()).perform(Verdict.decode(asked).effects, binding, undefined)
}

t.test('a callout to an upstream is one request in flight, until its answer is there', async t => {
  const seen: number[] = []
  const client: Pick<HttpClient, 'ask'> = {
    ask: (_request, _timeouts, asker) => {
      seen.push(target.inFlight)
      asker.replied({ status: 200, headers: [], body: Buffer.from('ok') })
    }
  }
  const target = new Target('http://a', client as HttpClient)
  const upstreams = new Map([['up', { pick: () => target }]]) as unknown as EffectTargets['upstreams']
  const [answer] = await perform({ upstreams }, [{ id: 'a', http: { upstream: 'up', url: '/' } }])
  t.match(answer, { id: 'a', status: 200 })
  t.strictSame([...seen, target.inFlight], [1, 0])
})

t.test('a callout takes five seconds and 64 KiB when its plugin does not say otherwise', async t => {
  const connect: number[] = []
  const client: Pick<HttpClient, 'ask'> = {
    ask: ({ target }, timeouts, asker) => {
      connect.push(timeouts.connect)
      const body = wholeBody(Buffer.alloc(target === '/large' ? 65_537 : 65_536))
      asker.replied({ status: 200, headers: [], body })
    }
  }
  const origins = new Map([['http://a.example', client as HttpClient]])
  const answers = await perform({ origins }, [
    { id: '1', http: { url: 'http://a.example/' } },
    { id: '2', http: { url: 'http://a.example/large' } },
    { id: '3', http: { url: 'http://a.example/large', maxBytes: 70_000, timeoutMs: 7_000 } }
  ])
  t.match(answers, [{ status: 200 }, { error: 'too-large' }, { status: 200 }])
  t.strictSame(connect, [5_000, 5_000, 7_000])
})

t.test('plugins do not meet in the store, and what they keep ends when they say', async t => {
  const asked: unknown[] = []
  const note =
    (name: string, answer: unknown) =>
    async (...args: unknown[]) => {
      asked.push([name, ...args.map(each => (each instanceof Uint8Array ? Buffer.from(each).toString() : each))])
      return answer
    }
  const store = {
    get: note('get', Buffer.from('v')),
    set: note('set', undefined),
    delete: note('delete', true),
    swap: note('swap', false),
    add: note('add', 7)
  } as unknown as EffectTargets['store']
  const [value, expected] = [Buffer.from('new'), Buffer.from('old')]
  const answers = await perform(
    { store },
    [
      { id: '1', kv: { kind: KvKind.GET, key: 'k' } },
      { id: '2', kv: { kind: KvKind.SET, key: 'k', value, ttlMs: 10 } },
      { id: '3', kv: { kind: KvKind.DELETE, key: 'k' } },
      { id: '4', kv: { kind: KvKind.SWAP, key: 'k', expected, value, ttlMs: 20 } },
      { id: '5', kv: { kind: KvKind.SWAP, key: 'k', value } },
      { id: '6', kv: { kind: KvKind.ADD, key: 'k', delta: 3, ttlMs: 30 } }
    ],
    'mine'
  )
  t.strictSame(asked, [
    ['get', 'mine:k'],
    ['set', 'mine:k', 'new', 10],
    ['delete', 'mine:k'],
    ['swap', 'mine:k', 'old', 'new', 20],
    ['swap', 'mine:k', undefined, 'new', 0],
    ['add', 'mine:k', 3, 30]
  ])
  t.match(answers, [
    { found: true, body: Buffer.from('v') },
    { found: true },
    { found: true },
    { found: false },
    { found: false },
    { found: true, number: 7 }
  ])
})

t.test('a store that cannot be reached is an answer like any other', async t => {
  const store = { get: () => Promise.reject(new Error('no route to 10.0.0.1')) } as unknown as EffectTargets['store']
  t.strictSame(await perform({ store }, [{ id: 'a', kv: { key: 'k' } }]), [{ id: 'a', error: 'failed' }])
})
