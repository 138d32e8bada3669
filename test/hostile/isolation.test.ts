import t from 'tap'
import { data, guest, verdictAt, when } from '../support/wat.js'
import { type Answer, field } from './harness.js'

t.setTimeout(120_000)

const set = (name: string, value: string) => ({ op: 0, name, value })
const SHOW = '(call $show (local.get $ptr) (local.get $len))'

/** Replies with what the call before left at 65,536, and leaves its own input there: a secret of one client for the next. */
const leaky = guest({
  pages: 4,
  more: '(global $kept (mut i32) (i32.const 0))',
  hooks: {
    on_request: `(local $before i32) (local.set $before (global.get $kept))
      (memory.copy (i32.const 40000) (i32.const 70000) (local.get $before))
      (global.set $kept (local.get $len))
      (memory.copy (i32.const 70000) (local.get $ptr) (local.get $len))
      (call $show (i32.const 40000) (local.get $before))`
  }
})

/** Counts its calls and replies with the count as one letter; traps when asked to. */
const counter = guest({
  more: '(global $calls (mut i32) (i32.const 64))',
  hooks: {
    on_request: `(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      ${when('trap', 'unreachable')}
      (i32.store8 (local.get $ptr) (global.get $calls)) (call $show (local.get $ptr) (i32.const 1))`
  }
})

const SHA = '(import "sluice" "sha256" (func $sha256 (param i32 i32 i32)))'
/** Has a digest written over the very bytes it is made of, and matches over the text they are found in. */
const overlapping = guest({
  imports: `${SHA}
    (import "sluice" "regex_compile" (func $compile (param i32 i32) (result i32)))
    (import "sluice" "regex_find_all" (func $find (param i32 i32 i32 i32 i32) (result i32)))`,
  more: data(2048, 'a'),
  hooks: {
    on_request: `(i32.store (i32.const 1024) (i32.const 0x636261)) ;; abc
      (memory.fill (i32.const 4096) (i32.const 97) (i32.const 64))
      (call $sha256 (i32.const 1024) (i32.const 3) (i32.const 1024))
      (if (i32.ne (i32.load (i32.const 1024)) (i32.const 0xbf1678ba)) (then unreachable))
      (if (i32.ne (call $find (call $compile (i32.const 2048) (i32.const 1)) (i32.const 4096) (i32.const 64) (i32.const 4096) (i32.const 64))
                  (i32.const 64)) (then unreachable))
      (if (i32.ne (i32.load (i32.const 4600)) (i32.const 63)) (then unreachable)) ;; start of the last match
      (i32.const 0)`
  }
})

/** Grows its memory between being given its input, a host call into the new pages, and its answer from there. */
const growing = guest({
  imports: SHA,
  more: verdictAt(2048, { headers: [set('x-grown', 'yes')] }),
  hooks: {
    on_request: `(local $at i32)
      (local.set $at (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
      (if (i32.lt_s (local.get $at) (i32.const 0)) (then unreachable))
      (call $sha256 (local.get $ptr) (local.get $len) (local.get $at))
      (drop (memory.grow (i32.const 1)))
      (memory.copy (local.get $at) (i32.const 2048) (i32.const 64))
      (local.get $at)`
  }
})

/** Calls the host while the host is calling it for memory, and calls its own hook from there. */
const reentrant = guest({
  imports: `${SHA} (import "sluice" "log" (func $log (param i32 i32 i32)))`,
  alloc: `(func $alloc (param $n i32) (result i32)
    (call $log (i32.const 1) (i32.const 1024) (i32.const 4))
    (call $sha256 (i32.const 1024) (i32.const 4) (i32.const 4096))
    (drop (call $own (i32.const 131072) (i32.const 0)))
    (i32.const 131072))
    (func $own (param $ptr i32) (param $len i32) (result i32) (i32.const 0))`,
  hooks: { on_request: '(call $own (call $alloc (i32.const 8)) (i32.const 8))' }
})

const POISON = ['__proto__', 'constructor', 'hasownproperty', 'tostring']
const poison = guest({
  hooks: { on_request: '(i32.const 8192)', on_effect: '(i32.const 16384)' },
  more: `${verdictAt(8192, {
    headers: POISON.map(name => set(name, 'polluted')),
    responseHeaders: POISON.map(name => set(name, 'polluted')),
    tags: POISON.flatMap(name => [name, 'polluted']),
    bag: POISON.flatMap(name => [name, 'polluted']),
    consumer: '__proto__',
    effects: ['__proto__', 'constructor.prototype.x'].map((key, i) => ({
      id: POISON[i] ?? '',
      kv: { kind: 1, key, value: Buffer.from('{"__proto__":{"polluted":1}}') }
    }))
  })}
  ${verdictAt(16_384, { tags: ['__proto__', '1'] })}`
})

