import fc from 'fast-check'
import t from 'tap'
import { connect, request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { rawUpstream, recordingUpstream } from '../../support/upstream.js'

/** TCP keeps the order of bytes and nothing else: where a segment ends must not matter to anyone. */

/** Writes `bytes` in pieces that end at `cuts`, each on its way before the next. The first `whole` stay together. */
async function writePieces(
  socket: { write(piece: Uint8Array, sent: (error?: Error | null) => void): boolean },
  bytes: Buffer,
  cuts: readonly number[],
  whole = 0
): Promise<void> {
  const ends = [...new Set(cuts.map(cut => whole + (cut % (bytes.length - whole))))].sort((a, b) => a - b)
  let from = 0
  for (const end of [...ends, bytes.length]) {
    if (end === from) continue
    const piece = bytes.subarray(from, end)
    await new Promise<void>(resolve => socket.write(piece, () => setImmediate(resolve)))
    from = end
  }
}

const cuts = fc.array(fc.nat({ max: 100_000 }), { maxLength: 12 })
const content = fc.uint8Array({ maxLength: 3_000 }).map(bytes => Buffer.from(bytes))

function framedRequest(body: Buffer, chunks: readonly number[] | undefined): Buffer {
  if (chunks === undefined) {
    return Buffer.concat([
      Buffer.from(request('POST', '/path?query', `content-length: ${body.length}`, 'x-a: b')),
      body
    ])
  }
  return Buffer.concat([
    Buffer.from(request('POST', '/path?query', 'transfer-encoding: chunked', 'x-a: b')),
    chunked(body, chunks)
  ])
}

function chunked(body: Buffer, sizes: readonly number[]): Buffer {
  const pieces: Buffer[] = []
  let at = 0
  for (let i = 0; at < body.length; i++) {
    const piece = body.subarray(at, at + (sizes[i % Math.max(sizes.length, 1)] ?? body.length))
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
    at += piece.length
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')])
}

const sizes = fc.option(fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 5 }), {
  nil: undefined
})

t.test('any split of a request into segments gives the same exchange', async t => {
  const upstream = await recordingUpstream(t, ({ body }, response) => response.end(body))
  const sluice = await startSluice(t, toOne(upstream.port))
  await fc.assert(
    fc.asyncProperty(content, sizes, cuts, async (body, chunks, at) => {
      const client = await connect(t, sluice.port)
      // Not within the request line: uWebSockets.js cannot, see uws-limits.test.ts.
      await writePieces(client.socket, framedRequest(body, chunks), at, 'POST /path?query HTTP/1.1\r\n'.length)
      const reply = await client.reply()
      // The connection is in step: the next request begins where this one ends.
      client.send(request('GET', '/next'))
      if ((await client.reply()).status !== 200 || upstream.seen.pop()?.target !== '/next') return false
      client.socket.destroy()
      const seen = upstream.seen.pop()
      return (
        reply.status === 200 &&
        reply.body.equals(body) &&
        seen?.method === 'POST' &&
        seen.target === '/path?query' &&
        seen.body.equals(body) &&
        seen.all('x-a')[0] === 'b'
      )
    }),
    { numRuns: 100 }
  )
  t.equal(upstream.seen.length, 0, 'one request each')
})

t.test("any split of an upstream's reply into segments gives the same bytes", async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port))
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/first'))
  const connection = await upstream.connection()
  await connection.until('/first')
  connection.socket.write('HTTP/1.1 204 No Content\r\n\r\n')
  await client.reply()
  let count = 0
  await fc.assert(
    fc.asyncProperty(content, sizes, cuts, async (body, chunks, at) => {
      const path = `/reply-${count++}.`
      client.send(request('GET', path))
      await connection.until(path)
      const head = chunks === undefined ? `content-length: ${body.length}` : 'transfer-encoding: chunked'
      const framed = chunks === undefined ? body : chunked(body, chunks)
      const bytes = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\nx-a: b\r\n\r\n`), framed])
      await writePieces(connection.socket, bytes, at)
      const reply = await client.reply()
      return reply.status === 200 && reply.header('x-a') === 'b' && reply.body.equals(body)
    }),
    { numRuns: 100 }
  )
  t.pass('all the same')
})
