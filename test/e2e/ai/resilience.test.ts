import t from 'tap'
import { ask, bodyOf, wrongError } from './clients.js'
import { accountsOf, gateway } from './gateway.js'

const CHAT = { client: 'openai-chat', model: 'any', stream: false } as const
const two = { any: { strategy: 'fallback', targets: ['a/m', 'b/m'] } }

for (const stream of [false, true]) {
  t.test(`an account whose breaker is open is passed over (${stream ? 'streamed' : 'whole'})`, async t => {
    const breaker = { minRequests: 2, errors: 0.5, open: '1h', window: '1h' }
    const { mock, port } = await gateway(t, { accounts: { a: { breaker }, b: {} }, models: two })
    mock.fault({ faults: 'status=503', times: 1 })
    await ask(port, { ...CHAT, stream })
    t.strictSame(accountsOf(mock), ['a', 'b'])
    mock.fault({ faults: 'status=503', times: 1 })
    await ask(port, { ...CHAT, stream })
    t.strictSame(accountsOf(mock).slice(2), ['a', 'b'])
    const got = await ask(port, { ...CHAT, stream })
    t.equal(got.headers.get('x-sluice-attempts'), '1')
    t.strictSame(accountsOf(mock).slice(4), ['b'], 'a is not asked any more')
    for (const client of ['openai-chat', 'anthropic', 'gemini', 'openai-responses'] as const) {
      const alone = await ask(port, { client, model: 'a/m', stream })
      t.ok(alone.status === 503 || alone.status === 529, `${client}: ${alone.status}`)
      t.ok(Number(alone.headers.get('retry-after')) > 3_000)
      t.equal(wrongError(client, alone.raw), undefined)
    }
    t.equal(mock.requests().length, 5)
  })
}

for (const [fault, stream] of [
  ['error-first', true],
  ['error-first', false],
  ['error-first,error-status=529', true],
  ['status=529', false],
  ['truncate', false]
] as const) {
  t.test(
    `what fails under status 200 opens the breaker of an account too (${fault}, ${stream ? 'streamed' : 'whole'})`,
    async t => {
      const breaker = { minRequests: 2, errors: 1, open: '1h', window: '1h' }
      const { mock, port } = await gateway(t, { accounts: { a: { breaker }, b: {} }, models: two })
      for (let i = 0; i < 3; i++) {
        if (i < 2) mock.fault({ faults: fault, times: 1 })
        await ask(port, { ...CHAT, stream })
      }
      t.strictSame(accountsOf(mock), ['a', 'b', 'a', 'b', 'b'])
    }
  )
}

t.test('a probe of an account is over when its answer has begun', async t => {
  const breaker = { minRequests: 1, errors: 1, open: '1ms', window: '1h', probes: 1 }
  const { mock, port } = await gateway(t, { accounts: { a: { breaker }, b: {} }, models: two })
  mock.fault({ faults: 'error-first', times: 1 })
  await ask(port, { ...CHAT, stream: true })
  const leave = new AbortController()
  t.teardown(() => leave.abort())
  const body = bodyOf({ ...CHAT, model: 'a/m+tokens=20+stall+after=3', stream: true })
  const reply = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    body,
    signal: leave.signal
  })
  t.equal(reply.headers.get('x-sluice-provider'), 'a')
  const next = await ask(port, { ...CHAT, stream: true })
  t.equal(next.headers.get('x-sluice-provider'), 'a', 'the stream of the probe still goes on')
})

t.test('errors of the client do not open the breaker of an account', async t => {
  const breaker = { minRequests: 1, errors: 0.1 }
  const { mock, port } = await gateway(t, { accounts: { a: { breaker } } })
  for (const status of [400, 404, 413]) await ask(port, { ...CHAT, model: `a/m+status=${status}` })
  t.equal((await ask(port, { ...CHAT, model: 'a/m' })).status, 200)
  t.equal(mock.requests().length, 4)
})

for (const stream of [false, true]) {
  t.test(`an account that is full sends what comes to the next one (${stream ? 'streamed' : 'whole'})`, async t => {
    const concurrency = { limit: 1, queue: 0 }
    const { mock, port } = await gateway(t, { accounts: { a: { concurrency }, b: {} }, models: two })
    const leave = new AbortController()
    const first = fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      body: bodyOf({ ...CHAT, model: 'a/m+stall', stream }),
      signal: leave.signal
    }).then(reply => reply.text())
    await mock.until(requests => requests.length === 1)
    const second = await ask(port, { ...CHAT, stream })
    t.equal(second.headers.get('x-sluice-provider'), 'b')
    const full = await ask(port, { ...CHAT, model: 'a/m', stream })
    t.equal(full.status, 503)
    t.match(full.failure, { code: 'GW_OVERLOADED' })
    leave.abort()
    await t.rejects(first)
    await mock.until(requests => requests[0]?.outcome === 'aborted')
    const third = await ask(port, { ...CHAT, stream })
    t.equal(third.headers.get('x-sluice-provider'), 'a', 'what is over takes no place')
  })
}

