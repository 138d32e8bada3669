import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { LineBuffer } from '../../core/observe/line-buffer.js'

/** What a stream that takes everything has been given. */
function collecting() {
  const blocks: Buffer[] = []
  let flushed = 0
  const stream = {
    write: (bytes: Buffer) => void blocks.push(bytes),
    flush: (done?: () => void) => {
      flushed++
      done?.()
    },
    flushSync: () => void flushed++,
    writeSync: (bytes: Buffer) => void blocks.push(Buffer.from(bytes))
  }
  return { blocks, text: () => Buffer.concat(blocks).toString(), flushes: () => flushed, stream }
}

const tellLost = (lines: number) => `${lines} lost\n`
const line = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'grapheme', maxLength: 400 }) },
  { weight: 1, arbitrary: fc.integer({ min: 20_000, max: 70_000 }).map(length => 'é'.repeat(length)) }
)

t.test('what is written comes out whole and in order, however long the lines are', async t => {
  fc.assert(
    fc.property(fc.array(fc.tuple(line, fc.nat(9)), { maxLength: 60 }), steps => {
      const { stream, text } = collecting()
      const lines = new LineBuffer(stream, tellLost)
      for (const [each, chance] of steps) {
        lines.write(`${each}\n`)
        if (chance === 0) lines.flush()
      }
      lines.flush()
      t.equal(text(), steps.map(([each]) => `${each}\n`).join(''))
    })
  )
})

t.test('lines are handed over many at a time, and what was handed over does not change', async t => {
  const { stream, blocks } = collecting()
  const lines = new LineBuffer(stream, tellLost)
  for (let i = 0; i < 2_000; i++) lines.write(`${'x'.repeat(99)}\n`)
  t.ok(blocks.length > 1 && blocks.length < 10, `${blocks.length} blocks of 200,000 bytes`)
  const first = blocks[0]?.toString()
  for (let i = 0; i < 2_000; i++) lines.write(`${'y'.repeat(99)}\n`)
  t.equal(blocks[0]?.toString(), first)
  for (const block of blocks) t.equal(block.at(-1), 10, 'a block ends with a line')
})

t.test('to flush is to hand over first', async t => {
  const { stream, text, flushes } = collecting()
  const lines = new LineBuffer(stream, tellLost)
  lines.write('a\n')
  t.equal(text(), '')
  let told = false
  lines.flush(() => {
    told = true
  })
  t.ok(told)
  t.equal(text(), 'a\n')
  lines.write('b\n')
  lines.flushSync()
  t.equal(text(), 'a\nb\n')
  t.equal(flushes(), 2)
  lines.write('c\n')
  lines.dropped(Buffer.from('d\n'))
  lines.flushSync()
  t.equal(text(), 'a\nb\nc\n1 lost\n')
})

t.test('lines that the stream threw away are counted, and told of once it is free again', async t => {
  const { stream, text } = collecting()
  const lines = new LineBuffer(stream, tellLost)
  lines.drained()
  lines.dropped(Buffer.from('a\nb\n'))
  lines.dropped(Buffer.from('c\n'))
  lines.drained()
  lines.drained()
  lines.flush()
  t.equal(text(), '3 lost\n')
})
