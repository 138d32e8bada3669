import t from 'tap'
import { httpUpstream } from '../../support/upstream.js'
import { ask, wrongError } from './clients.js'
import { gateway, keysOf } from './gateway.js'

const CHAT = { client: 'openai-chat', model: 'main/gpt-test', stream: false } as const

t.test('the keys of an account take turns by weight', async t => {
  const keys = [{ key: 'one', weight: 3 }, 'two']
  const { mock, port } = await gateway(t, { accounts: { main: { keys } } })
  for (let i = 0; i < 8; i++) t.equal((await ask(port, CHAT)).status, 200)
  const used = keysOf(mock)
  t.strictSame([used.filter(key => key === 'one').length, used.filter(key => key === 'two').length], [6, 2])
})

for (const stream of [false, true]) {
  t.test(`a key that is limited is left for the next one at once (${stream ? 'streamed' : 'whole'})`, async t => {
    const { mock, port } = await gateway(t, { accounts: { main: { keys: ['one', 'two'] } } })
    mock.fault({ faults: 'status=429,retry-after=3600', times: 1 })
    const got = await ask(port, { ...CHAT, stream })
    t.equal(got.status, 200)
    t.equal(got.failure, undefined)
    t.equal(got.headers.get('x-sluice-attempts'), '2')
    t.equal(got.headers.get('retry-after'), null, 'nothing of the refusal is in the reply')
    await ask(port, { ...CHAT, stream })
    t.strictSame(keysOf(mock), ['one', 'two', 'two'], 'and it rests as long as it was told to')
    for (let i = 0; i < 2; i++) await ask(port, { ...CHAT, model: 'main/another', stream })
    t.strictSame(keysOf(mock).slice(3).sort(), ['one', 'two'], 'for that model alone')
  })
}

t.test('a limit within a stream that has not begun is one of the key too', async t => {
  const { mock, port } = await gateway(t, { accounts: { main: { keys: ['one', 'two'] } } })
  mock.fault({ faults: 'error-first,error-status=429', times: 1 })
  const got = await ask(port, { ...CHAT, stream: true })
  t.equal(got.failure, undefined)
  t.strictSame(keysOf(mock), ['one', 'two'])
})

for (const [status, scope] of [
  [401, 'every model'],
  [403, 'that model']
] as const) {
  t.test(`a key that is refused with ${status} is out of service for ${scope}, and the log says so`, async t => {
    const { mock, sluice, port } = await gateway(t, {
      accounts: { main: { keys: ['one', { key: 'two', name: 'spare' }] } }
    })
    mock.fault({ faults: `status=${status}`, times: 1 })
    for (let i = 0; i < 3; i++) t.equal((await ask(port, CHAT)).status, 200)
    t.strictSame(keysOf(mock), ['one', 'two', 'two', 'two'])
    const line = sluice.others.find(({ msg }) => msg === 'a provider refuses a key: it is left alone')
    t.match(line, { level: 50, account: 'main', key: '1', forMs: 3_600_000 })
    t.notMatch(JSON.stringify(sluice.others), /"one"|"two"/, 'no key is logged')
    for (let i = 0; i < 2; i++) await ask(port, { ...CHAT, model: 'main/another' })
    t.strictSame(keysOf(mock).slice(4).sort(), [status === 401 ? 'two' : 'one', 'two'])
  })
}

for (const client of ['openai-chat', 'anthropic', 'gemini'] as const) {
  t.test(
    `who is limited by a provider that does not say for how long is told how long its keys rest (${client})`,
    async t => {
      const cooldown = { base: '40s' }
      const { mock, port } = await gateway(t, { accounts: { main: { keys: ['one'], cooldown } } })
      for (const faults of ['status=429', 'error-first,error-status=429']) {
        mock.fault({ faults, times: 1 })
        const got = await ask(port, { client, model: `main/${faults.length}`, stream: true })
        t.equal(got.status, 429)
        t.equal(got.headers.get('retry-after'), '40', faults)
      }
    }
  )
}