t.test('a client that leaves gives its place back', async t => {
  const concurrency = { limit: 1, queue: 0 }
  const { mock, port } = await gateway(t, { accounts: { a: { concurrency } } })
  for (const fault of ['stall', 'hang', 'ttft=60s']) {
    for (const stream of [true, false]) {
      const leave = new AbortController()
      const { length } = mock.requests()
      const body = JSON.stringify({ model: `a/m+${fault}`, messages: [{ role: 'user', content: 'Hi' }], stream })
      const url = `http://127.0.0.1:${port}/v1/chat/completions`
      const asking = fetch(url, { method: 'POST', body, signal: leave.signal }).then(reply => reply.text())
      await mock.until(requests => requests[length] !== undefined)
      leave.abort()
      await t.rejects(asking)
      await mock.until(requests => requests[length]?.outcome === 'aborted')
      const next = await ask(port, { ...CHAT, model: 'a/m' })
      t.equal(next.status, 200, `${fault}, ${stream}: ${next.raw}`)
    }
  }
})

t.test('each account has its own patience', async t => {
  const accounts = {
    head: { timeouts: { headers: '100ms' } },
    idle: { timeouts: { idle: '100ms' } },
    total: { timeouts: { total: '200ms' } }
  }
  const { port } = await gateway(t, { accounts })
  for (const [model, stream] of [
    ['head/m+hang', false],
    ['head/m+hang', true],
    ['idle/m+ttft=60s', false],
    ['idle/m+ttft=60s', true],
    ['total/m+hang', true],
    ['total/m+ttft=60s', false],
    ['total/m+ttft=60s', true]
  ] as const) {
    for (const client of ['openai-chat', 'anthropic'] as const) {
      const got = await ask(port, { client, model, stream })
      t.equal(got.status, 504, `${model}, ${client}, ${stream}`)
      t.equal(got.failure?.kind, 'timeout', got.raw)
      t.equal(wrongError(client, got.raw), undefined)
    }
  }
  for (const model of ['idle/m+tokens=20+stall+after=8', 'total/m+tokens=1000+slow=50']) {
    for (const client of ['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const) {
      const got = await ask(port, { client, model, stream: true })
      t.equal(got.status, 200)
      t.notOk(got.broken, `${model}, ${client}`)
      t.not(got.text, '')
      t.not(got.failure, undefined, `${model}, ${client}: told in the stream`)
    }
  }
})

t.test('an account asks again before the next one is asked, and waits as long as it is told to', async t => {
  const retries = { attempts: 2, statuses: [503], maxRetryAfter: '2s', backoff: { base: '1ms', max: '1ms' } }
  const { mock, port } = await gateway(t, { accounts: { a: { retries }, b: {} }, models: two })
  mock.fault({ faults: 'status=503', times: 2 })
  t.equal((await ask(port, CHAT)).status, 200)
  t.strictSame(accountsOf(mock), ['a', 'a', 'a'])
  mock.fault({ faults: 'status=503,retry-after=1', times: 1 })
  const since = performance.now()
  t.equal((await ask(port, CHAT)).headers.get('x-sluice-provider'), 'a')
  t.ok(performance.now() - since >= 990, 'a short Retry-After is waited for')
  mock.fault({ faults: 'status=503,retry-after=3600', times: 1 })
  t.equal((await ask(port, CHAT)).headers.get('x-sluice-provider'), 'b', 'a long one is not')
})

t.test('attempts of a target: the same is asked again after what passes', async t => {
  const models = { any: { strategy: 'fallback', targets: [{ model: 'a/m', attempts: 3 }, 'b/m'] } }
  const { mock, port } = await gateway(t, { accounts: { a: {}, b: {} }, models })
  mock.fault({ faults: 'status=500', times: 4 })
  const got = await ask(port, CHAT)
  t.equal(got.status, 500)
  t.equal(got.headers.get('x-sluice-attempts'), '4')
  t.strictSame(accountsOf(mock), ['a', 'a', 'a', 'b'])
})

t.test('content that a provider declines is tried elsewhere only where that is said', async t => {
  const any = { strategy: 'fallback', targets: ['a/m'], fallbacks: { 'content-policy': ['b/m'] } }
  const { mock, port } = await gateway(t, { accounts: { a: {}, b: {} }, models: { any } })
  mock.fault({ faults: 'policy', times: 1 })
  t.equal((await ask(port, CHAT)).headers.get('x-sluice-provider'), 'b')
  mock.fault({ faults: 'status=500', times: 1 })
  t.equal((await ask(port, CHAT)).status, 500)
  t.strictSame(accountsOf(mock), ['a', 'b', 'a'])
})
