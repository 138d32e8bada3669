import type { HttpResponse } from 'uWebSockets.js'
import fc from 'fast-check'
import t from 'tap'
import { writeHeaders } from '../../core/server/write-headers.js'

/** What `writeHeaders` hands over, as it stands in the reply. */
function wire(headers: string[]): string {
  let text = ''
  const response = {
    writeHeader(name: string, value: string) {
      text += `${name}: ${value}\r\n`
      return this
    }
  }
  writeHeaders(response as unknown as HttpResponse, headers)
  return text
}

const pairs = (headers: string[]) =>
  headers.map((text, i) => (i % 2 === 0 ? `${text}: ${headers[i + 1]}\r\n` : '')).join('')

t.test('headers are written as they are, whatever was written before', async t => {
  // Few and short texts, so that lists of one length, and the same lists, come again.
  const text = fc.constantFrom('a', 'b', 'ab', 'ba', '')
  const list = fc.array(fc.tuple(fc.constantFrom('x', 'y', 'xy'), text), { maxLength: 4 }).map(list => list.flat())
  fc.assert(
    fc.property(fc.array(list, { maxLength: 30 }), lists => {
      for (const headers of lists) t.equal(wire(headers), pairs(headers))
    })
  )
})

t.test('a list that is changed after it was written stands for what it is then', async t => {
  const headers = ['a', '1', 'b', '2']
  t.equal(wire(headers), 'a: 1\r\nb: 2\r\n')
  headers[3] = '3'
  t.equal(wire(headers), 'a: 1\r\nb: 3\r\n')
  t.equal(wire(['a', '1', 'b', '2']), 'a: 1\r\nb: 2\r\n')
  t.equal(wire(['a', '1', 'b', '3']), 'a: 1\r\nb: 3\r\n')
})

t.test('long headers are written, too', async t => {
  const headers = ['a', 'x'.repeat(5_000), 'b', '']
  for (const _ of [1, 2]) t.equal(wire(headers), pairs(headers))
})
