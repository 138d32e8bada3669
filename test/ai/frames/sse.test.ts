import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import type { Frame } from '../../../core/ai/frames/frame.js'
import { SseReader, sse } from '../../../core/ai/frames/sse.js'
import { cut, lengths, linear, readAll } from './cut.js'

/** WHATWG HTML §9.2.6 on the whole text, as simply as it can be said; what is left at the end counts. */
function reference(bytes: Buffer): Frame[] {
  const frames: Frame[] = []
  let event = ''
  let data: string[] = []
  const dispatch = (): void => {
    if (data.length > 0) frames.push({ event, data: data.join('\n') })
    event = ''
    data = []
  }
  for (const line of bytes
    .toString()
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)) {
    if (line === '') dispatch()
    const [, field, value] = /^([^:]*):? ?([\s\S]*)$/.exec(line) ?? []
    if (field === 'data') data.push(value ?? '')
    if (field === 'event') event = value ?? ''
  }
  dispatch()
  return frames
}

const lineEnd = fc.constantFrom('\n', '\r', '\r\n')
const value = fc.oneof(
  fc.constantFrom('', ' ', '  x', '[DONE]', ':', '{"a":"ü€😀"}', '\ufeff'),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map(text => text.replace(/[\r\n]/g, ''))
)
const line = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom('data:', 'data: ', 'event:', 'event: '), value).map(each => each.join(''))
  },
  { weight: 2, arbitrary: fc.constant('') },
  fc
    .tuple(fc.constantFrom(':', 'id: ', 'retry: ', 'datax: ', 'dat', ' data: ', 'data', 'event', 'Data:'), value)
    .map(each => each.join('')),
  fc.constantFrom('data', 'event', 'data :x', 'id', ':')
)
const streamText = fc
  .tuple(
    fc.constantFrom('', '', '\ufeff'),
    fc.array(fc.tuple(line, lineEnd), { maxLength: 20 }),
    fc.constantFrom('', 'data: end', '\r')
  )
  .map(([bom, lines, last]) => bom + lines.map(each => each.join('')).join('') + last)

t.test('the same events come out, wherever the bytes are cut', async t => {
  fc.assert(
    fc.property(streamText, lengths, (text, sizes) => {
      const bytes = Buffer.from(text)
      return isDeepStrictEqual(readAll(new SseReader(), cut(bytes, sizes)), reference(bytes))
    }),
    { numRuns: 1000 }
  )
  t.pass('1000 streams')
})

t.test('bytes that are no UTF-8 come out as a whole decoder has them', async t => {
  const bytes = fc.array(fc.oneof(fc.constantFrom(...Buffer.from('data:\n\r ')), fc.integer({ min: 0, max: 255 })), {
    maxLength: 60
  })
  fc.assert(
    fc.property(bytes, lengths, (each, sizes) => {
      const stream = Buffer.concat([Buffer.from('data: '), Buffer.from(each)])
      return isDeepStrictEqual(readAll(new SseReader(), cut(stream, sizes)), reference(stream))
    }),
    { numRuns: 1000 }
  )
  t.pass('1000 streams')
})

for (const [what, text, expected] of [
  ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
  ['CR', 'data: a\r\rdata: b\r\r', ['a', 'b']],
  ['all kinds of line ends', 'data: a\r\ndata: b\rdata: c\n\r\n', ['a\nb\nc']],
  ['a byte order mark', '\ufeffdata: a\n\n', ['a']],
  ['data in several lines', 'data: a\ndata:\ndata: b\n\n', ['a\n\nb']],
  ['comments', ': OPENROUTER PROCESSING\n\n:\ndata: a\n: x\n\n', ['a']],
  ['id and retry', 'id: 1\nretry: 10\ndata: a\n\n', ['a']],
  ['empty data', 'data\n\ndata:\ndata\n\n', ['', '\n']],
  ['a name without data', 'event: ping\n\ndata: a\n\n', ['a']],
  ['no blank line at the end', 'data: a\n\ndata: b\n', ['a', 'b']],
  ['no line end at the end', 'data: a\n\ndata: b', ['a', 'b']],
  ['one space only is taken off', 'data:  a\n\ndata:b\n\n', [' a', 'b']],
  ['nothing', '', []]
] as const) {
  t.test(`${what}, in one piece, cut once at every byte, and byte by byte`, async t => {
    const bytes = Buffer.from(text)
    const ways = [[], ...Array.from(bytes, (_, i) => [i]), Array.from(bytes, () => 1)]
    for (const way of ways) {
      t.strictSame(
        readAll(new SseReader(), cut(bytes, way)).map(frame => frame.data),
        expected,
        `cut ${way.join()}`
      )
    }
  })
}

t.test('an event comes out with the piece that completes it, not later', async t => {
  const reader = new SseReader()
  t.strictSame(reader.feed(Buffer.from('event: a\r\ndata: b\r\n')), [])
  t.strictSame(reader.feed(Buffer.from('\r')), [{ event: 'a', data: 'b' }], 'CR ends a line before its LF has come')
  t.strictSame(reader.feed(Buffer.from('\ndata: c\n\n')), [{ event: '', data: 'c' }])
})

