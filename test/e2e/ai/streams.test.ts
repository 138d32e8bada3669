import t from 'tap'
import { startSluice } from '../../support/sluice.js'
import { httpUpstream } from '../../support/upstream.js'
import { ask, bodyOf, CLIENTS, type ClientName, pathOf } from './clients.js'
import { configOf, gateway } from './gateway.js'

t.setTimeout(120_000)

const FAMILIES = {
  openai: {},
  anthropic: { provider: 'anthropic' },
  gemini: { provider: 'gemini' },
  bedrock: { provider: 'bedrock' },
  cohere: { provider: 'cohere' },
  mistral: { provider: 'mistral' }
} as const
const CUTS = ['split=1', 'split=7+crlf', 'split=random', 'split=random+crlf+comments', 'comments', 'crlf']
const ANSWER = encodeURIComponent('Grüße, 世界! 🌊 "quoted"\nand more')

for (const client of CLIENTS) {
  t.test(`${client}: however a stream is cut and spaced, the answer is the same`, async t => {
    const { port } = await gateway(t, { accounts: FAMILIES })
    for (const family of Object.keys(FAMILIES)) {
      const wanted = { client, stream: true } as const
      const plain = await ask(port, { ...wanted, model: `${family}/m+answer=${ANSWER}` })
      t.equal(plain.text, 'Grüße, 世界! 🌊 "quoted"\nand more', family)
      for (const cut of CUTS) {
        const got = await ask(port, { ...wanted, model: `${family}/m+answer=${ANSWER}+${cut}` })
        t.equal(got.text, plain.text, `${family}, ${cut}`)
        t.ok(got.ended && !got.broken && got.failure === undefined, `${family}, ${cut}`)
      }
    }
  })
}

/** Reads a reply until it has so much in it, then goes away. */
async function leaveAfter(port: number, client: ClientName, model: string, pieces: number): Promise<void> {
  const leave = new AbortController()
  const wanted = { client, model, stream: true }
  const url = `http://127.0.0.1:${port}${pathOf(wanted)}`
  const response = await fetch(url, { method: 'POST', body: bodyOf(wanted), signal: leave.signal })
  let seen = 0
  try {
    for await (const _ of response.body ?? []) if (++seen >= pieces) leave.abort()
  } catch {
    // that is what leaving is
  }
}

for (const client of CLIENTS) {
  for (const family of Object.keys(FAMILIES)) {
    t.test(
      `${client} leaves in the middle of a stream of ${family}: the call ends, or is heard to its end`,
      async t => {
        const { mock, port } = await gateway(t, { accounts: FAMILIES })
        await leaveAfter(port, client, `${family}/m+tokens=5000+slow=100`, 3)
        await mock.until(([request]) => request?.outcome === 'aborted')
        const patient = await gateway(t, { accounts: FAMILIES, route: { clientGone: { drain: '1m' } } })
        await leaveAfter(patient.port, client, `${family}/m+tokens=60+slow=200`, 3)
        await patient.mock.until(([request]) => request?.outcome === 'done')
        t.pass('both came to pass')
      }
    )
  }
}

t.test('a provider is not heard for longer than was said', async t => {
  const { mock, port } = await gateway(t, { route: { clientGone: { drain: '200ms' } } })
  await leaveAfter(port, 'openai-chat', 'main/m+tokens=20+stall+after=8', 1)
  await mock.until(([request]) => request?.outcome === 'aborted')
  const little = await gateway(t, { route: { clientGone: { drain: '1m', bytes: '1KiB' } } })
  await leaveAfter(little.port, 'openai-chat', 'main/m+tokens=3000+slow=1000', 3)
  await little.mock.until(([request]) => request?.outcome === 'aborted')
  t.pass('both came to pass')
})

