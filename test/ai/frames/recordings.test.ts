import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { EventBoundary } from '../../../core/ai/frames/boundary.js'
import type { Frame } from '../../../core/ai/frames/frame.js'
import { ndjson } from '../../../core/ai/frames/ndjson.js'
import { sse } from '../../../core/ai/frames/sse.js'
import { RECORDINGS } from '../../support/mock.js'
import { cut, readAll } from './cut.js'

const files = readdirSync(RECORDINGS, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.json'))
const streams = files.flatMap(name => {
  const { response } = JSON.parse(readFileSync(`${RECORDINGS}/${name}`, 'utf8'))
  return typeof response?.text === 'string' && response.headers !== undefined
    ? [{ name, type: response.headers['content-type'], text: response.text }]
    : []
})

/** What follows the place of a cut is read alike when this much of it is, bytes. */
const BEGINNING = 6_144

t.ok(streams.length > 25, `${streams.length} recorded streams`)

for (const { name, type, text } of streams) {
  const framing = type === sse.contentType ? sse : ndjson
  const bytes = Buffer.from(text)
  const whole = readAll(framing.reader(), [bytes])

  t.test(
    `${name}: its ${whole.length} events are the same, cut at every byte of the first 2 KB and at random`,
    async t => {
      const payloads = text
        .split('\n')
        .filter((line: string) => (framing === sse ? line.startsWith('data: ') : line !== ''))
        .map((line: string) => line.replace(/^data: /, ''))
      t.strictSame(whole.map(frame => frame.data).join('\n'), payloads.join('\n'), 'no payload is lost')
      const beginning = bytes.subarray(0, BEGINNING)
      const first = readAll(framing.reader(), [beginning])
      const wrong: number[] = []
      for (let at = 1; at < Math.min(bytes.length, 2048); at++) {
        if (!same(readAll(framing.reader(), cut(beginning, [at])), first)) wrong.push(at)
      }
      t.strictSame(wrong, [])
      const sizes = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 300 })
      fc.assert(
        fc.property(sizes, lengths => same(readAll(framing.reader(), cut(bytes, lengths)), whole)),
        { numRuns: 20 }
      )
      if (framing === ndjson) return
      const boundary = new EventBoundary()
      const ends = new Set<number>()
      for (let at = 0; at < bytes.length; at++) {
        boundary.pass(bytes.subarray(at, at + 1))
        if (boundary.between) ends.add(at)
      }
      const unfinished = /\r?\n\r?\n$/.test(text) ? 0 : 1 // the last event counts though no blank line follows
      t.ok(ends.size >= whole.length - unfinished, 'it may be interrupted after each event')
    }
  )
}

/** The hundred thousand comparisons of `isDeepStrictEqual` would take half of the test. */
function same(found: readonly Frame[], expected: readonly Frame[]): boolean {
  if (found.length !== expected.length) return false
  return found.every(({ event, data }, i) => event === expected[i]?.event && data === expected[i]?.data)
}
