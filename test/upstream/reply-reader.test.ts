import fc from 'fast-check'
import t from 'tap'
import { KeptHeads } from '../../core/upstream/lean/kept-heads.js'
import { ReplyReader, type ReplySink } from '../../core/upstream/lean/reply-reader.js'

interface Read {
  interim: number
  status?: number
  headers?: readonly string[]
  body: string
  ended: boolean
  trailers?: readonly string[] | undefined
  surplus?: boolean
  error?: string
}

/** What is read when these pieces come one by one, in one buffer that is overwritten each time. */
function read(pieces: readonly Buffer[], bodiless = false, kept?: KeptHeads): Read {
  const got: Read = { interim: 0, body: '', ended: false }
  const sink: ReplySink = {
    interim: () => {
      got.interim++
    },
    head: ({ status, headers }) => {
      got.status = status
      got.headers = headers
    },
    data: chunk => {
      got.body += chunk.toString('latin1')
    },
    end: trailers => {
      got.ended = true
      got.trailers = trailers
    }
  }
  const reader = new ReplyReader(kept)
  reader.begin(sink, bodiless)
  const buffer = Buffer.alloc(65_536, '!')
  try {
    for (const piece of pieces) {
      piece.copy(buffer)
      reader.read(buffer, piece.length)
      buffer.fill('!', 0, piece.length)
    }
    reader.close()
  } catch (thrown) {
    got.error = thrown instanceof Error ? thrown.message : 'something'
  }
  got.surplus = reader.surplus
  return got
}

/** `text` cut at these places. */
function cut(text: string, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map(place => place % (text.length + 1)))].sort((a, b) => a - b)
  return [0, ...at].map((from, i) => Buffer.from(text.slice(from, at[i] ?? text.length), 'latin1'))
}