t.test('however short a provider says to wait, one request is made once with each key', async t => {
  let headers: Record<string, string> = {}
  let asked = 0
  const upstream = await httpUpstream(t, (_, response) => {
    asked++
    response.writeHead(429, { 'content-type': 'application/json', ...headers }).end('{"error":{"message":"slow"}}')
  })
  const main = { baseUrl: `http://127.0.0.1:${upstream.port}`, keys: ['one', 'two'] }
  const { port } = await gateway(t, { accounts: { main } })
  for (headers of [
    { 'retry-after': '0' },
    { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' },
    { 'retry-after-ms': '1' }
  ]) {
    asked = 0
    const got = await ask(port, CHAT)
    t.equal(got.status, 429)
    t.equal(asked, 2, JSON.stringify(headers))
    t.equal(got.headers.get('x-sluice-attempts'), '2')
  }
})

t.test('when every key rests nobody is asked, and the client is told when to come again', async t => {
  const { mock, port } = await gateway(t, { accounts: { main: { keys: ['one', 'two'] } } })
  mock.fault({ faults: 'status=429,retry-after=90', times: 2 })
  const first = await ask(port, CHAT)
  t.equal(first.status, 429, 'what the provider said last')
  t.equal(first.headers.get('retry-after'), '90')
  t.equal(first.failure?.kind, 'rate_limit')
  for (const client of ['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const) {
    const next = await ask(port, { ...CHAT, client })
    t.ok(next.status === 503 || (client === 'anthropic' && next.status === 529), `${client}: ${next.status}`)
    const after = Number(next.headers.get('retry-after'))
    t.ok(after > 80 && after <= 90, `${client}: ${after}`)
    t.equal(wrongError(client, next.raw), undefined)
    t.equal(next.headers.get('x-sluice-attempts'), null)
  }
  t.equal(mock.requests().length, 2)
})

t.test(
  'Google says how long to wait within a list: the key rests so long, and the client is told in plain words',
  async t => {
    const message = 'You exceeded your current quota.\nPlease retry in a while.'
    const wait = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '17s' }
    const error = { code: 429, message, status: 'RESOURCE_EXHAUSTED', details: [wait] }
    let body = JSON.stringify([{ error }])
    const upstream = await httpUpstream(t, (_, response) => {
      response.writeHead(429, { 'content-type': 'application/json' }).end(body)
    })
    const baseUrl = `http://127.0.0.1:${upstream.port}`
    for (const provider of ['gemini', 'openai']) {
      for (const client of ['openai-chat', 'anthropic', 'gemini'] as const) {
        for (const stream of [false, true]) {
          const { port } = await gateway(t, { accounts: { main: { provider, baseUrl } } })
          const what = `${client} to ${provider}, ${stream ? 'streamed' : 'whole'}`
          const got = await ask(port, { ...CHAT, client, stream })
          t.match(got, { status: 429, failure: { kind: 'rate_limit', message } }, what)
          t.equal(got.headers.get('retry-after'), '17', what)
          t.equal(wrongError(client, got.raw), undefined, what)
          const next = await ask(port, { ...CHAT, client, stream })
          t.equal(next.headers.get('x-sluice-attempts'), null, what)
          t.ok(Number(next.headers.get('retry-after')) > 10, what)
        }
      }
    }
    const asked = { method: 'POST', body: JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] }) }
    const path = '/v1beta/models/main%2Fgemini-2.5-pro:streamGenerateContent'
    for (body of [JSON.stringify([{ error }]), JSON.stringify({ error })]) {
      const { port } = await gateway(t, { accounts: { main: { provider: 'gemini', baseUrl } } })
      const got = await fetch(`http://127.0.0.1:${port}${path}`, asked)
      t.equal(await got.text(), body, 'who streams as a list reads lists')
      t.equal(got.headers.get('retry-after'), '17')
    }
  }
)

t.test('the credentials of the gateway are no business of the client', async t => {
  const { port } = await gateway(t, { accounts: { 'openai-chat': {}, anthropic: {} }, mock: { keys: ['another'] } })
  for (const client of ['openai-chat', 'anthropic'] as const) {
    const got = await ask(port, {
      ...CHAT,
      client,
      model: `${client}/m`,
      headers: { authorization: 'Bearer of-the-client' }
    })
    t.equal(got.status, 502)
    t.match(got.failure?.message, 'The provider does not accept the credentials of the gateway.')
    t.notMatch(got.raw, /-key|Incorrect API key/)
  }
})
