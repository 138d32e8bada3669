import t from 'tap'
import { SseReader } from '../../../core/ai/frames/sse.js'
import { mockProvider } from '../../support/mock.js'
import { chat, DIALECTS, eventsOf, NAMES, post, taken } from './post.js'

const datas = (text: string): string[] => {
  const reader = new SseReader()
  return [...reader.feed(Buffer.from(text)), ...reader.end()].map(frame => frame.data)
}

for (const name of NAMES) {
  const { end } = DIALECTS[name]

  t.test(`${name}: the same question has the same answer; a stream ends with its terminal event`, async t => {
    const mock = await mockProvider(t)
    const first = await chat(mock, name, 'm', true)
    t.match(first, { status: 200, broken: false })
    t.match(first.text, end)
    mock.reset()
    t.equal((await chat(mock, name, 'm', true)).text, first.text)
  })

  t.test(`${name}: errors are in its own form`, async t => {
    const mock = await mockProvider(t)
    for (const model of ['m+status=429,retry-after=7', 'm+status=503', 'm+context', 'm+policy', 'm+status=401']) {
      const got = await chat(mock, name, model, true)
      const status = Number(/status=(\d+)/.exec(model)?.[1] ?? 400)
      t.equal(got.status, status, model)
      const body = JSON.parse(got.text)
      if (name === 'anthropic') t.match(body, { type: 'error', error: { type: String, message: String } })
      else if (name === 'gemini') t.match(body, { error: { code: status, message: String, status: String } })
      else if (name === 'ollama') t.match(body, { error: String })
      else if (name === 'mistral')
        t.match(body, status === 401 ? { detail: String } : { message: String, type: String })
      else if (name === 'bedrock' || name === 'cohere') t.match(body, { message: String })
      else t.match(body, { error: { message: String, type: String } })
      t.equal(got.headers.get('retry-after'), model.includes('retry-after') ? '7' : null)
    }
  })

  t.test(`${name}: a stream that is cut, ends early, has an error or garbage in it`, async t => {
    const mock = await mockProvider(t)
    const whole = (await chat(mock, name, 'm+answer=one%20two%20three%20four', true)).text
    const events = eventsOf(name, whole)
    const asked = async (faults: string) => {
      mock.reset()
      return await chat(mock, name, `m+answer=one%20two%20three%20four+${faults}`, true)
    }
    t.match(await asked('drop=2'), { status: 200, broken: true, text: events.slice(0, 2).join('') })
    const truncated = await asked('truncate')
    t.match(truncated, { status: 200, broken: false })
    t.ok(whole.startsWith(truncated.text) && !end.test(truncated.text) && truncated.text !== '')
    for (const [fault, count] of [
      ['error-in-stream=2', 2],
      ['error-first', 0]
    ] as const) {
      const failing = await asked(fault)
      t.match(failing, { status: 200, broken: false })
      const seen = eventsOf(name, failing.text)
      t.strictSame(seen.slice(0, count), events.slice(0, count), fault)
      t.equal(seen.length, count + 1, 'the error is the last event')
      t.match(seen.at(-1), name === 'bedrock' ? /exception-type.{3}internalServerException/ : /"(?:error|ERROR)"/)
    }
    const seen = eventsOf(name, (await asked('garbage')).text)
    t.match(seen.splice(events.length >> 1, 1), [/\{"gar/])
    t.strictSame(seen, events)
  })

  t.test(`${name}: pieces, CRLF, comments and waits change no event`, async t => {
    const mock = await mockProvider(t)
    const plain = (await chat(mock, name, 'm', true)).text
    for (const faults of [
      'split=random',
      'split=7',
      'stall=1ms',
      'ttft=1ms,delay=1ms',
      'slow=2000/s',
      'crlf',
      'comments,crlf'
    ]) {
      mock.reset()
      const { text, broken } = await chat(mock, name, `m+${faults}`, true)
      t.notOk(broken)
      if (name === 'ollama' || name === 'bedrock') {
        t.equal(text, plain, faults)
        continue
      }
      t.strictSame(datas(text), datas(plain), faults)
      if (faults.includes('crlf')) t.notMatch(text, /[^\r]\n/)
    }
  })

  t.test(`${name}: a whole reply that is cut, ends early, is an error with status 200 or garbage`, async t => {
    const mock = await mockProvider(t)
    const whole = (await chat(mock, name, 'm', false)).text
    const asked = async (faults: string) => {
      mock.reset()
      return await chat(mock, name, `m+${faults}`, false)
    }
    t.equal((await asked('split=5')).text, whole)
    t.equal((await asked('stall=1ms')).text, whole)
    for (const [fault, broken] of [
      ['drop', true],
      ['truncate', false]
    ] as const) {
      const got = await asked(fault)
      t.match(got, { status: 200, broken })
      t.ok(whole.startsWith(got.text) && got.text.length < whole.length && got.text !== '', fault)
    }
    const failed = JSON.parse((await asked('error-first')).text)
    if (name === 'bedrock' || name === 'cohere' || name === 'mistral') t.type(failed.message, 'string')
    else t.match(failed, { error: name === 'ollama' ? String : Object })
    const { text } = await asked('garbage')
    t.throws(() => JSON.parse(text), 'no JSON')
  })

  t.test(`${name}: usage is left out, tokens are as many as asked for`, async t => {
    const mock = await mockProvider(t)
    for (const stream of [true, false]) {
      t.notMatch((await chat(mock, name, 'm+no-usage', stream)).text, /"(?:usage":\{|usageMetadata":\{"|eval_count)/)
      t.equal((await chat(mock, name, 'm+tokens=12', stream)).status, 200)
      t.equal(mock.requests().at(-1)?.bill?.output, 12)
    }
  })
}

t.test('the error within a stream is the one that is asked for', async t => {
  const mock = await mockProvider(t)
  t.match(
    (await chat(mock, 'anthropic', 'm+error-first,error-status=529', true)).text,
    /event: error\ndata: .*"overloaded_error"/
  )
  t.match((await chat(mock, 'openai', 'm+error-in-stream=1,error-status=429', true)).text, /"rate_limit_exceeded"/)
  t.match(
    (await chat(mock, 'responses', 'm+error-in-stream=3', true)).text,
    /event: error\ndata: .*"sequence_number":3/
  )
})

t.test('nothing is answered, or the connection is reset, where it is asked for', async t => {
  const mock = await mockProvider(t)
  await t.rejects(chat(mock, 'openai', 'm+reset', false))
  t.equal(mock.requests()[0]?.outcome, 'cut')
  const gone = new AbortController()
  const asked = fetch(`${mock.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(DIALECTS.openai.body('m+hang', false)),
    signal: gone.signal
  })
  await mock.until(all => all.length === 2)
  gone.abort()
  await t.rejects(asked)
  await mock.until(all => all[1]?.outcome === 'aborted')
  t.equal(mock.requests()[1]?.status, undefined)
})

t.test('a stall without a time is for good; the client ends it', async t => {
  const mock = await mockProvider(t)
  const gone = new AbortController()
  const body = JSON.stringify(DIALECTS.openai.body('m+stall,after=1', true))
  const response = await fetch(`${mock.url}/v1/chat/completions`, { method: 'POST', body, signal: gone.signal })
  await mock.until(all => all[0]?.events === 1)
  gone.abort()
  t.ok((await taken(response)).broken)
  await mock.until(all => all[0]?.outcome === 'aborted')
})

t.test('a page of a proxy is no JSON', async t => {
  const mock = await mockProvider(t)
  t.match(await chat(mock, 'openai', 'm+html', false), { status: 502, text: /^<html>/ })
  t.match(await chat(mock, 'openai', 'm+html+status=504', false), { status: 504, text: /^<html>/ })
})

t.test('faults are asked for by model, header, query or rule', async t => {
  const mock = await mockProvider(t)
  const status = async (model: string, query = '', headers: Record<string, string> = {}) =>
    (await post(mock, `/v1/chat/completions${query}`, DIALECTS.openai.body(model, false), headers)).status
  t.equal(await status('m+status=418'), 418)
  t.equal(await status('m', '?mock=status=419'), 419)
  t.equal(await status('m', '', { 'x-mock-status': '420' }), 420)
  t.equal(await status('m', '', { 'x-mock-faults': 'status=421,retry-after=1' }), 421)
  t.equal(await status('m', '', { 'x-mock-context': 'true' }), 400)
  mock.fault({ model: 'm', faults: 'status=503', times: 2 })
  t.strictSame([await status('n'), await status('m'), await status('m'), await status('m')], [200, 503, 503, 200])
  const rule = { faults: 'status=504', path: '/chat/' }
  t.match(await post(mock, '/mock/faults', rule), { status: 200 })
  t.match(await (await fetch(`${mock.url}/mock/faults`)).json(), { faults: [rule] })
  t.equal(await status('m'), 504)
  await fetch(`${mock.url}/mock/faults`, { method: 'DELETE' })
  t.equal(await status('m'), 200)
})

t.test('a fault for the first requests only is gone after them', async t => {
  const mock = await mockProvider(t)
  const statuses: number[] = []
  for (let i = 0; i < 4; i++) statuses.push((await chat(mock, 'openai', 'm+status=500,times=2', false)).status)
  t.strictSame(statuses, [500, 500, 200, 200])
})

t.test('a fault that there is not, or that is not understood, is said', async t => {
  const mock = await mockProvider(t)
  for (const [model, says] of [
    ['m+statsu=429', /there is no fault \\"statsu\\"; expected status, retry-after/],
    ['m+status=ok', /the fault \\"status\\" has the value \\"ok\\", expected a status from 400 to 599/],
    ['m+truncate=3', /has the value \\"3\\", expected none/],
    ['m+slow', /expected events per second/]
  ] as const) {
    t.match(await chat(mock, 'openai', model, false), { status: 400, text: says })
  }
  t.match(await post(mock, '/mock/faults', { faults: 'nonsense' }), { status: 400, text: /there is no fault/ })
  t.equal((await chat(mock, 'openai', 'command-r+', false)).status, 200, 'a + at the end belongs to the name')
})
