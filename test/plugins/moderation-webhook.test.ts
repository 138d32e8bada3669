import { createHmac } from 'node:crypto'
import t, { type Test } from 'tap'
import { startSluice } from '../support/sluice.js'
import { recordingUpstream, type Seen } from '../support/upstream.js'

type Judge = (asked: Seen) => unknown

/** A judge that answers with what `rules` makes of what it was asked; undefined: not at all. */
async function serve(t: Test, rules: Judge, settings: object = {}, config: object = {}) {
  const main = await recordingUpstream(t, (seen, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ echo: seen.body.toString() }))
  })
  const judge = await recordingUpstream(t, (seen, response) => {
    const said = rules(seen)
    if (typeof said === 'number') response.writeHead(said).end()
    else if (said !== undefined) response.end(JSON.stringify(said))
  })
  const policies = [
    { plugin: 'moderation-webhook', settings: { upstream: 'judge', path: '/check', timeoutMs: 20_000, ...settings } }
  ]
  const sluice = await startSluice(t, {
    upstreams: {
      main: { targets: [`http://127.0.0.1:${main.port}`] },
      judge: { targets: [`http://127.0.0.1:${judge.port}`] }
    },
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies }],
    ...config
  })
  const post = async (body: string, type = 'application/json'): Promise<Response> => {
    const headers = { 'content-type': type, 'x-team': 'red' }
    return fetch(`http://127.0.0.1:${sluice.port}/chat?a=1`, { method: 'POST', body, headers })
  }
  return { main, judge, sluice, post }
}

const json = (seen: Seen | undefined): unknown => JSON.parse(seen?.body.toString() ?? '')

t.test('the judge gets a description, and what it flags does not go upstream', async t => {
  const { main, judge, post, sluice } = await serve(t, seen => ({ flagged: seen.body.includes('rude') }), {
    headers: ['X-Team', 'x-gone'],
    extra: { tenant: 7 }
  })
  t.equal((await post('"kind \\u00e9"')).status, 200)
  t.equal((await post('"rude"')).status, 422)
  t.equal(main.seen.length, 1)
  t.match(judge.seen[0], { method: 'POST', target: '/check' })
  t.strictSame(json(judge.seen[0]), {
    phase: 'request',
    method: 'POST',
    path: '/chat',
    query: 'a=1',
    consumer: '',
    route: 'all',
    headers: { 'x-team': 'red' },
    body: '"kind \\u00e9"',
    tenant: 7
  })
  t.match(JSON.stringify(await sluice.access()), /"moderation-webhook","allowed"|"moderation-webhook":"allowed"/)
})

t.test('the texts of a body, as a moderation model wants them', async t => {
  const { judge, post } = await serve(t, seen => ({ results: [{ flagged: seen.body.includes('\\u0072ude') }] }), {
    payload: 'texts',
    fields: ['/messages/*/content'],
    extra: { model: 'omni-moderation-latest' },
    answer: { flag: '/results/0/flagged' }
  })
  t.equal((await post('{"messages":[{"role":"user","content":"a \\"b\\" é"},{"content":["c"]}]}')).status, 200)
  t.strictSame(json(judge.seen[0]), { input: ['a "b" é', 'c'], model: 'omni-moderation-latest' })
  t.equal((await post('{"messages":[{"content":"\\u0072ude"}]}')).status, 422)
  t.equal((await post('not json', 'text/plain')).status, 200)
  t.strictSame(json(judge.seen[2]), { input: ['not json'], model: 'omni-moderation-latest' })
})

t.test('requests and responses are judged and replaced', async t => {
  const replace: Judge = seen => {
    const { body } = JSON.parse(seen.body.toString()) as { body: string }
    return { flagged: false, body: body.replaceAll('Ada', '***') }
  }
  const { main, judge, post } = await serve(t, replace, {
    phases: ['request', 'response'],
    answer: { replacement: '/body' }
  })
  t.strictSame(await (await post('"Ada and Bob"')).json(), { echo: '"*** and Bob"' })
  t.equal(main.seen[0]?.body.toString(), '"*** and Bob"')
  t.strictSame(
    judge.seen.map(seen => (json(seen) as { phase: string }).phase),
    ['request', 'response']
  )
  t.match(json(judge.seen[1]), { status: 200 })
})

t.test('a response that is flagged does not reach the client', async t => {
  const { post } = await serve(t, () => ({ flagged: true, why: 'Not this.' }), {
    phases: ['response'],
    status: 451,
    answer: { message: '/why' }
  })
  const reply = await post('"secret"')
  t.equal(reply.status, 451)
  const text = await reply.text()
  t.match(text, /Not this\./)
  t.notMatch(text, /secret/)
})

t.test('the judge can tell that it is the gateway that asks, and when', async t => {
  const secrets = { key: 'a-key-of-the-judge', hmac: 'a signing secret of the tests' }
  const { judge, post } = await serve(
    t,
    () => ({ flagged: false }),
    { payload: 'body', bearerSecret: 'key', signingSecret: 'hmac' },
    { secrets }
  )
  for (const body of ['"one"', '"two"']) t.equal((await post(body)).status, 200)
  for (const seen of judge.seen) {
    t.strictSame(seen.all('authorization'), ['Bearer a-key-of-the-judge'])
    const [time = ''] = seen.all('x-sluice-timestamp')
    t.ok(Math.abs(Number(time) * 1_000 - Date.now()) < 60_000)
    const digest = createHmac('sha256', secrets.hmac).update(`${time}.`).update(seen.body).digest('hex')
    t.strictSame(seen.all('x-sluice-signature'), [`sha256=${digest}`])
  }
  t.equal(judge.seen[1]?.body.toString(), '"two"')
})

t.test('a judge that is silent, fails or says nonsense blocks, or does not, as is wanted', async t => {
  const rules: Record<string, Judge> = {
    timeout: () => undefined,
    'status 500': () => 500,
    'not understood': () => ({ flagged: 'no' })
  }
  for (const [why, rule] of Object.entries(rules)) {
    const timeoutMs = why === 'timeout' ? 50 : 20_000
    const strict = await serve(t, rule, { timeoutMs })
    const reply = await strict.post('"x"')
    t.equal(reply.status, 503, why)
    t.equal(reply.headers.get('retry-after'), '5')
    t.equal(strict.main.seen.length, 0)
    const lax = await serve(t, rule, { timeoutMs, onFailure: 'allow' })
    t.equal((await lax.post('"x"')).status, 200, why)
    t.match(JSON.stringify(await lax.sluice.access()), new RegExp(`"${why}"`))
  }
})

t.test('bodies that are too large are not sent, also when escapes make them so', async t => {
  const { judge, post } = await serve(t, () => ({ flagged: false }), { maxBytes: 300_000 })
  t.equal((await post('x'.repeat(300_001))).status, 503)
  t.equal((await post('\u0001'.repeat(300_000), 'text/plain')).status, 503)
  t.equal(judge.seen.length, 0)
  t.equal((await post('x'.repeat(300_000), 'text/plain')).status, 200)
})

t.test('very many texts are no matter', async t => {
  const { judge, post } = await serve(t, () => ({ flagged: false }), { payload: 'texts' })
  const many = Array.from({ length: 40_000 }, () => 'é')
  t.equal((await post(JSON.stringify(many))).status, 200)
  t.strictSame(json(judge.seen[0]), { input: many })
})

t.test('what is not text is described in base64', async t => {
  const { judge, post } = await serve(t, () => ({ flagged: false }))
  await post('ab', 'image/png')
  t.match(json(judge.seen[0]), { bodyBase64: 'YWI=' })
})
