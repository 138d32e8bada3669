import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import * as policy from '../../core/plugin-host/gen/policy.js'
import { fixtureGuest, ROOT } from './guest.js'

/** The order is the one the guest "mirror" numbers them in. */
const MESSAGES: Record<string, policy.Codec<object, object>> = {
  ConfigureInput: policy.ConfigureInput,
  ConfigureResult: policy.ConfigureResult,
  Context: policy.Context,
  Request: policy.Request,
  Response: policy.Response,
  RequestInput: policy.RequestInput,
  ResponseInput: policy.ResponseInput,
  HeaderEdit: policy.HeaderEdit,
  Reply: policy.Reply,
  Verdict: policy.Verdict
}

interface Golden {
  readonly name: string
  readonly message: string
  /** Bytes are written as { "hex": "…" }. */
  readonly value: Record<string, unknown>
  readonly hex: string
}

const goldens: Golden[] = JSON.parse(readFileSync(join(ROOT, 'test/fixtures/policy/golden.json'), 'utf8'))
const guest = await fixtureGuest('mirror')

t.test('every message of the contract has golden bytes', async t => {
  const named = Object.keys(policy).filter(name => name !== 'HeaderEditOp')
  t.strictSame(Object.keys(MESSAGES).sort(), named.sort())
  t.strictSame([...new Set(goldens.map(each => each.message))].sort(), named.sort())
})

for (const { name, message, value, hex } of goldens) {
  t.test(`${message} has its golden bytes on both sides: ${name}`, async t => {
    const codec = MESSAGES[message] as policy.Codec<object, object>
    const init = withBytes(value)
    t.equal(Buffer.from(codec.encode(init).finish()).toString('hex'), hex, 'the host encodes them')
    t.match(codec.decode(Buffer.from(hex, 'hex')), init, 'the host decodes them')
    const mirrored = guest.run('mirror', Buffer.from(hex, 'hex'), [Object.keys(MESSAGES).indexOf(message)])
    t.equal(mirrored?.toString('hex'), hex, 'the guest decodes and encodes them')
  })
}

t.test('64-bit integers are plain numbers on the host', async t => {
  const bytes = policy.Context.encode({ nowMs: 2 ** 50 + 1 }).finish()
  t.equal(policy.Context.decode(bytes).nowMs, 2 ** 50 + 1)
})

t.test('what is absent has its default, and an optional field is null', async t => {
  const verdict = policy.Verdict.decode(new Uint8Array(0))
  t.strictSame([verdict.headers, verdict.tags, verdict.reply, verdict.path, verdict.status], [[], [], null, null, null])
  t.equal(policy.Verdict.decode(policy.Verdict.encode({ query: '' }).finish()).query, '')
  t.equal(policy.Request.decode(new Uint8Array(0)).path, '')
})

function withBytes(value: unknown): object {
  return JSON.parse(JSON.stringify(value), (_key, each) =>
    typeof each === 'object' && each !== null && typeof each.hex === 'string' ? Buffer.from(each.hex, 'hex') : each
  )
}