t.test('it knows when it stands between two events', async t => {
  const reader = new SseReader()
  const steps: [string, boolean][] = [
    ['', true],
    ['da', false],
    ['ta: x\n', false],
    ['\n', true],
    [': note\n', true],
    ['event: y\n', false],
    ['\n', true]
  ]
  for (const [text, expected] of steps) {
    reader.feed(Buffer.from(text))
    t.equal(reader.between, expected, JSON.stringify(text))
  }
})

t.test('what is written is read again', async t => {
  const frame = fc.record(
    {
      event: fc.constantFrom('', 'message_start', 'response.output_text.delta'),
      data: fc.string({ unit: 'grapheme' }).map(text => text.replace(/\r\n?/g, '\n'))
    },
    { noNullPrototype: true }
  )
  fc.assert(
    fc.property(fc.array(frame), lengths, (frames, sizes) => {
      const bytes = Buffer.concat(frames.map(each => sse.write(each)))
      return isDeepStrictEqual(readAll(sse.reader(), cut(bytes, sizes)), frames)
    })
  )
  t.pass('all frames')
})

t.test('a CR in data does not end the event', async t => {
  t.strictSame(readAll(sse.reader(), [sse.write({ event: '', data: 'a\r\rb\r\nc' })]), [
    { event: '', data: 'a\n\nb\nc' }
  ])
})

t.test('the heartbeat is no event', async t => {
  t.strictSame(readAll(sse.reader(), [sse.heartbeat ?? Buffer.from('data: none\n\n')]), [])
})

t.test('an event as large as may be is read, one byte more is an error', async t => {
  const text = `data: ${'x'.repeat(93)}\n\n`
  t.equal(readAll(new SseReader(101), [Buffer.from(text)])[0]?.data.length, 93)
  t.throws(() => readAll(new SseReader(99), [Buffer.from(text)]), {
    code: 'GW_AI_EVENT_TOO_LARGE',
    message: /larger than 99 bytes/
  })
})

t.test('the cap holds for many short lines, for one long line, and for every piece after it', async t => {
  for (const piece of ['data: x\n', 'event: x\n', 'x', 'data: x\r']) {
    const reader = new SseReader(1000)
    const fed = Buffer.from(piece)
    let bytes = 0
    t.throws(
      () => {
        for (; bytes < 2000; bytes += fed.length) reader.feed(fed)
      },
      { code: 'GW_AI_EVENT_TOO_LARGE' },
      piece
    )
    t.ok(bytes <= 1000, `${piece}: after ${bytes} bytes`)
    t.throws(() => reader.feed(fed), { code: 'GW_AI_EVENT_TOO_LARGE' }, 'and again')
  }
})

t.test('many events, and comments without end, are not one large event', async t => {
  const reader = new SseReader(100)
  for (let i = 0; i < 100; i++) t.equal(reader.feed(Buffer.from('data: a\n\n')).length, 1)
  for (let i = 0; i < 100; i++) reader.feed(Buffer.from(': still working\n'))
  t.strictSame(reader.feed(Buffer.from('data: b\n\n')), [{ event: '', data: 'b' }])
})

t.test('16 MB is the cap when nothing is said', async t => {
  const reader = sse.reader()
  const piece = Buffer.alloc(1 << 20, 'x')
  for (let i = 0; i < 16; i++) t.strictSame(reader.feed(piece), [])
  t.throws(() => reader.feed(piece), { code: 'GW_AI_EVENT_TOO_LARGE', message: /larger than 16777216 bytes/ })
})

t.test('a large event in small pieces takes time in proportion to its size', async t => {
  const piece = Buffer.alloc(1024, 'x')
  linear(
    t,
    size => {
      const reader = new SseReader()
      reader.feed(Buffer.from('data: '))
      for (let i = 0; i < size; i++) reader.feed(piece)
      t.equal(reader.feed(Buffer.from('\n\n'))[0]?.data.length, size * 1024)
    },
    2 * 1024
  )
})

for (const end of ['\r', '\n', '\r\n']) {
  t.test(
    `a large piece of short lines that end with ${JSON.stringify(end)} takes time in proportion to its size`,
    async t => {
      linear(
        t,
        size => {
          const piece = Buffer.from(`data: x${end}${end}`.repeat(size))
          t.equal(new SseReader().feed(piece).length, size)
        },
        40_000
      )
    }
  )
}

t.test('a large event of many lines takes time in proportion to its size', async t => {
  linear(
    t,
    size => {
      const reader = new SseReader()
      reader.feed(Buffer.from('data: x\n'.repeat(size)))
      t.equal(reader.feed(Buffer.from('\n'))[0]?.data.length, size * 2 - 1)
    },
    50_000
  )
})
