import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { keptSections, requestHead } from '../../core/upstream/lean/request-head.js'

const value = fc.constantFrom('a', 'b', 'ab', 'ba', '', 'close', '1', '11', 'ü')
const name = fc.constantFrom('x', 'y', 'xy', 'host', 'connection', 'content-length')
const headers = fc.array(fc.tuple(name, value), { maxLength: 4 }).map(list => list.flat())
const requests = fc.record({
  method: fc.constantFrom('GET', 'POST', 'HEAD', 'DELETE'),
  target: fc.constantFrom('/', '/a?b=c', '/long/er'),
  headers,
  body: fc.constantFrom(undefined, Buffer.alloc(0), Buffer.from('1'))
})

/** The head, or why there is none. */
function made(request: Parameters<typeof requestHead>[0], kept: ReturnType<typeof keptSections>) {
  try {
    return requestHead(request, 'server', kept)
  } catch (thrown) {
    return String(thrown)
  }
}

t.test('a head is what it would be had there been none before', async t => {
  fc.assert(
    fc.property(fc.array(requests, { maxLength: 40 }), list => {
      const kept = keptSections()
      for (const request of list) t.strictSame(made(request, kept), made(request, keptSections()))
    })
  )
})

t.test('a list that is changed after it was sent stands for what it is then', async t => {
  const kept = keptSections()
  const request = { method: 'GET', target: '/', headers: ['x', '1'], body: undefined }
  t.match(requestHead(request, 'server', kept).text, 'x: 1\r\n')
  request.headers[1] = '2'
  t.match(requestHead(request, 'server', kept).text, 'x: 2\r\n')
})

t.test('a head has its request line, Host, the headers, and what becomes of the connection', async t => {
  const head = (method: string, list: string[], body?: Buffer) =>
    requestHead({ method, target: '/a', headers: list, body }, 'server:81', keptSections())
  t.strictSame(head('GET', ['x', '1', 'host', 'h', 'x', 'ü']), {
    text: `GET /a HTTP/1.1\r\nhost: h\r\nx: 1\r\nx: ${Buffer.from('ü').toString('latin1')}\r\nconnection: keep-alive\r\n`,
    length: undefined,
    expectsBody: false,
    last: false
  })
  t.match(head('POST', ['content-length', '7']), { length: 7, expectsBody: true, last: false })
  for (const last of [head('HEAD', []), head('GET', ['connection', 'x, close']), head('GET', [], Buffer.from('1'))]) {
    t.match(last, { last: true, text: /^.*\r\nhost: server:81\r\nconnection: close\r\n$/ })
  }
})
