import t from 'tap'
import { EventCount } from '../../bench/event-count.js'

const EVENTS = ['data: {"a":"The"}\n\n', 'data: two\n\n', 'data: [DONE]\n\n']
const LAST = 'data: [DONE]\n\n'
const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`
const REPLY = Buffer.from(`${HEAD}${EVENTS.map(chunk).join('')}0\r\n\r\n`)

function counted(pieces: readonly Buffer[]): EventCount {
  const count = new EventCount('"The"', LAST.length)
  for (const piece of pieces) count.feed(piece)
  return count
}

t.test('a stream is counted the same wherever its bytes are cut', async t => {
  for (let at = 0; at <= REPLY.length; at++) {
    const { status, events, end, over } = counted([REPLY.subarray(0, at), REPLY.subarray(at)])
    t.strictSame({ status, events, end, over }, { status: 200, events: 3, end: LAST, over: true }, `cut at ${at}`)
  }
  const bytes = Array.from(REPLY, byte => Buffer.from([byte]))
  t.match(counted(bytes), { status: 200, events: 3, end: LAST, over: true })
})

t.test('events cut by chunks count once', async t => {
  const text = EVENTS.join('')
  const chunks = chunk(text.slice(0, 18)) + chunk(text.slice(18, 30)) + chunk(text.slice(30))
  t.match(counted([Buffer.from(`${HEAD}${chunks}0\r\n\r\n`)]), { events: 3, end: LAST, over: true, firstSeen: true })
})

t.test('a stream that breaks off is not over', async t => {
  t.match(counted([REPLY.subarray(0, REPLY.length - 2)]), { over: false, events: 3 })
})

t.test('a reply without chunks is over at once, without events', async t => {
  const reply = 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\n{}'
  t.match(counted([Buffer.from(reply)]), { status: 502, events: 0, over: true })
})
