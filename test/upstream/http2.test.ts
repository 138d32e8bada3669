import { once } from 'node:events'
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { GatewayError } from '../../core/base/errors.js'
import type { HeaderList } from '../../core/base/headers.js'
import type { Cancellable, HttpClient, OutgoingRequest } from '../../core/upstream/http.js'
import { http2Client } from '../../core/upstream/http2.js'

const TIMEOUTS = { connect: 5_000, headers: 20_000, idle: 20_000 }

interface Upstream {
  readonly server: Http2Server
  readonly port: number
  readonly sessions: ServerHttp2Session[]
}

async function http2Upstream(
  t: Test,
  onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void
): Promise<Upstream> {
  const server = createServer()
  const sessions: ServerHttp2Session[] = []
  server.on('session', session => {
    sessions.push(session)
    session.on('error', () => undefined)
  })
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined)
    onStream(stream, headers)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return { server, port: (server.address() as AddressInfo).port, sessions }
}

function clientFor(t: Test, port: number, options: Partial<Parameters<typeof http2Client>[1]> = {}): HttpClient {
  const client = http2Client(`http://127.0.0.1:${port}`, { connections: 1, connectTimeoutMs: 5_000, ...options })
  t.teardown(() => client.close())
  return client
}

interface Outcome {
  readonly status?: number
  readonly body?: string
  readonly error?: string
  readonly sent?: boolean | undefined
}

/** Everything one request comes to. */
async function ask(
  client: HttpClient,
  request: Partial<OutgoingRequest> = {},
  timeouts: Partial<typeof TIMEOUTS> = {}
): Promise<Outcome> {
  let call: Cancellable | undefined
  const whole = { method: 'GET', target: '/', headers: [], body: undefined, ...request }
  try {
    const { status, body } = await client.send(whole, { ...TIMEOUTS, ...timeouts }, started => {
      call = started
    })
    if (Buffer.isBuffer(body)) throw new Error('a client replies with a source')
    let text = ''
    const error = await new Promise<string | undefined>(resolve =>
      body.pipe({
        write: chunk => {
          text += chunk.toString()
          return true
        },
        end: () => resolve(undefined),
        fail: thrown => resolve(thrown.code)
      })
    )
    return { status, body: text, ...(error !== undefined && { error }) }
  } catch (thrown) {
    return { error: thrown instanceof GatewayError ? thrown.code : String(thrown), sent: call?.sent }
  }
}

const ok = (stream: ServerHttp2Stream): void => {
  stream.respond({ ':status': 200 })
  stream.end('ok')
}

t.test('a request may have any header twice: lists are joined, of others the first counts', async t => {
  let seen: IncomingHttpHeaders = {}
  const { port } = await http2Upstream(t, (stream, headers) => {
    seen = headers
    ok(stream)
  })
  const client = clientFor(t, port)
  const twice = (name: string): HeaderList => [name, '"a"', name, '"b"']
  for (const [constant, name] of Object.entries(constants)) {
    if (!constant.startsWith('HTTP2_HEADER_') || typeof name !== 'string' || name.startsWith(':')) continue
    if (name === 'content-length' || name === 'host') continue // the gateway's own
    t.match(await ask(client, { headers: twice(name) }), { status: 200 }, name)
  }
  await ask(client, { headers: [...twice('if-none-match'), 'if-match', '"a"', 'if-match', '"b", "c"'] })
  t.match(seen, { 'if-none-match': '"a", "b"', 'if-match': '"a", "b", "c"' })
  await ask(client, { headers: [...twice('authorization'), ...twice('if-modified-since'), ...twice('x-other')] })
  t.match(seen, { authorization: '"a"', 'if-modified-since': '"a"', 'x-other': '"a", "b"' })
})

t.test('what is about a connection is not sent over HTTP/2, but for trailers', async t => {
  let seen: IncomingHttpHeaders = {}
  const { port } = await http2Upstream(t, (stream, headers) => {
    seen = headers
    ok(stream)
  })
  const names = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings', 'te']
  const headers = names.flatMap(name => [name, 'x'])
  t.match(await ask(clientFor(t, port), { headers }), { status: 200 })
  t.strictSame(
    names.filter(name => name in seen),
    ['te']
  )
  t.equal(seen.te, 'trailers')
})

t.test('a request that cannot be sent over HTTP/2 is no fault of the upstream', async t => {
  const { port } = await http2Upstream(t, ok)
  const client = clientFor(t, port)
  t.match(await ask(client, { headers: [':x', '1'] }), { error: 'GW_INTERNAL' })
  t.match(await ask(client), { status: 200 }, 'the connection is as good as before')
})
