import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { LineReader, ndjson } from '../../../core/ai/frames/ndjson.js'
import { cut, lengths, linear, readAll } from './cut.js'

t.test('the same lines come out, wherever the bytes are cut', async t => {
  const line = fc.oneof(fc.json(), fc.constantFrom('', ' ', '\r', '{"a":"ü€😀"}\r', '\t{}'))
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), lengths, (lines, ended, sizes) => {
      const bytes = Buffer.from(lines.join('\n') + (ended ? '\n' : ''))
      const expected = bytes
        .toString()
        .split('\n')
        .map(each => each.trim())
        .filter(each => each !== '')
      const found = readAll(new LineReader(), cut(bytes, sizes)).map(frame => frame.data)
      return isDeepStrictEqual(found, expected)
    }),
    { numRuns: 1000 }
  )
  t.pass('1000 streams')
})

t.test('what is written is read again', async t => {
  fc.assert(
    fc.property(fc.array(fc.json()), lengths, (values, sizes) => {
      const frames = values.map(data => ({ event: '', data }))
      const bytes = Buffer.concat(frames.map(each => ndjson.write(each)))
      return isDeepStrictEqual(readAll(ndjson.reader(), cut(bytes, sizes)), frames)
    })
  )
  t.pass('all frames')
})

t.test('a line comes out with the piece that completes it; the last one needs no end', async t => {
  const reader = ndjson.reader()
  t.strictSame(reader.feed(Buffer.from('{"a"')), [])
  t.strictSame(reader.feed(Buffer.from(':1}\r\n{"b')), [{ event: '', data: '{"a":1}' }])
  t.strictSame(reader.feed(Buffer.from('":2}')), [])
  t.strictSame(reader.end(), [{ event: '', data: '{"b":2}' }])
})

t.test('a line that is too large is an error, at once and again; many lines are not', async t => {
  const reader = new LineReader(100)
  for (let i = 0; i < 100; i++) t.equal(reader.feed(Buffer.from('{"a":1}\n')).length, 1)
  t.strictSame(reader.feed(Buffer.alloc(100, 'x')), [])
  const error = { code: 'GW_AI_EVENT_TOO_LARGE', message: /a line of a stream is larger than 100 bytes/ }
  t.throws(() => reader.feed(Buffer.from('x')), error)
  t.throws(() => reader.feed(Buffer.from('\n')), error)
  t.throws(() => new LineReader(100).feed(Buffer.concat([Buffer.alloc(101, 'x'), Buffer.from('\n')])), error)
})

t.test('a large line in small pieces takes time in proportion to its size', async t => {
  const piece = Buffer.alloc(1024, 'x')
  const run = (size: number): void => {
    const reader = new LineReader()
    for (let i = 0; i < size; i++) reader.feed(piece)
    t.equal(reader.feed(Buffer.from('\n'))[0]?.data.length, size * 1024)
  }
  linear(t, run, 2 * 1024)
})
