import { createHash } from 'node:crypto'
import t from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { httpUpstream, rawUpstream, recordingUpstream } from '../../support/upstream.js'

/** Bytes that tell where they are from: a gap, a repetition or a swap changes the hash. */
function bytes(length: number): Buffer {
  const buffer = Buffer.alloc(length)
  for (let i = 0; i + 4 <= length; i += 4) buffer.writeUInt32LE((i * 2654435761) >>> 0, i)
  return buffer
}

const hash = (body: Buffer): string => createHash('sha256').update(body).digest('hex')

const SIZES = [0, 1, 2, 1_023, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 1_000_003]

t.test('replies of every size arrive byte for byte, with Content-Length and chunked', async t => {
  const upstream = await recordingUpstream(t, ({ target }, response) => {
    const [, framing, size = '0'] = target.split('/')
    const body = bytes(Number(size))
    if (framing === 'sized') response.setHeader('content-length', size)
    else response.flushHeaders()
    for (let at = 0; at < body.length; at += 50_000) response.write(body.subarray(at, at + 50_000))
    response.end()
  })
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  for (const framing of ['sized', 'chunked']) {
    for (const size of SIZES) {
      client.send(request('GET', `/${framing}/${size}`))
      const reply = await client.reply()
      t.equal(hash(reply.body), hash(bytes(size)), `${size} bytes, ${framing}`)
      t.equal((await sluice.access()).out, size, 'and the access line knows how many')
    }
  }
})

t.test('requests of every size arrive byte for byte, with Content-Length and chunked', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  for (const size of SIZES) {
    const body = bytes(size)
    client.send(request('POST', '/', `content-length: ${size}`))
    client.send(body)
    t.equal((await client.reply()).status, 200)
    t.equal((await sluice.access()).in, size)
    client.send(request('POST', '/', 'transfer-encoding: chunked'))
    for (let at = 0; at < size; at += 50_000) {
      const piece = body.subarray(at, at + 50_000)
      client.send(`${piece.length.toString(16)}\r\n`)
      client.send(piece)
      client.send('\r\n')
    }
    client.send('0\r\n\r\n')
    t.equal((await client.reply()).status, 200)
    t.equal((await sluice.access()).in, size)
    const [sized, chunked] = upstream.seen.splice(0)
    t.equal(hash(sized?.body ?? Buffer.alloc(0)), hash(body), `${size} bytes with Content-Length`)
    t.equal(hash(chunked?.body ?? Buffer.alloc(0)), hash(body), `${size} bytes chunked`)
    if (size > 0) t.strictSame(sized?.all('content-length'), [String(size)], 'an announced length is announced on')
  }
})

t.test('a reply without any framing ends with its connection and is chunked for the client', async t => {
  const body = bytes(200_000)
  const upstream = await rawUpstream(t, ({ socket, until }) => {
    void until('\r\n\r\n').then(() => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.end(body)
    })
  })
  const sluice = await startSluice(t, toOne(upstream.port))
  const reply = await exchange(t, sluice.port, request('GET', '/'))
  t.equal(reply.header('transfer-encoding'), 'chunked')
  t.equal(hash(reply.body), hash(body))
})

t.test('pieces of a stream arrive as they are sent', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  const connection = await upstream.connection()
  await connection.until('\r\n\r\n')
  connection.socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n')
  let received = ''
  let arrived: () => void = () => undefined
  client.socket.on('data', chunk => {
    received += chunk.toString('latin1')
    arrived()
  })
  for (let i = 0; i < 5; i++) {
    connection.socket.write(`8\r\ndata: ${i}\n\r\n`)
    while (!received.includes(`data: ${i}\n`)) {
      await new Promise<void>(resolve => {
        arrived = resolve
      })
    }
  }
  connection.socket.write('0\r\n\r\n')
  t.equal((await client.reply()).body.toString(), 'data: 0\ndata: 1\ndata: 2\ndata: 3\ndata: 4\n')
})

// The builds of uWebSockets.js for Node 22 and up cannot send it alone.
const WAITS = Number(process.versions.modules) > 115 && 'the head waits for the first byte'
t.test('the head of a reply with a length does not wait for its body', { skip: WAITS }, async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  const connection = await upstream.connection()
  await connection.until('\r\n\r\n')
  connection.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n')
  let received = ''
  await new Promise<void>(resolve => {
    client.socket.on('data', chunk => {
      received += chunk.toString('latin1')
      if (received.includes('\r\n\r\n')) resolve()
    })
  })
  t.match(received, /content-length: 5\r\n/i)
  connection.socket.write('hello')
  t.equal((await client.reply()).body.toString(), 'hello')
})

t.test(
  'a chunked reply larger than every buffer arrives to its last byte although the upstream then says nothing',
  async t => {
    const body = bytes(12_000_000)
    let release: () => void = () => undefined
    const upstream = await httpUpstream(t, (_, response) => {
      response.write(body)
      release = () => response.end('!')
    })
    const sluice = await startSluice(t, toOne(upstream.port))
    const client = await connect(t, sluice.port)
    client.send(request('GET', '/'))
    let size = 0
    await new Promise<void>(resolve => {
      // Nothing more comes from the upstream while these bytes are on their way.
      client.socket.on('data', chunk => {
        size += chunk.length
        if (size > body.length) resolve()
      })
    })
    t.ok(size > body.length, 'all of it came while the upstream said nothing')
    release()
    const reply = await client.reply()
    t.equal(hash(reply.body.subarray(0, body.length)), hash(body))
    t.equal(reply.body.length, body.length + 1)
  }
)

t.test('a reply before the end of the request is sent, and the connection goes on where the body ends', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  const body = bytes(300_000)
  client.send(request('POST', '/', `content-length: ${body.length}`))
  client.send(body.subarray(0, 100_000))
  const connection = await upstream.connection()
  await connection.until('\r\n\r\n')
  connection.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nearly')
  t.equal((await client.reply()).body.toString(), 'early')
  client.send(body.subarray(100_000))
  client.send(request('GET', '/next'))
  const second = await upstream.connection()
  await second.until('GET /next')
  second.socket.write('HTTP/1.1 204 No Content\r\n\r\n')
  t.equal((await client.reply()).status, 204)
})

t.test('requests one after the other on a connection do not see each other', async t => {
  const upstream = await recordingUpstream(t, ({ target, body }, response) => response.end(`${target} ${body}`))
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  for (let i = 0; i < 200; i++) {
    const body = 'x'.repeat(i)
    client.send(request('POST', `/${i}`, `content-length: ${i}`) + body)
    t.equal((await client.reply()).body.toString(), `/${i} ${body}`)
  }
})
