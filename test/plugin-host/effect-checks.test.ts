import t from 'tap'
import type { Permissions } from '../../core/base/manifest.js'
import { Verdict } from '../../core/plugin-host/abi.js'
import { checkBag, checkEffects } from '../../core/plugin-host/effect-checks.js'
import { grants } from '../../core/plugin-host/permissions.js'

type EffectInit = NonNullable<Parameters<typeof Verdict.encode>[0]['effects']>[number]

const ORIGIN = 'https://judge.example'
const ASKED = { store: true, secrets: ['token'], callouts: ['judge', ORIGIN] } satisfies Permissions

function check(effects: readonly EffectInit[], asked: Permissions = ASKED): void {
  const read = Verdict.decode(Verdict.encode({ effects: [...effects] }).finish()).effects
  checkEffects(read, grants(asked, 'asked', {}), true, 'on_effect')
}

const without = (name: keyof typeof ASKED): Permissions => {
  const { [name]: _left, ...rest } = ASKED
  return rest
}

t.test('two effects that are waited for have two ids, and the store is asked for what it does', async t => {
  const kv = { kind: 1, key: 'k' }
  check([
    { id: 'a', kv },
    { id: 'b', kv },
    { kv, detached: true },
    { kv, detached: true }
  ])
  t.throws(
    () =>
      check([
        { id: 'a', kv },
        { id: 'a', kv }
      ]),
    { reason: 'output', message: /two effects with the id "a"/ }
  )
  t.throws(() => check([{ id: 'a', kv: { kind: 9, key: 'k' } }]), { reason: 'output', message: /does not do: 9/ })
})

t.test('each thing that is asked for needs its own grant', async t => {
  const effects: [string, keyof typeof ASKED, EffectInit, RegExp][] = [
    ['the store', 'store', { kv: { key: 'k' } }, /using the store is not granted/],
    ['a secret', 'secrets', { secret: 'token' }, /the secret "token" is not granted/],
    ['a key set', 'callouts', { jwks: `${ORIGIN}/keys` }, /calling https:\/\/judge\.example is not granted/],
    ['an origin', 'callouts', { http: { url: `${ORIGIN}/` } }, /calling https:\/\/judge\.example is not granted/],
    [
      'an upstream',
      'callouts',
      { http: { upstream: 'judge', url: '/' } },
      /calling the upstream "judge" is not granted/
    ]
  ]
  for (const [what, permission, effect, message] of effects) {
    t.doesNotThrow(() => check([effect]), what)
    t.throws(() => check([effect], without(permission)), { reason: 'denied', message }, `${what} without its grant`)
    const detached = { ...effect, detached: true }
    t.throws(
      () => check([detached], without(permission)),
      { reason: 'denied', message },
      `${what}, with nobody waiting`
    )
  }
  for (const effect of [
    { secret: 'other' },
    { jwks: 'https://other.example/keys' },
    { jwks: `${ORIGIN}:8443/keys` },
    { http: { upstream: 'main', url: '/' } },
    { http: { upstream: 'constructor', url: '/' } }
  ])
    t.throws(() => check([effect]), { reason: 'denied', message: /not granted/ }, JSON.stringify(effect))
})

t.test('a callout has a method, a path and headers of its own, and bounds', async t => {
  const http = { upstream: 'judge', url: '/a?b=c' }
  for (const more of [
    { method: 'PROPFIND' },
    { headers: ['x-a', 'b'] },
    { timeoutMs: 60_000, maxBytes: 16 << 20, body: Buffer.alloc(1 << 20) }
  ])
    t.doesNotThrow(() => check([{ http: { ...http, ...more } }]))
  for (const more of [
    { method: 'CONNECT' },
    { method: 'TRACE' },
    { method: 'get' },
    { method: 'GET /' },
    { url: 'a' },
    { url: '' },
    { url: '/a b' },
    { url: '/a#b' },
    { url: '/a\r\nx: y' },
    { url: `/${'a'.repeat(8_192)}` },
    { timeoutMs: 60_001 },
    { maxBytes: (16 << 20) + 1 },
    { body: Buffer.alloc((1 << 20) + 1) },
    { headers: ['x-a', 'a'.repeat(16_385)] },
    { headers: ['X-A', 'b'] },
    { headers: Array.from({ length: 65 }, (_, i) => [`x-${i}`, 'v']).flat() }
  ])
    t.throws(
      () => check([{ http: { ...http, ...more } }]),
      { reason: 'denied', message: /./ },
      JSON.stringify(more).slice(0, 60)
    )
})

t.test('keys and values for the store, ids, and how many are asked for are bounded', async t => {
  for (const effect of [
    { kv: { key: 'k'.repeat(1_025) } },
    { kv: { kind: 1, key: 'k', value: Buffer.alloc((1 << 20) + 1) } },
    { kv: { kind: 3, key: 'k', value: Buffer.alloc(1 << 19), expected: Buffer.alloc((1 << 19) + 1) } },
    { id: 'i'.repeat(1_025), secret: 'token' }
  ])
    t.throws(() => check([effect]), { reason: 'denied', message: /too long/ })
  t.throws(() => check(Array.from({ length: 17 }, (_, i) => ({ id: String(i), secret: 'token' }))), {
    reason: 'denied',
    message: /more than 16 effects/
  })
})

t.test('entries of the bag have plain names, and there are not many', async t => {
  t.doesNotThrow(() => checkBag(['score', '1', 'a.b_c-D', '']))
  for (const bag of [
    ['score'],
    ['', '1'],
    ['a b', '1'],
    ['a\n', '1'],
    ['a'.repeat(129), '1'],
    ['a', 'x'.repeat(32_768)],
    Array.from({ length: 65 }, (_, i) => [`n${i}`, '']).flat()
  ])
    t.throws(() => checkBag(bag), { reason: 'denied', message: /./ }, JSON.stringify(bag).slice(0, 60))
})
