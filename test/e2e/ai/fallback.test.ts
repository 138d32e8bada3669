import t, { type Test } from 'tap'
import type { FailureKind } from '../../../core/ai/failure.js'
import type { Mock } from '../../../core/cli/mock/server.js'
import { mockProvider } from '../../support/mock.js'
import { type RunningSluice, startSluice } from '../../support/sluice.js'
import { ask, CLIENTS, type ClientName, type Got, wrongError } from './clients.js'
import { baseUrlOf } from './gateway.js'

t.setTimeout(240_000)
t.jobs = 3 // each waits for what hangs and stalls

const FAMILIES = ['openai', 'anthropic', 'gemini', 'bedrock', 'cohere', 'mistral'] as const
type Family = (typeof FAMILIES)[number]

/** What of a fault the client notices: nothing, as another target answers; an error reply; an answer with an error in it. */
type Outcome = 'answered' | { readonly kind: FailureKind; readonly status: number } | 'begun'

interface Case {
  readonly fault: string
  readonly whole: Outcome
  readonly stream: Outcome
}

const both = (fault: string, outcome: Outcome): Case => ({ fault, whole: outcome, stream: outcome })

/** A request that is wrong is wrong everywhere; a refusal of the prompt is looked around for only where the operator says so. */
const CASES: readonly Case[] = [
  both('status=400', { kind: 'invalid_request', status: 400 }),
  both('policy', { kind: 'content_policy', status: 400 }),
  ...[401, 403, 404, 408, 413, 429, 500, 502, 503, 529].map(status => both(`status=${status}`, 'answered')),
  both('status=429,retry-after=1', 'answered'),
  both('status=429,retry-after=3600', 'answered'),
  both('context', 'answered'),
  both('hang', 'answered'),
  both('reset', 'answered'),
  both('html', 'answered'),
  both('html,status=503', 'answered'),
  both('empty', 'answered'),
  both('error-first', 'answered'),
  both('error-first,error-status=529', 'answered'),
  { fault: 'tokens=20,error-in-stream=8', whole: 'answered', stream: 'begun' },
  { fault: 'tokens=20,error-in-stream=8,error-status=429', whole: 'answered', stream: 'begun' },
  { fault: 'tokens=20,drop=8', whole: 'answered', stream: 'begun' },
  { fault: 'tokens=20,drop=0', whole: 'answered', stream: 'answered' },
  { fault: 'tokens=20,truncate', whole: 'answered', stream: 'begun' },
  { fault: 'tokens=20,stall,after=8', whole: 'answered', stream: 'begun' },
  { fault: 'tokens=20,garbage', whole: 'answered', stream: 'begun' }
]

const KINDS = ['whole', 'stream'] as const

/** Of the virtual model `m-N-KIND` the first target has the fault of case N. Each has accounts of its own: keys that are refused rest. */
function config(mock: Mock, provider: Family) {
  const each = CASES.flatMap(({ fault }, i) => KINDS.map(kind => ({ fault, name: `${i}-${kind}` })))
  const baseUrl = baseUrlOf(mock, provider)
  const account = (name: string, fault = '') => ({
    provider,
    baseUrl,
    keys: ['a-key'],
    headers: { 'x-account': name },
    region: `${name}-1`,
    // Only where nothing comes is it right not to wait for it: elsewhere the machine may be slow.
    ...(/hang/.test(fault) && { timeouts: { headers: '1s' } }),
    ...(/stall/.test(fault) && { timeouts: { idle: '2s' } })
  })
  const providers = Object.fromEntries(
    each.flatMap(({ name, fault }) => [
      [`a-${name}`, account('a', fault)],
      [`b-${name}`, account('b')]
    ])
  )
  const models = Object.fromEntries(
    each.map(({ fault, name }) => [
      `m-${name}`,
      {
        strategy: 'fallback',
        targets: [
          `a-${name}/${modelOf(provider, name)}+${fault.replaceAll(',', '+')}`,
          `b-${name}/${modelOf(provider, name)}+answer=all%20is%20well`
        ]
      }
    ])
  )
  return { upstreams: {}, ai: { providers, models }, routes: [{ name: 'ai', match: { path: '/*' }, ai: {} }] }
}

