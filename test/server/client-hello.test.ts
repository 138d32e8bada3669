import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import fc from 'fast-check'
import type { Test } from 'tap'
import t from 'tap'
import { lookForServerName } from '../../core/server/node/client-hello.js'

/** What a real client says first. */
async function hello(t: Test, options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ...options })
  client.on('error', () => undefined)
  const [socket]: Socket[] = await once(server, 'connection')
  const [bytes] = await once(socket as Socket, 'data')
  client.destroy()
  socket?.destroy()
  return bytes
}

/** The same handshake message in records of this size. */
function inRecords(bytes: Buffer, size: number): Buffer {
  const parts: Buffer[] = []
  for (let at = 5; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size)
    parts.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part)
  }
  return Buffer.concat(parts)
}

t.test('the name is found wherever the bytes are split, and in however many records they lie', async t => {
  for (const options of [
    { servername: 'API.example.com' },
    { servername: 'API.example.com', maxVersion: 'TLSv1.2' },
    { servername: 'API.example.com', ALPNProtocols: ['h2', 'http/1.1'] }
  ] as const) {
    const whole = await hello(t, options)
    for (const bytes of [whole, inRecords(whole, 100), inRecords(whole, 1)]) {
      for (let end = 0; end < bytes.length; end++) {
        if (lookForServerName(bytes.subarray(0, end)).kind !== 'more') t.fail(`known after ${end} bytes`)
      }
      t.strictSame(lookForServerName(bytes), { kind: 'whole', bytes: 0, value: 'api.example.com' })
    }
  }
})

t.test('a client that asks for no name, and what is not TLS, have none', async t => {
  const none = { kind: 'whole', bytes: 0, value: '' }
  t.strictSame(lookForServerName(await hello(t, { servername: '' })), none)
  t.strictSame(lookForServerName(Buffer.from('GET / HTTP/1.1\r\n')), none)
  t.strictSame(lookForServerName(Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])), none, 'another message')
  t.strictSame(lookForServerName(Buffer.from([22, 3, 1, 0, 0])), none, 'an empty record')
  const endless = Buffer.concat([Buffer.from([22, 3, 1, 255, 255, 1, 255, 255, 255]), Buffer.alloc(70_000)])
  t.strictSame(lookForServerName(endless), none, 'more than anybody has to say')
})

t.test('whatever the bytes, it answers', async t => {
  const real = await hello(t, { servername: 'a.test' })
  fc.assert(
    fc.property(fc.nat(real.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, noise) => {
      const bytes = Buffer.from(real)
      Buffer.from(noise).copy(bytes, at)
      t.match(lookForServerName(bytes).kind, /^(?:more|whole)$/)
    }),
    { numRuns: 500 }
  )
})
