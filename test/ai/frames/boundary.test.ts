import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { EventBoundary } from '../../../core/ai/frames/boundary.js'
import { SseReader, sse } from '../../../core/ai/frames/sse.js'
import { cut, lengths, readAll } from './cut.js'

/** The same on the whole text: the last line was blank. */
function reference(text: string): boolean {
  const lines = text.split(/\r\n|\r|\n/)
  return lines.at(-1) === '' && (lines.length === 1 || lines.at(-2) === '')
}

/** Mostly line ends, where everything is decided. */
const text = fc
  .array(fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\n\r\n', 'a', 'data: ', ': c', 'event: x', 'ü€'), {
    maxLength: 40
  })
  .map(parts => parts.join(''))

t.test('it is right after every piece, wherever the bytes are cut', async t => {
  fc.assert(
    fc.property(text, lengths, (whole, sizes) => {
      const boundary = new EventBoundary()
      let passed = Buffer.alloc(0)
      for (const piece of cut(Buffer.from(whole), sizes)) {
        boundary.pass(piece)
        passed = Buffer.concat([passed, piece])
        if (boundary.between !== reference(passed.toString('latin1'))) return false
      }
      return true
    }),
    { numRuns: 2000 }
  )
  t.pass('2000 streams')
})

t.test('a heartbeat put in wherever it says so changes no event', async t => {
  const heartbeat = sse.heartbeat ?? Buffer.from('data: none\n\n')
  let put = 0
  fc.assert(
    fc.property(text, lengths, (whole, sizes) => {
      const boundary = new EventBoundary()
      const pieces = cut(Buffer.from(whole), sizes)
      const beaten = pieces.flatMap(piece => {
        const before = boundary.between ? [heartbeat] : []
        put += before.length
        boundary.pass(piece)
        return [...before, piece]
      })
      return isDeepStrictEqual(readAll(new SseReader(), beaten), readAll(new SseReader(), pieces))
    }),
    { numRuns: 2000 }
  )
  t.ok(put > 1000, 'heartbeats were put in')
})

t.test('nothing has passed: something may be put in', async t => {
  t.ok(new EventBoundary().between)
})

t.test('a long piece costs no more than a short one', async t => {
  const boundary = new EventBoundary()
  const touched: number[] = []
  const bytes = Buffer.from(`data: ${'x'.repeat(1000)}${'\n'.repeat(1000)}`)
  const watched = new Proxy(bytes, {
    get(target, name) {
      if (/^\d+$/.test(String(name))) touched.push(Number(name))
      return Reflect.get(target, name, target)
    }
  })
  boundary.pass(watched)
  t.ok(boundary.between)
  t.ok(new Set(touched).size <= 4, `${touched.length} bytes were looked at`)
})