t.test('a client that leaves before the answer begins ends the call, whatever the route says of leaving', async t => {
  for (const clientGone of ['abort', { drain: '1m' }]) {
    const { mock, port, sluice } = await gateway(t, { route: { clientGone } })
    for (const fault of ['hang', 'ttft=60s', 'stall+after=1+tokens=5']) {
      const { length } = mock.requests()
      const leave = new AbortController()
      const wanted = { client: 'openai-chat', model: `main/m+${fault}`, stream: true } as const
      const asking = fetch(`http://127.0.0.1:${port}${pathOf(wanted)}`, {
        method: 'POST',
        body: bodyOf(wanted),
        signal: leave.signal
      })
      await mock.until(requests => requests.length > length)
      leave.abort()
      await t.rejects(asking)
      await mock.until(requests => requests[length]?.outcome === 'aborted')
      t.match(await sluice.access(), { status: 499, error: 'GW_CLIENT_GONE' }, fault)
    }
  }
})

t.test('a stream that takes too long or is too large ends with a word in the client’s dialect', async t => {
  for (const streams of [{ duration: '400ms' }, { bytes: '16KiB' }]) {
    const { mock, port } = await gateway(t, { accounts: FAMILIES, route: { streams } })
    for (const client of CLIENTS) {
      const check = async (family: string): Promise<void> => {
        const got = await ask(port, { client, model: `${family}/m+tokens=2000+slow=400`, stream: true })
        const what = `${client}, ${family}, ${JSON.stringify(streams)}`
        t.not(got.text, '', what)
        t.match(got.failure?.message, 'stream', what)
        t.notOk(got.broken, what)
      }
      const families = Object.keys(FAMILIES)
      const asked = mock.requests().length + families.length
      await Promise.all(families.map(check))
      await mock.until(requests => requests.length >= asked && requests.every(({ outcome }) => outcome === 'aborted'))
    }
  }
})

t.test('a response that a provider breaks off is the one that fails: no second one begins', async t => {
  const events = [
    {
      type: 'response.created',
      sequence_number: 0,
      response: { id: 'resp_theirs', object: 'response', model: 'm', output: [] }
    },
    {
      type: 'response.output_item.added',
      sequence_number: 1,
      output_index: 0,
      item: { type: 'message', id: 'msg_theirs' }
    },
    { type: 'response.output_text.delta', sequence_number: 2, item_id: 'msg_theirs', output_index: 0, delta: 'Hel' }
  ]
  const upstream = await httpUpstream(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const text = events.map(event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
    response.write(text, () => response.destroy())
  })
  const account = { provider: 'openai', baseUrl: `http://127.0.0.1:${upstream.port}/v1`, keys: ['k'] }
  const { port } = await startSluice(t, {
    upstreams: {},
    routes: [{ name: 'ai', match: { path: '/*' }, ai: {} }],
    ai: { providers: { main: { ...account, models: ['m'] } } }
  })
  const body = JSON.stringify({ model: 'main/m', input: 'hi', stream: true })
  const reply = await fetch(`http://127.0.0.1:${port}/v1/responses`, { method: 'POST', body })
  const got = [...(await reply.text()).matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(String(data)))
  t.strictSame(got.slice(0, -1), events, 'what came is as it came')
  t.match(got.at(-1), {
    type: 'response.failed',
    sequence_number: 3,
    response: { id: 'resp_theirs', status: 'failed', error: { code: 'GW_UPSTREAM_RESET' } }
  })
})

