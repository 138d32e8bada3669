import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import t from 'tap'
import { PIECE_BYTES, Pieces } from '../../../core/server/node/pieces.js'

/** A stream that, as Node's HTTP/2 does, makes one write of all that waits, and sends it when it is told to. */
function opened(highWaterMark: number) {
  const sent: Buffer[] = []
  let go: (() => void) | undefined
  const take = (bytes: Buffer, done: () => void): void => {
    go = () => {
      sent.push(bytes)
      done()
    }
  }
  const stream = new Writable({
    highWaterMark,
    write: (chunk, _, done) => take(chunk, done),
    writev: (chunks, done) => take(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  })
  let drained = 0
  const pieces = new Pieces(stream, () => drained++)
  /** Sends until nothing is left to send, or so many writes. */
  const send = async (writes = Number.POSITIVE_INFINITY): Promise<void> => {
    for (let i = 0; i < writes && go !== undefined; i++) {
      const now = go
      go = undefined
      now()
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { sent, stream, pieces, send, drained: () => drained }
}

// Node 20 has the first, later ones the second.
for (const highWaterMark of [16_384, 65_536]) {
  t.test(`with a buffer of ${highWaterMark} bytes`, async t => {
    t.test(
      'a large chunk is seen to leave piece by piece, and whoever writes hears once when there is room',
      async t => {
        const { sent, pieces, send, drained } = opened(highWaterMark)
        const bytes = Buffer.from(Array.from({ length: 5 * PIECE_BYTES + 7 }, (_, i) => i % 251))
        t.equal(pieces.write(bytes), false)
        t.equal(pieces.left, bytes.length)
        await send(1)
        t.equal(pieces.taken, PIECE_BYTES)
        await send(1)
        t.equal(pieces.taken, 2 * PIECE_BYTES)
        await send()
        t.equal(pieces.left, 0)
        t.ok(Buffer.concat(sent).equals(bytes))
        t.equal(drained(), 1)
      }
    )

    t.test('chunks of any size leave in their order, also for who does not wait until there is room', async t => {
      const { sent, stream, pieces, send, drained } = opened(highWaterMark)
      let whole = ''
      let refused = false
      for (const [i, size] of [1, 30_000, 30_000, 40_000, 5, 100_000, 20_000, 20_000, 3].entries()) {
        const text = String(i).repeat(size)
        if (!pieces.write(Buffer.from(text))) refused = true
        whole += text
      }
      pieces.end()
      await Promise.all([send(), once(stream, 'finish')])
      t.ok(Buffer.concat(sent).toString() === whole)
      t.ok(Math.max(...sent.map(({ length }) => length)) <= 2 * PIECE_BYTES)
      t.ok(refused)
      t.ok(drained() <= 1)
    })

    t.test('every refusal is followed by word of room', async t => {
      const { pieces, send, drained } = opened(highWaterMark)
      for (const size of [1, 30_000, 40_000, 100_000, 10]) {
        for (let i = 0; i < 5; i++) {
          const before = drained()
          const room = pieces.write(Buffer.alloc(size))
          if (room) continue
          await send()
          t.equal(drained(), before + 1, `${size} bytes`)
        }
      }
    })

    t.test('what a stream that is gone has not taken is kept from it', async t => {
      const { stream, pieces, send } = opened(highWaterMark)
      pieces.write(Buffer.alloc(10 * PIECE_BYTES))
      stream.destroy()
      await send()
      pieces.write(Buffer.alloc(10 * PIECE_BYTES))
      t.ok(pieces.left > 0)
    })
  })
}
