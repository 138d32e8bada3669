import { once } from 'node:events'
import { promisify } from 'node:util'
import * as grpc from '@grpc/grpc-js'
import type { Test } from 'tap'
import t from 'tap'
import { freePorts } from '../../command.js'
import { authority } from '../../support/certificates.js'
import { type RunningSluice, startSluice } from '../../support/sluice.js'

/** Through the gateway with the client and the server of gRPC itself. Messages are JSON, which gRPC does not mind. */

interface Note {
  readonly text: string
}

const serialize = (note: Note): Buffer => Buffer.from(JSON.stringify(note))
const deserialize = (bytes: Buffer): Note => JSON.parse(bytes.toString())

function method(name: string, requestStream: boolean, responseStream: boolean): grpc.MethodDefinition<Note, Note> {
  return {
    path: `/test.Notes/${name}`,
    requestStream,
    responseStream,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize
  }
}

const NOTES = {
  Echo: method('Echo', false, false),
  Count: method('Count', false, true),
  Sum: method('Sum', true, false),
  Chat: method('Chat', true, true)
}

type Notes = grpc.Client & {
  Echo(note: Note, ...rest: unknown[]): grpc.ClientUnaryCall
  Count(note: Note, ...rest: unknown[]): grpc.ClientReadableStream<Note>
  Sum(done: (error: grpc.ServiceError | null, note: Note) => void): grpc.ClientWritableStream<Note>
  Chat(...rest: unknown[]): grpc.ClientDuplexStream<Note, Note>
}

interface Server {
  readonly port: number
  /** Resolves when a call to Hang was cancelled. */
  readonly cancelled: Promise<void>
}

async function grpcServer(t: Test, credentials: grpc.ServerCredentials): Promise<Server> {
  const server = new grpc.Server()
  let sayCancelled: () => void = () => undefined
  const cancelled = new Promise<void>(resolve => {
    sayCancelled = resolve
  })
  server.addService(NOTES, {
    Echo: (call: grpc.ServerUnaryCall<Note, Note>, done: grpc.sendUnaryData<Note>) => {
      const { text } = call.request
      if (text === 'hang') return void call.on('cancelled', sayCancelled)
      if (text === 'fail') return done({ code: grpc.status.NOT_FOUND, details: 'no such nöte' })
      const head = new grpc.Metadata()
      head.set('asked-by', String(call.metadata.get('asked-by')[0]))
      call.sendMetadata(head)
      const tail = new grpc.Metadata()
      tail.set('checksum-bin', Buffer.from([0, 255, 10]))
      done(null, { text }, tail)
    },
    Count: (call: grpc.ServerWritableStream<Note, Note>) => {
      const to = Number(call.request.text)
      call.on('cancelled', sayCancelled)
      call.sendMetadata(new grpc.Metadata())
      for (let i = 0; i < to; i++) call.write({ text: String(i) })
      if (to > 0) call.end()
    },
    Sum: (call: grpc.ServerReadableStream<Note, Note>, done: grpc.sendUnaryData<Note>) => {
      let sum = 0
      call.on('data', (note: Note) => {
        sum += note.text.length
        if (note.text === 'enough') done({ code: grpc.status.RESOURCE_EXHAUSTED, details: 'enough' })
      })
      call.on('end', () => done(null, { text: String(sum) }))
    },
    Chat: (call: grpc.ServerDuplexStream<Note, Note>) => {
      call.on('data', (note: Note) => call.write({ text: `re: ${note.text}` }))
      call.on('end', () => call.end())
      call.on('cancelled', sayCancelled)
    }
  })
  const port = await promisify(server.bindAsync.bind(server))('127.0.0.1:0', credentials)
  t.teardown(() => server.forceShutdown())
  return { port: port ?? 0, cancelled }
}

interface Place {
  readonly client: Notes
  readonly server: Server
  readonly sluice: RunningSluice
}