const name = fc.stringMatching(/^[A-Za-z-]{1,12}$/)
const value = fc.stringMatching(/^[ -~\t\xa0-\xff]{0,30}$/)
const field = fc.tuple(name, value).map(([key, text]) => `x-${key}:${text}\r\n`)
const lines = fc.array(field, { maxLength: 6 }).map(all => all.join(''))
const data = fc.uint8Array({ minLength: 1, maxLength: 40 }).map(bytes => Buffer.from(bytes).toString('latin1'))
const extension = fc.constantFrom('', ';a', ';a=b;c="d e"')
const chunk = fc.tuple(data, extension).map(([text, more]) => `${text.length.toString(16)}${more}\r\n${text}\r\n`)
const interim = fc.constantFrom('', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n')

const sized = fc
  .tuple(interim, lines, data)
  .map(([before, some, text]) => `${before}HTTP/1.1 200 OK\r\n${some}content-length: ${text.length}\r\n\r\n${text}`)
const chunked = fc
  .tuple(interim, lines, fc.array(chunk, { maxLength: 5 }), lines)
  .map(
    ([before, some, chunks, trailers]) =>
      `${before}HTTP/1.1 200 OK\r\n${some}transfer-encoding: chunked\r\n\r\n${chunks.join('')}0\r\n${trailers}\r\n`
  )
const untilClose = fc.tuple(lines, data).map(([some, text]) => `HTTP/1.0 200 OK\r\n${some}\r\n${text}`)
const good = fc.oneof(sized, chunked, untilClose)
const places = fc.array(fc.nat(2_000), { maxLength: 12 })

t.test('a reply is the same, wherever it is cut', async t => {
  fc.assert(
    fc.property(good, places, (text, where) => {
      const whole = read([Buffer.from(text, 'latin1')])
      if (whole.error !== undefined || !whole.ended || whole.surplus) return false
      return t.same(read(cut(text, where)), whole)
    }),
    { numRuns: 2_000 }
  )
})

t.test(
  'a head that comes again is the same, also when it comes in pieces, is another by one byte, or was changed by who got it',
  async t => {
    const change = fc.record({ at: fc.nat(2_000), byte: fc.constantFrom('', 'a', '0', ' ', '\r\n') })
    const turn = fc.record({ reply: fc.nat(2), where: places, change: fc.option(change, { freq: 3 }) })
    fc.assert(
      fc.property(
        fc.array(good, { minLength: 3, maxLength: 3 }),
        fc.array(turn, { maxLength: 60 }),
        (replies, turns) => {
          const kept = new KeptHeads()
          for (const { reply, where, change: other } of turns) {
            const text = replies[reply] ?? ''
            const place = (other?.at ?? 0) % text.length
            const sent = other === null ? text : `${text.slice(0, place)}${other.byte}${text.slice(place + 1)}`
            const got = read(cut(sent, where), false, kept)
            if (!t.same(got, read([Buffer.from(sent, 'latin1')]))) return false
            if (Array.isArray(got.headers)) got.headers.fill('changed')
          }
          return true
        }
      ),
      { numRuns: 300 }
    )
  }
)

t.test(
  'many heads that come in turn are found, and a new one takes the place of one that does not come any more',
  async t => {
    const kept = new KeptHeads()
    const bytes = (text: string) => Buffer.from(`HTTP/1.1 200 OK\r\nx: ${text}\r\n\r\n`)
    const found = (text: string): boolean => kept.find(bytes(text), 0, bytes(text).length) !== undefined
    const comes = (text: string): boolean => {
      const again = found(text)
      read([bytes(text)], true, kept)
      return again
    }
    const all = ['a', 'bb', 'ccc', 'dddd']
    t.strictSame(all.map(comes), [false, false, false, false])
    t.strictSame(all.map(comes), [true, true, true, true])
    t.notOk(comes('z'), 'as long as the first')
    t.strictSame([found('z'), found('a')], [true, false], 'it took its place at once')
    const others = Array.from({ length: 40 }, (_, i) => String.fromCharCode(65 + i))
    t.notOk(others.some(comes), 'of those that never come again')
    t.ok(others.filter(found).length === 1, 'one is kept')
  }
)

t.test('so is one that has a wrong byte, lacks its end, or has more behind it', async t => {
  const damage = fc.record({
    at: fc.nat(2_000),
    byte: fc.constantFrom('', '\0', '\r', '\n', ' ', ':', ';', 'g', '\xff', '\r\n'),
    end: fc.nat(2_000),
    more: fc.constantFrom('', '\r\n', 'HTTP/1.1 200 OK\r\n')
  })
  fc.assert(
    fc.property(good, damage, places, (text, { at, byte, end, more }, where) => {
      const place = at % text.length
      const damaged = `${text.slice(0, place)}${byte}${text.slice(place + 1)}`
      const wrong = (end % 3 === 0 ? damaged.slice(0, end % damaged.length) : damaged) + more
      return t.same(read(cut(wrong, where)), read([Buffer.from(wrong, 'latin1')]))
    }),
    { numRuns: 3_000 }
  )
})

t.test('chunks that come together are told as one piece, also before one that is none', async t => {
  for (const [behind, ends] of [
    ['0\r\n\r\n', true],
    ['no size\r\n', false]
  ] as const) {
    const pieces: string[] = []
    let ended = false
    const reader = new ReplyReader()
    const none = (): void => undefined
    const sink = {
      interim: none,
      head: none,
      data: (piece: Buffer) => pieces.push(piece.toString()),
      end: () => {
        ended = true
      }
    }
    reader.begin(sink, false)
    const bytes = Buffer.from(
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n5;a=b\r\n,two,\r\n1\r\n3\r\n${behind}`
    )
    if (ends) reader.read(bytes, bytes.length)
    else t.throws(() => reader.read(bytes, bytes.length), { message: /chunk size/ })
    t.strictSame([pieces, ended], [['one,two,3'], ends])
  }
})

t.test('what a reader keeps of a head or of trailers that do not end is bounded', async t => {
  const many = Array.from({ length: 20 }, () => Buffer.from('a:\r\n'.repeat(1_000)))
  const chunks = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n'
  t.match(read([Buffer.from('HTTP/1.1 200 OK\r\n'), ...many]).error, /bytes|headers/)
  t.match(read([Buffer.from(chunks), ...many]).error, /bytes|headers/)
  t.match(read([Buffer.from('\r\n'.repeat(30_000)), Buffer.from('\r\n')]).error, /bytes/)
})

t.test('the reply to a HEAD has no body, whatever it says', async t => {
  for (const framing of ['content-length: 5', 'transfer-encoding: chunked', 'x: y']) {
    const whole = read([Buffer.from(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`)], true)
    t.match(whole, { status: 200, ended: true, body: '', surplus: false })
  }
})