/** Claude on Bedrock is spoken to in two dialects: a client of Anthropic's gets its own. */
function modelOf(family: Family, name: string): string {
  return family === 'bedrock' ? `anthropic.claude-${name}` : `m-${name}`
}

const account = (headers: readonly (readonly [string, string])[]) => headers.find(([name]) => name === 'x-account')?.[1]

// What is slow only once must not look like a target that hangs.
const first = await mockProvider(t)
const { port } = await startSluice(t, config(first, 'openai'))
for (const client of CLIENTS) {
  for (const stream of [false, true]) await ask(port, { client, model: 'b-0-whole/m', stream })
}

for (const client of CLIENTS) {
  for (const family of FAMILIES) {
    t.test(`${client} to ${family}: what fails before the answer begins is made good by the next target`, async t => {
      const mock = await mockProvider(t)
      const sluice = await startSluice(t, config(mock, family))
      await Promise.all(
        CASES.flatMap((each, i) =>
          [false, true].map(stream => check(t, sluice, mock, { each, i, stream, client, family }))
        )
      )
    })
  }
}

interface Combination {
  readonly each: Case
  readonly i: number
  readonly stream: boolean
  readonly client: ClientName
  readonly family: Family
}

async function check(
  t: Test,
  { port }: RunningSluice,
  mock: Mock,
  { each, i, stream, client, family }: Combination
): Promise<void> {
  const name = `${i}-${stream ? 'stream' : 'whole'}`
  const got = await ask(port, { client, model: `m-${name}`, stream })
  const what = `${each.fault}${stream ? ', streamed' : ''}`
  const outcome = stream ? each.stream : each.whole
  const asked = mock.requests().filter(({ model }) => model === modelOf(family, name))
  const accounts = [...new Set(asked.map(({ headers }) => account(headers)))]
  if (outcome === 'answered') {
    t.equal(got.status, 200, `${what}: ${got.raw.slice(0, 300)}`)
    t.equal(got.text, 'all is well', `${what}: nothing of what failed, all of what did not`)
    t.equal(got.failure, undefined, what)
    t.ok(got.ended && !got.broken, `${what}: whole`)
    t.strictSame(accounts, ['a', 'b'], what)
    t.equal(got.headers.get('x-sluice-attempts'), '2', what)
    t.equal(got.headers.get('x-sluice-provider'), `b-${name}`, what)
    t.equal(got.headers.get('x-sluice-region'), 'b-1', what)
    return
  }
  t.strictSame(accounts, ['a'], `${what}: nobody else is asked`)
  t.equal(got.headers.get('x-sluice-attempts'), '1', what)
  if (each.fault.includes('garbage') && speaks(client, family)) {
    t.match(got.raw, 'data: {"gar', `${what}: what passes untouched is the client’s to judge`)
    return
  }
  if (outcome === 'begun') begun(t, what, got)
  else refused(t, what, got, outcome, client, family)
}

/** Whether what the family answers passes untouched. */
function speaks(client: ClientName, family: Family): boolean {
  return client === family || client.startsWith(`${family}-`) || (client === 'openai-chat' && family === 'mistral')
}

/** Once it has begun it is never begun again by somebody else: the client is told in the stream, in its dialect. */
function begun(t: Test, what: string, got: Got): void {
  t.equal(got.status, 200, what)
  t.not(got.text, '', `${what}: what came is not taken back`)
  t.not(got.text, 'all is well', what)
  t.notOk(got.broken, `${what}: the connection ends in order`)
  t.not(got.failure, undefined, `${what}: ${got.raw.slice(-400)}`)
}

function refused(
  t: Test,
  what: string,
  got: Got,
  { kind, status }: Exclude<Outcome, string>,
  client: ClientName,
  family: Family
): void {
  // Gemini has no word for a prompt that is against a policy.
  const known = client === 'gemini' && got.failure?.kind === 'invalid_request' ? 'invalid_request' : kind
  t.equal(got.failure?.kind, known, `${what}: ${got.raw}`)
  // Gemini answers with status 200 that it will not answer.
  if (got.status === 200) {
    t.strictSame([client, family, kind], ['gemini', 'gemini', 'content_policy'], what)
    return
  }
  t.equal(got.status, status, what)
  t.equal(wrongError(client, got.raw), undefined, what)
}