/** Client, gateway and server, with TLS on both ways or on none. */
async function place(t: Test, secure: boolean, route: object = {}): Promise<Place> {
  const ca = authority(t)
  const { cert, key, certFile, keyFile } = ca.issue()
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) }
  const credentials = secure ? grpc.ServerCredentials.createSsl(null, [pair]) : grpc.ServerCredentials.createInsecure()
  const server = await grpcServer(t, credentials)
  const targets = [`${secure ? 'https' : 'http'}://127.0.0.1:${server.port}`]
  const sluice = await startSluice(t, {
    listen: { http2: true, ...(secure && { tls: { certificates: [{ cert: certFile, key: keyFile }] } }) },
    upstreams: { main: { targets, http2: true, ...(secure && { tls: { ca: ca.certFile } }) } },
    routes: [{ name: 'grpc', match: { path: '/test.Notes/*' }, upstream: 'main', ...route }]
  })
  const trust = secure ? grpc.credentials.createSsl(Buffer.from(ca.cert)) : grpc.credentials.createInsecure()
  const Client = grpc.makeGenericClientConstructor(NOTES, 'Notes')
  const client = new Client(`localhost:${sluice.port}`, trust) as unknown as Notes
  t.teardown(() => client.close())
  return { client, server, sluice }
}

interface Unary {
  readonly note: Note | undefined
  readonly error: grpc.ServiceError | null
  readonly head: grpc.Metadata | undefined
  readonly status: grpc.StatusObject
}

function echo(client: Notes, text: string, options: object = {}): Promise<Unary> {
  const metadata = new grpc.Metadata()
  metadata.set('asked-by', 'tests')
  return new Promise(resolve => {
    let head: grpc.Metadata | undefined
    let answer: [grpc.ServiceError | null, Note | undefined] = [null, undefined]
    const call = client.Echo({ text }, metadata, options, (error: grpc.ServiceError | null, note?: Note) => {
      answer = [error, note]
    })
    call.on('metadata', (found: grpc.Metadata) => {
      head = found
    })
    call.on('status', (status: grpc.StatusObject) => {
      setImmediate(() => resolve({ error: answer[0], note: answer[1], head, status }))
    })
  })
}

for (const secure of [true, false]) {
  const how = secure ? 'with TLS' : 'without TLS'

  t.test(`${how}: a unary call, with metadata before and after the message`, async t => {
    const { client, sluice } = await place(t, secure)
    for (const text of ['hello', 'x'.repeat(1_000_000)]) {
      const { note, error, head, status } = await echo(client, text)
      t.equal(error, null)
      t.ok(note?.text === text, 'the message is whole')
      t.strictSame(head?.get('asked-by'), ['tests'])
      t.strictSame(status.metadata.get('checksum-bin'), [Buffer.from([0, 255, 10])])
    }
    t.match(await sluice.access(), { status: 200, route: 'grpc' })
  })

  t.test(`${how}: an error without a message (trailers only) keeps its code, text and metadata`, async t => {
    const { client } = await place(t, secure)
    const { error } = await echo(client, 'fail')
    t.match(error, { code: grpc.status.NOT_FOUND, details: 'no such nöte' })
  })

  t.test(`${how}: a stream of replies arrives whole and in order`, async t => {
    const { client } = await place(t, secure)
    const call = client.Count({ text: '2000' })
    const seen: string[] = []
    call.on('data', (note: Note) => seen.push(note.text))
    const [status] = await once(call, 'status')
    t.equal(status.code, grpc.status.OK)
    t.strictSame(
      seen,
      Array.from({ length: 2000 }, (_, i) => String(i))
    )
  })

  t.test(`${how}: a stream of requests is answered at its end, or before`, async t => {
    const { client } = await place(t, secure)
    const sum = (...texts: string[]) =>
      new Promise<[grpc.ServiceError | null, Note]>(resolve => {
        const call = client.Sum((error, note) => resolve([error, note]))
        for (const text of texts) call.write({ text })
        if (texts.at(-1) !== 'enough') call.end()
      })
    t.strictSame(await sum('abc', 'de'), [null, { text: '5' }])
    const [error] = await sum('abc', 'enough')
    t.match(error, { code: grpc.status.RESOURCE_EXHAUSTED, details: 'enough' })
  })

  t.test(`${how}: both sides talk at once`, async t => {
    const { client } = await place(t, secure)
    const call = client.Chat()
    for (const text of ['a', 'b', 'c']) {
      call.write({ text })
      const [note] = await once(call, 'data')
      t.strictSame(note, { text: `re: ${text}` }, 'each is answered while the request is open')
    }
    call.end()
    const [status] = await once(call.resume(), 'status')
    t.equal(status.code, grpc.status.OK)
  })

  t.test(`${how}: a deadline that passes, and a call the client cancels, end the call at the server too`, async t => {
    const first = await place(t, secure)
    const { error } = await echo(first.client, 'hang', { deadline: Date.now() + 100 })
    t.equal(error?.code, grpc.status.DEADLINE_EXCEEDED)
    await first.server.cancelled
    const second = await place(t, secure)
    const call = second.client.Count({ text: '0' })
    call.on('error', () => undefined)
    await once(call, 'metadata') // the reply has begun, and nothing more comes
    const ended = new Promise<grpc.StatusObject>(resolve => call.on('status', resolve))
    call.cancel()
    t.equal((await ended).code, grpc.status.CANCELLED)
    await second.server.cancelled
    t.match(await second.sluice.access(), { status: 200, error: 'GW_CLIENT_GONE' })
  })
}

