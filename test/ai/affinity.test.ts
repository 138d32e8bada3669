import { createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { MAX_ENVELOPE, open, seal } from '../../core/ai/affinity.js'

const key = createSecretKey(randomBytes(32))
const affinity = { account: 'openai-eu', region: 'eu', id: 'resp_0123456789abcdef' }

t.test('what is sealed opens again, and looks like an id of its kind', async t => {
  const envelope = seal([key], 'acme/app', affinity)
  t.match(envelope, /^resp_sl1_[\w-]+$/)
  t.strictSame(open([key], 'acme/app', envelope), { kind: 'own', ...affinity })
  t.match(seal([key], '', { ...affinity, id: 'file-abc' }), /^file-sl1_/)
  t.match(seal([key], '', { ...affinity, id: '25de2f84-163c' }), /^sl1_/)
})

t.test('any account, region and id survive', async t => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (owner, account, region, id) => {
      const envelope = seal([key], owner, { account, region, id })
      t.strictSame(open([key], owner, envelope), { kind: 'own', account, region, id })
      t.match(envelope, /^[\w-]+$/, 'fits into a path as it is')
    })
  )
  t.end()
})

t.test('an envelope is of no use to another owner', async t => {
  t.strictSame(open([key], 'other/app', seal([key], 'acme/app', affinity)), { kind: 'forged' })
  t.strictSame(open([key], 'ab', seal([key], 'a', affinity)), { kind: 'forged' })
})

t.test('a change of any character is seen', async t => {
  const envelope = seal([key], 'acme/app', affinity)
  for (let i = 0; i < envelope.length; i++) {
    for (const other of ['A', 'b', '_', '-', '0']) {
      if (envelope[i] === other) continue
      const changed = envelope.slice(0, i) + other + envelope.slice(i + 1)
      t.not(open([key], 'acme/app', changed).kind, 'own', changed)
    }
  }
  for (const cut of [1, 5, envelope.length - 10]) t.not(open([key], 'acme/app', envelope.slice(0, -cut)).kind, 'own')
})

t.test('keys change without ids becoming unknown', async t => {
  const newer = createSecretKey(randomBytes(32))
  const envelope = seal([key], '', affinity)
  t.equal(open([newer, key], '', envelope).kind, 'own')
  t.equal(open([newer], '', envelope).kind, 'forged')
  t.not(seal([newer, key], '', affinity), envelope)
  t.throws(() => seal([], '', affinity), { code: 'GW_INTERNAL' })
})

t.test('what is no envelope is foreign', async t => {
  for (const id of ['resp_0123', '', 'sl1_', 'resp_sl1_ä', `sl1_${'A'.repeat(MAX_ENVELOPE)}`]) {
    t.strictSame(open([key], '', id), { kind: 'foreign' })
  }
  t.strictSame(open([key], '', 'resp_sl1_AAAA'), { kind: 'forged' })
})

t.test('an id that is too long is an error of the provider', async t => {
  t.throws(() => seal([key], '', { ...affinity, id: 'x'.repeat(800) }), { code: 'GW_UPSTREAM_BAD_RESPONSE' })
})
