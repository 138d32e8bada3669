import t from 'tap'
import { connect, request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'

/** What a request may be mistaken for, when two parsers on its way read it differently. */

const SECOND = 'GET /smuggled HTTP/1.1\r\nhost: gateway.test\r\n\r\n'

const REFUSED: Record<string, string> = {
  'two Content-Length headers': 'POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 30\r\n\r\nabc',
  'two equal Content-Length headers':
    'POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc',
  'a list in Content-Length': 'POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 3, 3\r\n\r\nabc',
  'a sign in Content-Length': 'POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: +3\r\n\r\nabc',
  'a hexadecimal Content-Length': 'POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 0x3\r\n\r\nabc',
  'an empty Content-Length': 'POST /a HTTP/1.1\r\nhost: a\r\ncontent-length:\r\n\r\n',
  'a Content-Length beyond all numbers': `POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: ${'9'.repeat(30)}\r\n\r\n`,
  'Content-Length beside chunked':
    'POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'chunked beside Content-Length':
    'POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n',
  'a coding that only begins like chunked':
    'POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunkedfoo\r\n\r\n0\r\n\r\n',
  'a coding that only ends like chunked': 'POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n',
  'a coding before chunked': 'POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'two Transfer-Encoding headers':
    'POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n',
  'two Host headers': 'GET /a HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n',
  'a Host that is a URL': 'GET /a HTTP/1.1\r\nhost: http://a/\r\n\r\n',
  'a Host with a user name': 'GET /a HTTP/1.1\r\nhost: a@b\r\n\r\n',
  'a Host with a space': 'GET /a HTTP/1.1\r\nhost: a b\r\n\r\n',
  'a dot segment': 'GET /a/../b HTTP/1.1\r\nhost: a\r\n\r\n',
  'an encoded dot segment': 'GET /a/%2e%2E/b HTTP/1.1\r\nhost: a\r\n\r\n',
  'a dot segment between encoded slashes': 'GET /a%2f..%2fb HTTP/1.1\r\nhost: a\r\n\r\n',
  'a dot segment after an encoded backslash': 'GET /a%5c../b HTTP/1.1\r\nhost: a\r\n\r\n',
  'a dot segment with parameters': 'GET /a/..;x=y/b HTTP/1.1\r\nhost: a\r\n\r\n',
  'a percent sign without digits': 'GET /a%zz HTTP/1.1\r\nhost: a\r\n\r\n',
  'a backslash in the path': 'GET /a\\b HTTP/1.1\r\nhost: a\r\n\r\n',
  'a quote in the path': 'GET /a"b HTTP/1.1\r\nhost: a\r\n\r\n',
  'a fragment': 'GET /a#b HTTP/1.1\r\nhost: a\r\n\r\n',
  'a byte beyond ASCII in the path': 'GET /a\xff HTTP/1.1\r\nhost: a\r\n\r\n'
}

t.test('a request that can be read in two ways is refused with 400 and the end of its connection', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  for (const [name, bytes] of Object.entries(REFUSED)) {
    const client = await connect(t, sluice.port)
    client.socket.write(bytes, 'latin1')
    const received = await client.rest()
    t.match(received, /^HTTP\/1\.1 400 /, `${name}: 400`)
    t.equal(received.match(/HTTP\/1\.1/g)?.length, 1, `${name}: one reply, and the connection ends`)
    t.notMatch(received, /\n\s+at |\.js:/, `${name}: no stack trace`)
  }
  t.strictSame(upstream.seen, [], 'the upstream saw none of them')
})

t.test('what follows a refused request in the same segment is never taken for a request', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  for (const [name, bytes] of Object.entries(REFUSED)) {
    const client = await connect(t, sluice.port)
    client.socket.write(bytes + SECOND, 'latin1')
    const received = await client.rest()
    t.ok((received.match(/HTTP\/1\.1/g)?.length ?? 0) <= 1, `${name}: at most one reply`)
    t.notMatch(received, /^HTTP\/1\.1 [^45]/, `${name}: no good one`)
  }
  t.strictSame(upstream.seen, [], 'the upstream saw none of them')
})

t.test('what follows a refused request in a later segment is never taken for a request', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  for (const bytes of Object.values(REFUSED)) {
    const client = await connect(t, sluice.port)
    client.socket.write(bytes, 'latin1')
    client.socket.write(SECOND)
    await client.rest()
  }
  t.strictSame(upstream.seen, [], 'the upstream saw none of them')
})

t.test('the body of a request is never taken for a request', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(request('POST', '/sized', `content-length: ${SECOND.length}`) + SECOND)
  t.equal((await client.reply()).status, 200)
  client.send(
    `${request('POST', '/chunked', 'transfer-encoding: chunked')}${SECOND.length.toString(16)}\r\n${SECOND}\r\n0\r\n\r\n`
  )
  t.equal((await client.reply()).status, 200)
  client.send(request('GET', '/last'))
  t.equal((await client.reply()).status, 200)
  t.strictSame(
    upstream.seen.map(({ target, body }) => [target, body.toString()]),
    [
      ['/sized', SECOND],
      ['/chunked', SECOND],
      ['/last', '']
    ]
  )
})