t.test('a target nobody listens at costs no call', async t => {
  const server = await grpcServer(t, grpc.ServerCredentials.createInsecure())
  const [closed] = await freePorts(1)
  const targets = [server.port, closed].map(port => `http://127.0.0.1:${port}`)
  const sluice = await startSluice(t, { listen: { http2: true }, upstreams: { main: { targets, http2: true } } })
  const Client = grpc.makeGenericClientConstructor(NOTES, 'Notes')
  const client = new Client(`127.0.0.1:${sluice.port}`, grpc.credentials.createInsecure()) as unknown as Notes
  t.teardown(() => client.close())
  const attempts: unknown[] = []
  for (let i = 0; i < 4; i++) {
    t.match(await echo(client, 'hello'), { error: null, note: { text: 'hello' } })
    attempts.push((await sluice.access()).attempts)
  }
  t.ok(attempts.includes(2), 'some began at the other target')
})

t.test('an error of the gateway or of a policy is one of gRPC, with its text and its metadata', async t => {
  const { client, sluice } = await place(t, false, { timeouts: { total: '100ms' } })
  t.match(await echo(client, 'hang'), {
    error: {
      code: grpc.status.DEADLINE_EXCEEDED,
      details: 'The upstream did not answer in time. GW_UPSTREAM_TIMEOUT'
    }
  })
  t.match(await sluice.access(), { status: 504, error: 'GW_UPSTREAM_TIMEOUT' }, 'operators see what it was')

  const key = { plugin: 'auth-key', settings: { keys: [{ sha256: '0'.repeat(64), consumer: 'me' }] } }
  const guarded = await place(t, false, { policies: [key] })
  const { error } = await echo(guarded.client, 'hello')
  t.match(error, { code: grpc.status.UNAUTHENTICATED })
  t.match(await guarded.sluice.access(), { status: 401 })

  const limit = { plugin: 'rate-limit', settings: { limits: [{ requests: 1, per: '1h' }] } }
  const limited = await place(t, false, { policies: [limit] })
  t.match(await echo(limited.client, 'hello'), { error: null })
  const refused = await echo(limited.client, 'hello')
  t.match(refused.error, { code: grpc.status.RESOURCE_EXHAUSTED })
  t.match(refused.status.metadata.get('retry-after')[0], /^\d+$/, 'it says when to come again')

  const elsewhere = await place(t, false, { match: { path: '/other/*' } })
  t.match((await echo(elsewhere.client, 'hello')).error, {
    code: grpc.status.UNIMPLEMENTED,
    details: 'No route matches this request. GW_ROUTE_NOT_FOUND'
  })
})

t.test('an upstream that is gone is UNAVAILABLE to a gRPC client', async t => {
  const sluice = await startSluice(t, {
    listen: { http2: true },
    upstreams: { main: { targets: ['http://127.0.0.1:1'], http2: true } }
  })
  const Client = grpc.makeGenericClientConstructor(NOTES, 'Notes')
  const client = new Client(`127.0.0.1:${sluice.port}`, grpc.credentials.createInsecure()) as unknown as Notes
  t.teardown(() => client.close())
  t.match((await echo(client, 'hello')).error, { code: grpc.status.UNAVAILABLE })
})