const failing = guest({ hooks: { on_request: `${when('boom', 'unreachable')} ${SHOW}` } })
const SECRET = 'hunter2-the-secret'

t.test('plugins that reach for what is not theirs', async t => {
  const sluice = await field(t, {
    plugins: {
      leaky,
      counter,
      overlapping,
      growing: { wasm: growing, limits: { memoryPages: 1_000 } },
      reentrant,
      poison,
      shower: guest({ hooks: { on_request: SHOW } }),
      failing: { wasm: failing, settings: { type: 'object', additionalProperties: true } }
    },
    routes: {
      'pooled-a': [{ plugin: 'leaky' }],
      'pooled-b': [{ plugin: 'leaky' }],
      alone: [{ plugin: 'leaky', isolation: 'per-request' }],
      counter: [{ plugin: 'counter' }],
      overlapping: [{ plugin: 'overlapping' }],
      growing: [{ plugin: 'growing' }],
      reentrant: [{ plugin: 'reentrant' }],
      poison: [{ plugin: 'poison' }, { plugin: 'steady' }],
      shown: [{ plugin: 'shower' }],
      failing: [{ plugin: 'failing', settings: { constructor: { prototype: { polluted: true } }, key: SECRET } }]
    }
  })

  // 24
  t.test(
    'what a tenant left in the memory of a plugin stays in its route, and with per-request isolation in its call',
    async t => {
      const ask = (route: string, secret: string): Promise<Answer> =>
        sluice.get(`${route}/x`, { headers: { 'x-secret': secret } })
      await sluice.during(t, 'secrets left in memory', async () => {
        await ask('pooled-a', 'alpha')
        const next = await ask('pooled-a', 'beta')
        t.match(next.text, /alpha/, 'pooled, as it is documented: an instance serves many exchanges of its binding')
        await ask('pooled-a', 'alpha')
        t.notMatch((await ask('pooled-b', 'gamma')).text, /alpha/, 'no other binding of the same plugin sees it')
        for (const secret of ['one', 'two', 'three']) t.equal((await ask('alone', secret)).text, '')
      })
    }
  )

  // 25
  t.test('after a trap nothing of the instance is left', async t => {
    await sluice.during(t, 'use after a trap', async () => {
      await sluice.get('counter/trap')
      t.equal((await sluice.get('counter/x')).text, 'A')
      t.equal((await sluice.get('counter/x')).text, 'B')
      t.equal((await sluice.get('counter/trap')).code, 'GW_PLUGIN_FAILED')
      t.equal((await sluice.get('counter/x')).text, 'A')
    })
  })

  // 26, 27, 28
  for (const [route, what] of Object.entries({
    overlapping: 'what the host writes over what it reads is made from what was there before',
    growing: 'a memory that grows under the host’s hands',
    reentrant: 'host calls from within sluice_alloc'
  })) {
    await t.test(what, async t => {
      await sluice.during(t, what, async () => {
        for (let i = 0; i < 20; i++) t.equal((await sluice.get(`${route}/x`)).status, 200)
      })
    })
  }

  // 29
  t.test('exchanges at the same time see themselves alone: there is no way to name another', async t => {
    await sluice.during(t, 'many tenants at a time', () =>
      Promise.all(
        Array.from({ length: 60 }, async (_, i) => {
          const { text } = await sluice.get(`shown/${i}`, { headers: { 'x-tenant': `<tenant-${i}>` } })
          t.strictSame(text.match(/<tenant-\d+>/g), [`<tenant-${i}>`])
        })
      )
    )
  })

  // 32
  t.test('names that mean something to JavaScript are names like any other', async t => {
    await sluice.during(t, 'prototype pollution', async () => {
      const { status, headers } = await sluice.get('poison/x', {
        headers: [...POISON.map((name): [string, string] => [name, 'mine'])]
      })
      t.equal(status, 200)
      for (const name of POISON) t.equal(headers.get(name), 'polluted')
      t.equal((await sluice.get('failing/__proto__?__proto__=1&constructor[prototype]=x')).status, 200)
    })
  })

  // 33; the harness looks at every error of every attack for more of the inside
  t.test('what an error tells is in the log, and not with the client', async t => {
    await sluice.during(t, 'errors', async () => {
      const { code, text } = await sluice.get('failing/boom')
      t.equal(code, 'GW_PLUGIN_FAILED')
      t.notMatch(text, new RegExp(`${SECRET}|failing|x-secret`))
    })
    t.match(await sluice.logged(({ plugin }) => plugin === 'failing'), { reason: 'trap', where: /^routes\[/ })
    t.notMatch(JSON.stringify(sluice.log), new RegExp(SECRET))
  })
})
