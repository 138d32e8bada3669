import fc from 'fast-check'
import t from 'tap'
import { Context, RequestInput } from '../../core/plugin-host/abi.js'
import { InputWriter } from '../../core/plugin-host/input-writer.js'

const writer = new InputWriter()
const text = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom('', 'x'.repeat(39), 'x'.repeat(40), 'é'.repeat(39), 'é'.repeat(70), 'y'.repeat(20_000))
)

t.test('what it writes means what protobufjs would have written', async t => {
  const message = fc.record({
    id: text,
    params: fc.array(text, { maxLength: 6 }),
    state: fc.uint8Array({ maxLength: 300 }),
    now: fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constant(0)),
    path: text,
    headers: fc.array(text, { maxLength: 40 })
  })
  const property = fc.property(message, ({ id, params, state, now, path, headers }) => {
    writer.begin()
    const context = writer.open(1)
    writer.text(1, id)
    writer.texts(5, params)
    writer.bytes(7, state)
    writer.number(8, now)
    writer.close(context)
    const request = writer.open(2)
    writer.text(4, path)
    writer.texts(6, headers)
    writer.close(request)
    const init = { context: { exchangeId: id, params, state, nowMs: now }, request: { path, headers } }
    const expected = RequestInput.decode(RequestInput.encode(init).finish())
    const found = RequestInput.decode(writer.finish())
    return plain(found) === plain(expected)
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2_000 }))
})

t.test('half a surrogate pair is written as U+FFFD', async t => {
  for (const [half, whole] of [
    ['\ud800 alone', '\ufffd alone'],
    [`${'x'.repeat(50)}\udc00`, `${'x'.repeat(50)}\ufffd`]
  ] as const) {
    writer.begin()
    writer.text(1, half)
    t.equal(Context.decode(writer.finish()).exchangeId, whole)
  }
})

t.test('an input larger than usual is written whole, and the next one is as before', async t => {
  for (const size of [65_530, 70_000, 3_000_000, 10]) {
    writer.begin()
    writer.bytes(7, Buffer.alloc(size, 7))
    writer.text(1, 'e')
    const { state, exchangeId } = Context.decode(writer.finish())
    t.strictSame([state.length, exchangeId], [size, 'e'])
  }
})

/** Absent and empty messages are one. */
function plain(message: RequestInput): string {
  return JSON.stringify(message)
}
