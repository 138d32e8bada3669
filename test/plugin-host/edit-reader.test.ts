import fc from 'fast-check'
import t from 'tap'
import { Verdict } from '../../core/plugin-host/abi.js'
import { decodeVerdict } from '../../core/plugin-host/edit-reader.js'

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('', 'x-marked', 'y'.repeat(100), 'y'.repeat(128), 'z'.repeat(300))
)
const edits = fc.array(fc.record({ op: fc.integer({ min: 0, max: 5 }), name: text, value: text }), { maxLength: 4 })
const verdict = fc.oneof(
  fc.record({ headers: edits, responseHeaders: edits }),
  fc.record({ headers: edits, responseHeaders: edits, consumer: text, tags: fc.array(text, { maxLength: 2 }) })
)

const encoded = (init: Parameters<typeof Verdict.encode>[0]) => Buffer.from(Verdict.encode(init).finish())

/** In the order of the fields, whichever was set first; the word "error" for what is no message. */
function said(bytes: Buffer, decode: (bytes: Buffer) => Verdict): string {
  try {
    return JSON.stringify(Verdict.encode(decode(bytes)).finish())
  } catch {
    return 'error'
  }
}

t.test('a verdict is read as protobufjs reads it', async t => {
  const property = fc.property(verdict, init => {
    const bytes = encoded(init)
    return said(bytes, decodeVerdict) === said(bytes, Verdict.decode)
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 3_000 }))
})

t.test('so are bytes that a guest broke', async t => {
  const change = fc.tuple(fc.nat(1_000), fc.nat(255))
  const property = fc.property(verdict, fc.array(change, { maxLength: 3 }), fc.nat(40), (init, changes, cut) => {
    const bytes = encoded(init)
    for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte
    const left = bytes.subarray(0, Math.max(0, bytes.length - cut))
    return said(left, decodeVerdict) === said(left, Verdict.decode)
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 20_000 }))
})

t.test('names and values that come twice in an edit count as they were said last', async t => {
  const one = encoded({ headers: [{ op: 1, name: 'a', value: '1' }] })
  const twice = Buffer.concat([one, one.subarray(2)])
  twice[1] = twice.length - 2
  t.equal(said(twice, decodeVerdict), said(twice, Verdict.decode))
})
