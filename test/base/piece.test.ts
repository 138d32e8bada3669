import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { pieceOf } from '../../core/base/piece.js'

t.test('pieces keep what they were made of, whatever comes after them', async t => {
  const shared = Buffer.alloc(65_536)
  const lengths = fc.array(fc.oneof(fc.nat(64), fc.nat(9_000), fc.constantFrom(8_191, 8_192, 8_193, 32_768)), {
    minLength: 1,
    maxLength: 40
  })
  fc.assert(
    fc.property(lengths, fc.nat(1_000), (lengths, from) => {
      const pieces = lengths.map((length, i) => {
        shared.fill(i + 1)
        return pieceOf(shared, from, from + length)
      })
      shared.fill(0)
      for (const [i, piece] of pieces.entries()) {
        t.equal(piece.length, lengths[i])
        t.ok(piece.every(byte => byte === i + 1))
      }
    })
  )
})

t.test('of what is written into one piece, the others hear nothing', async t => {
  const bytes = Buffer.from('abc')
  const [first, second, third] = [pieceOf(bytes, 0, 3), pieceOf(bytes, 0, 3), pieceOf(bytes, 1, 2)]
  second.fill('x')
  t.strictSame([first, third].map(String), ['abc', 'b'])
})
