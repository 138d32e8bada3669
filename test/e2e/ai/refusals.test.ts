import { createHash } from 'node:crypto'
import t from 'tap'
import { mockProvider } from '../../support/mock.js'
import { startSluice } from '../../support/sluice.js'
import { ask, bodyOf, type ClientName, dialectOf, type Got, OTHER_CLIENTS, pathOf, wrongError } from './clients.js'
import { baseUrlOf } from './gateway.js'

t.setTimeout(120_000)

/** Failures as clients of Ollama, Cohere and Bedrock are told: the status is the one OpenAI's clients get, the words are their own. */

const KEY = 'key-of-ada'
const mock = await mockProvider(t)
const FAMILIES = ['openai', 'anthropic', 'cohere', 'ollama'] as const
const providers = Object.fromEntries(
  FAMILIES.flatMap(provider =>
    ['a', 'b'].map(name => [
      `${name}-${provider}`,
      {
        provider,
        baseUrl: baseUrlOf(mock, provider),
        keys: [`${name}-key`],
        retries: { attempts: 0 },
        cooldown: { base: '1ms', max: '1ms', refused: '1ms' }
      }
    ])
  )
)
/** Those before an answer begins, whole and streamed. */
const FAULTS = ['status=400', 'policy', 'status=401', 'status=404', 'status=429+retry-after=7', 'status=503', 'context']
const models = Object.fromEntries(
  FAMILIES.flatMap(family =>
    FAULTS.map((fault, i) => [
      `${family}-${i}`,
      { strategy: 'fallback', targets: [`a-${family}/m+${fault}`, `b-${family}/m+answer=all%20is%20well`] }
    ])
  )
)
const auth = {
  in: [{ header: 'x-key' }],
  keys: [{ sha256: createHash('sha256').update(KEY).digest('hex'), consumer: 'ada' }]
}
const route = (name: string, more: object) => ({
  name,
  match: { path: `/${name}/*` },
  stripPrefix: `/${name}`,
  ai: {},
  ...more
})
const sluice = await startSluice(t, {
  upstreams: {},
  limits: { bodyBytes: '100KiB' },
  ai: {
    providers,
    models,
    budgets: [{ name: 'none', when: { route: ['spent'] }, count: 'requests', limit: 1, every: 'day' }],
    ledger: { file: false }
  },
  routes: [
    route('key', { policies: [{ plugin: 'auth-key', settings: auth }] }),
    route('guard', {
      policies: [{ plugin: 'ai-prompt-guard', settings: { deny: ['SECRETWORD'], message: 'Not here.' } }]
    }),
    route('spent', {}),
    { name: 'open', match: { path: '/*' }, ai: {} }
  ]
})

type Wanted = Omit<Parameters<typeof ask>[1], 'client'>

await ask(sluice.port, { client: 'openai-chat', model: 'a-openai/m', stream: false, root: '/spent' })

/** What every client is told of the same failure, OpenAI's first. */
async function told(wanted: Wanted): Promise<(readonly [ClientName, Got])[]> {
  const all: (readonly [ClientName, Got])[] = []
  for (const client of ['openai-chat', ...OTHER_CLIENTS] as const)
    all.push([client, await ask(sluice.port, { ...wanted, client })])
  return all
}

for (const stream of [false, true]) {
  const kind = stream ? 'streamed' : 'whole'
  for (const family of FAMILIES) {
    t.test(`what a provider of ${family} refuses, ${kind}`, async t => {
      for (const fault of FAULTS) {
        const [[, reference], ...others] = (await told({ model: `a-${family}/m+${fault}`, stream })) as [
          [ClientName, Got],
          ...[ClientName, Got][]
        ]
        t.ok(reference.status >= 400, fault)
        if (fault.includes('retry-after')) t.equal(reference.headers.get('retry-after'), '7')
        for (const [client, got] of others) {
          const what = `${client}, ${fault}: ${got.raw}`
          t.equal(got.status, reference.status, what)
          t.equal(wrongError(client, got.raw), undefined, what)
          t.equal(got.headers.get('content-type'), 'application/json', what)
          t.equal(got.headers.get('retry-after'), reference.headers.get('retry-after'), what)
          if (client === 'converse') t.match(got.headers.get('x-amzn-errortype'), /Exception$/, what)
        }
      }
    })

    t.test(`what the next target of ${family} makes good, ${kind}`, async t => {
      for (const [i, fault] of FAULTS.entries()) {
        const [[, reference], ...others] = (await told({ model: `${family}-${i}`, stream })) as [
          [ClientName, Got],
          ...[ClientName, Got][]
        ]
        for (const [client, got] of others) {
          const what = `${client}, ${fault}: ${got.raw}`
          t.equal(got.status, reference.status, what)
          t.equal(got.text, reference.text, what)
          t.ok(got.ended && !got.broken, what)
          if (got.status === 200) t.equal(got.text, 'all is well', what)
        }
      }
    })
  }

  t.test(`what the gateway refuses, ${kind}`, async t => {
    const model = 'a-openai/m'
    for (const client of OTHER_CLIENTS) {
      const at = async (name: string, wanted: Partial<Wanted> = {}) => {
        const asked = { client, model, stream, ...wanted }
        const reply = await fetch(`http://127.0.0.1:${sluice.port}/${name}${pathOf(asked)}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: bodyOf(asked)
        })
        return { status: reply.status, headers: reply.headers, raw: await reply.text() }
      }
      const long = { x: 'x'.repeat(200_000) }
      for (const [status, failure, got] of [
        [401, 'authentication', await at('key')],
        [429, 'rate_limit', await at('spent')],
        [422, 'invalid_request', await at('guard', { prompt: 'a SECRETWORD' })],
        [404, 'not_found', await at('guard', { model: 'nothing' })],
        [413, 'too_large', await at('guard', { more: long })]
      ] as const) {
        const what = `${client}, ${status}: ${got.raw}`
        t.equal(got.status, status, what)
        t.equal(wrongError(client, got.raw), undefined, what)
        t.equal(dialectOf(client).readFailure(got.status, JSON.parse(got.raw)).kind, failure, what)
        t.equal(got.headers.get('content-type'), 'application/json', what)
        if (status === 429) t.match(got.headers.get('retry-after'), /^\d+$/, what)
        if (status === 422) t.match(got.raw, 'Not here.')
      }
      const bad = await fetch(`http://127.0.0.1:${sluice.port}${pathOf({ client, model, stream })}`, {
        method: 'POST',
        body: '{"messages":'
      })
      t.equal(bad.status, 400, client)
      t.equal(wrongError(client, await bad.text()), undefined, client)
    }
  })
}

t.test('an error within a stream that has begun is told in the stream', async t => {
  for (const family of FAMILIES) {
    for (const fault of ['tokens=20,error-in-stream=8', 'tokens=20,drop=8']) {
      for (const client of OTHER_CLIENTS) {
        const model = `a-${family}/m+${fault.replaceAll(',', '+')}`
        const got = await ask(sluice.port, { client, model, stream: true })
        const what = `${client}, ${family}, ${fault}: ${got.raw}`
        t.equal(got.status, 200, what)
        t.not(got.text, '', what)
        t.ok(got.failure !== undefined || got.broken, what)
      }
    }
  }
})