t.test('an event of more than 16 MiB ends the stream, not the gateway', async t => {
  const piece = Buffer.alloc(1024 * 1024, 'x')
  const upstream = await httpUpstream(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(
      'data: {"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n'
    )
    response.write('data: {"choices":[{"index":0,"delta":{"content":"')
    let left = 40
    const more = (): void => {
      while (left-- > 0) if (!response.write(piece)) return void response.once('drain', more)
    }
    more()
  })
  const baseUrl = `http://127.0.0.1:${upstream.port}/v1`
  const accounts = { main: { baseUrl } }
  const { sluice, mock } = await gateway(t, { accounts })
  for (const client of ['openai-chat', 'anthropic'] as const) {
    const got = await ask(sluice.port, { client, model: 'main/m', stream: true })
    t.equal(got.text, 'Hi', client)
    t.match(got.failure?.message, 'An event of the stream', client)
    t.notOk(got.broken, client)
    t.match(await sluice.access(), { error: 'GW_AI_EVENT_TOO_LARGE' })
  }
  t.equal(mock.requests().length, 0)
})

t.test('Gemini’s clients that do not ask for SSE get one JSON array, whoever answers', async t => {
  const { port } = await gateway(t, { accounts: FAMILIES })
  for (const family of Object.keys(FAMILIES)) {
    for (const fault of ['', '+drop=8', '+split=1', '+error-in-stream=8']) {
      const model = encodeURIComponent(`${family}/m+tokens=20${fault}`)
      const url = `http://127.0.0.1:${port}/v1beta/models/${model}:streamGenerateContent`
      const body = bodyOf({ client: 'gemini', model: '', stream: true })
      const response = await fetch(url, { method: 'POST', body })
      const raw = await response.text()
      t.match(response.headers.get('content-type'), 'application/json')
      const chunks: Record<string, unknown>[] = JSON.parse(raw)
      t.ok(chunks.length > 2, `${family}${fault}`)
      const failed = fault.includes('drop') || fault.includes('error')
      t.equal(
        chunks.some(chunk => 'error' in chunk),
        failed,
        `${family}${fault}: ${raw.slice(-300)}`
      )
    }
  }
})

t.test('usage that the gateway asked for on its own is not in the client’s stream', async t => {
  const { mock, port } = await gateway(t, {})
  const wanted = { client: 'openai-chat', model: 'main/m', stream: true } as const
  const without = await ask(port, wanted)
  t.match(mock.requests()[0]?.body.toString(), '"include_usage":true')
  t.notMatch(without.raw, 'usage')
  const own = await ask(port, { ...wanted, more: { stream_options: { include_usage: true } } })
  t.match(own.raw, /"usage":\{"prompt_tokens"/)
  t.equal(own.text, without.text)
})

t.test('a heartbeat comes between events, never within one, whatever their line ends are', async t => {
  const begin = 'data: {"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hi"}}]}'
  const end = 'data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
  const finish: (() => void)[] = []
  const upstream = await httpUpstream(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    // The first one stands within an event, between two of its lines; the other is the clock.
    response.write(finish.length === 0 ? `${begin}\r\n\r\ndata: {"choices":[],\r\n` : `${begin}\n\n`)
    finish.push(() => response.end(finish.length > 2 ? end : `data: "id":"1"}\r\n\r\n${end}`))
  })
  const mock = (await gateway(t, {})).mock
  const accounts = { main: { baseUrl: `http://127.0.0.1:${upstream.port}/v1` } }
  const sluice = await startSluice(t, configOf(mock, { accounts, route: { streams: { heartbeat: '50ms' } } }))
  const open = async () => {
    const wanted = { client: 'openai-chat', model: 'main/m', stream: true } as const
    const more = { stream_options: { include_usage: true } } // so that bytes pass untouched
    const url = `http://127.0.0.1:${sluice.port}${pathOf(wanted)}`
    return await fetch(url, { method: 'POST', body: bodyOf({ ...wanted, more }) })
  }
  const within = await open()
  const clock = await open()
  let beats = 0
  for await (const piece of clock.body ?? []) {
    if (Buffer.from(piece).toString().includes(': keep-alive\n\n') && ++beats === 3) for (const each of finish) each()
  }
  const raw = await within.text()
  t.match(raw, 'data: {"choices":[],\r\ndata: "id":"1"}\r\n\r\n', 'the lines of the event are together')
  t.ok(beats >= 3)
})
