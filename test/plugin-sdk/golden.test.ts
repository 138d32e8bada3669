import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import * as policy from '../../core/plugin-host/gen/policy.js'
import { readContract } from '../../plugin-sdk/generator/model.js'
import { fixtureGuest, ROOT } from './guest.js'

const PROTO = 'plugin-sdk/proto/sluice/v1/policy.proto'

type AnyCodec = policy.Codec<object, object>

/** In the order of the contract, which is the one the guest "mirror" numbers them in. */
const names = readContract(readFileSync(join(ROOT, PROTO), 'utf8')).messages.map(each => each.name)
const codecs = names.map(name => [name, (policy as unknown as Record<string, AnyCodec>)[name]] as const)

interface Golden {
  readonly name: string
  readonly message: string
  /** Bytes are written as { "hex": "…" }. */
  readonly value: Record<string, unknown>
  readonly hex: string
}

const goldens: Golden[] = JSON.parse(readFileSync(join(ROOT, 'test/fixtures/policy/golden.json'), 'utf8'))
const guest = await fixtureGuest('mirror')

const mirrored = (name: string, bytes: Uint8Array) => guest.run('mirror', bytes, [names.indexOf(name)])
const bytesOf = (message: string) =>
  goldens.filter(each => each.message === message).map(each => Buffer.from(each.hex, 'hex'))

t.test('every message of the contract has golden bytes, empty and with every field', async t => {
  t.strictSame([...new Set(goldens.map(each => each.message))].sort(), [...names].sort())
  for (const { name, fields } of readContract(readFileSync(join(ROOT, PROTO), 'utf8')).messages) {
    const values = goldens.filter(each => each.message === name).map(each => each.value)
    t.ok(
      values.some(value => Object.keys(value).length === 0),
      `${name}: empty`
    )
    const missing = fields.filter(field => !values.some(value => field.name in value)).map(field => field.name)
    t.strictSame(missing, [], `${name}: fields in no golden`)
  }
})

for (const { name, message, value, hex } of goldens) {
  t.test(`${message} has its golden bytes on both sides: ${name}`, async t => {
    const codec = codecOf(message)
    const init = withBytes(value)
    t.equal(Buffer.from(codec.encode(init).finish()).toString('hex'), hex, 'the host encodes them')
    t.match(codec.decode(Buffer.from(hex, 'hex')), init, 'the host decodes them')
    t.equal(mirrored(message, Buffer.from(hex, 'hex'))?.toString('hex'), hex, 'the guest decodes and encodes them')
  })
}

for (const [name] of codecs) {
  t.test(`${name} in several parts is merged as the host does it`, async t => {
    for (const first of bytesOf(name)) {
      for (const second of bytesOf(name)) {
        const joined = Buffer.concat([first, second])
        const codec = codecOf(name)
        const expected = codec.encode(codec.decode(joined)).finish()
        t.equal(mirrored(name, joined)?.toString('hex'), Buffer.from(expected).toString('hex'))
      }
    }
  })

  t.test(`what the guest refuses of ${name} the host refuses too, and nothing traps`, async t => {
    const known = bytesOf(name)
    const spoilt = fc
      .tuple(fc.constantFrom(...known), fc.nat(), fc.nat({ max: 255 }), fc.boolean())
      .map(([golden, at, byte, cut]) => {
        const bytes = Buffer.from(golden)
        if (bytes.length === 0) return Buffer.of(byte)
        if (cut) return bytes.subarray(0, at % bytes.length)
        bytes[at % bytes.length] = byte
        return bytes
      })
    fc.assert(
      fc.property(fc.oneof(spoilt, spoilt, fc.uint8Array({ maxLength: 64 })), bytes => {
        const answer = mirrored(name, bytes)
        if (answer === undefined) t.throws(() => codecOf(name).decode(bytes), Buffer.from(bytes).toString('hex'))
        else codecOf(name).decode(answer)
      }),
      { numRuns: 500 }
    )
  })
}

function codecOf(name: string): AnyCodec {
  const found = codecs.find(([known]) => known === name)?.[1]
  if (found === undefined) throw new Error(`the generated code has no ${name}`)
  return found
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
