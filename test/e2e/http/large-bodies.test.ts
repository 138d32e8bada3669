import { EventEmitter, once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import t, { type Test } from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { memory, serve } from '../../support/serve.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { httpUpstream, rawUpstream } from '../../support/upstream.js'

const MIB = 1024 ** 2
const GIB = 1024 ** 3
const PIECE = Buffer.alloc(MIB)
for (let i = 0; i < PIECE.length; i += 4) PIECE.writeUInt32LE((i * 2654435761) >>> 0, i)
/** How much more memory one large body may take than Sluice has at rest. */
const MEMORY_BYTES = 150 * MIB
/** How much more than the upstream has taken may be sent: a client that is faster than the loop is read on for ever (RATIONALE.md). */
const AHEAD_BYTES = 32 * MIB

/** Writes `size` bytes as fast as they are taken; each piece begins with its number. @param turn - what each piece waits for */
async function pour(to: Writable, size: number, turn: (sent: number) => unknown = () => undefined): Promise<void> {
  for (let i = 0; i < size / PIECE.length; i++) {
    await turn(i * PIECE.length)
    const number = Buffer.alloc(4)
    number.writeUInt32LE(i)
    to.write(number)
    if (!to.write(PIECE.subarray(4))) await once(to, 'drain')
  }
  to.end()
}

/**
 * Reads to the end and compares with what `pour` writes.
 * @param took - told how many bytes have come
 * @returns how many bytes came, up to the first wrong one
 */
async function drink(from: Readable, took: (bytes: number) => void = () => undefined): Promise<number> {
  const expected = Buffer.from(PIECE)
  expected.writeUInt32LE(0)
  let at = 0
  for await (const chunk of from) {
    for (let done = 0; done < chunk.length; ) {
      const start = at % PIECE.length
      if (start === 0) expected.writeUInt32LE(at / PIECE.length)
      const end = Math.min(start + chunk.length - done, PIECE.length)
      const part = chunk.subarray(done, done + end - start)
      if (expected.compare(part, 0, part.length, start, end) !== 0) return at
      done += part.length
      at += part.length
    }
    took(at)
  }
  return at
}

t.setTimeout(120_000) // seconds on a machine of its own, more on a busy one

const limits = { bodyBytes: '2GiB' }

for (const framing of ['with Content-Length', 'chunked'] as const) {
  // Chunks cost the tests' own parser more than Sluice: an eighth is enough to see memory grow.
  const size = framing === 'chunked' ? GIB / 8 : GIB
  const headers = framing === 'chunked' ? {} : { 'content-length': String(size) }

  t.test(`a download of ${size / MIB} MiB ${framing} passes whole, in constant memory`, async t => {
    const upstream = await httpUpstream(t, (_, response) => {
      response.writeHead(200, headers)
      void pour(response, size)
    })
    const sluice = await serve(t, toOne(upstream.port, { limits }))
    const before = memory(sluice.pid)
    const sent = httpRequest({ port: sluice.port, host: '127.0.0.1' }).end()
    const [reply]: IncomingMessage[] = await once(sent, 'response')
    t.equal(await drink(reply as IncomingMessage), size)
    const growth = memory(sluice.pid).peak - before.now
    t.ok(growth < MEMORY_BYTES, `grew by ${Math.round(growth / MIB)} MiB at most`)
  })

  t.test(`an upload of ${size / MIB} MiB ${framing} passes whole, in constant memory`, async t => {
    let taken = 0
    const progress = new EventEmitter()
    const upstream = await httpUpstream(t, (received, response) => {
      const took = (bytes: number) => {
        taken = bytes
        progress.emit('took')
      }
      void drink(received, took).then(got => response.end(String(got)))
    })
    const sluice = await serve(t, toOne(upstream.port, { limits }))
    const before = memory(sluice.pid)
    const sent = httpRequest({ port: sluice.port, host: '127.0.0.1', method: 'POST', headers })
    const replied = once(sent, 'response')
    await pour(sent, size, async bytes => {
      while (bytes - taken > AHEAD_BYTES) await once(progress, 'took')
    })
    const [reply] = await replied
    let text = ''
    for await (const chunk of reply) text += chunk
    t.equal(text, String(size))
    const growth = memory(sluice.pid).peak - before.now
    t.ok(growth < MEMORY_BYTES, `grew by ${Math.round(growth / MIB)} MiB at most`)
  })
}

/** More than the kernel's buffers on both connections and Sluice's own together. */
const FULL_BYTES = 64 * MIB

/** Others are served all the while: their round trips are the clock. A bad path needs no upstream. */
async function roundTrip(t: Test, port: number): Promise<void> {
  await exchange(t, port, request('GET', '/%'))
}

/** Writes until the other side takes no more; resolves when a write has waited while `quiet` round trips went by. */
async function writeUntilStuck(to: Writable, roundTrip: () => Promise<void>): Promise<number> {
  let written = 0
  while (written < FULL_BYTES) {
    let drained = to.write(PIECE)
    written += PIECE.length
    if (drained) continue
    to.once('drain', () => {
      drained = true
    })
    for (let i = 0; i < 20 && !drained; i++) await roundTrip()
    if (!drained) return written
  }
  return written
}

for (const framing of ['with Content-Length', 'chunked'] as const) {
  t.test(`a client that stops reading a reply ${framing} makes the upstream wait`, async t => {
    const upstream = await rawUpstream(t)
    const sluice = await startSluice(t, toOne(upstream.port))
    const client = await connect(t, sluice.port)
    client.socket.pause()
    client.send(request('GET', '/'))
    const connection = await upstream.connection()
    await connection.until('\r\n\r\n')
    const framed = framing === 'chunked' ? 'transfer-encoding: chunked' : `content-length: ${FULL_BYTES * 2}`
    connection.socket.write(`HTTP/1.1 200 OK\r\n${framed}\r\n\r\n`)
    if (framing === 'chunked') connection.socket.write(`${(FULL_BYTES * 2).toString(16)}\r\n`)
    const written = await writeUntilStuck(connection.socket, () => roundTrip(t, sluice.port))
    t.ok(written < FULL_BYTES, `${Math.round(written / MIB)} MiB were taken, then no more`)
    client.socket.destroy()
    await connection.closed
  })
}

t.test('an upstream that stops reading makes the client wait', async t => {
  const upstream = await rawUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, { limits }))
  const client = await connect(t, sluice.port)
  client.send(request('POST', '/', `content-length: ${FULL_BYTES * 2}`))
  const connection = await upstream.connection()
  connection.socket.pause()
  const written = await writeUntilStuck(client.socket, () => roundTrip(t, sluice.port))
  t.ok(written < FULL_BYTES, `${Math.round(written / MIB)} MiB were taken, then no more`)
  connection.socket.destroy()
  t.equal((await client.reply()).status, 502, 'and the client hears of it when the upstream is gone')
})
