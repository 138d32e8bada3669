import fc from 'fast-check'
import t from 'tap'
import { base64Functions } from '../../core/plugin-host/functions/base64.js'
import { GuestMemory } from '../../core/plugin-host/guest-memory.js'

const memory = new GuestMemory(new WebAssembly.Memory({ initial: 1 }))
const { base64url_encode: encode, base64url_decode: decode } = base64Functions({ memory })
const OUT = 32_768

/** What the host wrote for these bytes; a number: what it answered instead. */
function ask(run: typeof encode, given: Uint8Array, room = 1_000): Buffer | number | undefined {
  memory.bytes.set(given, 0)
  const size = run?.(0, given.length, OUT, room)
  if (size === undefined || size < 0 || size > room) return size
  return Buffer.from(memory.bytes.subarray(OUT, OUT + size))
}

t.test(
  'base64 for URLs is what Node makes of the bytes, and is read again from either alphabet, padded or not',
  async t => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), given => {
        const bytes = Buffer.from(given)
        t.strictSame(ask(encode, bytes), Buffer.from(bytes.toString('base64url')))
        t.strictSame(ask(decode, Buffer.from(bytes.toString('base64url'))), bytes)
        t.strictSame(ask(decode, Buffer.from(bytes.toString('base64'))), bytes)
      }),
      { numRuns: 50 }
    )
  }
)

t.test('what is no base64 is told, and so is an answer that finds no room', async t => {
  for (const text of ['a', 'abcde', 'ab=', 'abc==', 'a===', 'ab c', 'ab\n', 'ab=c', 'äb', '====', '='])
    t.equal(ask(decode, Buffer.from(text)), -1, text)
  memory.bytes.fill(7, OUT, OUT + 8)
  t.equal(ask(encode, Buffer.from('12345'), 6), 7, 'seven characters for six places')
  t.equal(ask(decode, Buffer.from('MTIzNDU'), 4), 5)
  t.strictSame(memory.bytes.subarray(OUT, OUT + 8), Buffer.alloc(8, 7), 'nothing is written')
})
