import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { Dialect, DialectName, Operation } from '../../core/ai/dialects/dialect.js'
import { dialects } from '../../core/ai/dialects/index.js'
import { providers } from '../../core/ai/providers/index.js'
import type { Account, AuthTools, Credential, Provider, ProviderCall } from '../../core/ai/providers/provider.js'
import { isFieldValue, isToken } from '../../core/base/headers.js'
import { ROOT } from '../config/helpers.js'

const OPERATIONS: readonly Operation[] = [
  'chat',
  'invoke',
  'count-tokens',
  'embeddings',
  'rerank',
  'moderations',
  'image-generation',
  'image-edit',
  'image-variation',
  'speech',
  'transcription',
  'translation',
  'models',
  'response-get',
  'response-delete',
  'response-cancel',
  'response-input-items',
  'response-input-tokens'
]

const KNOWN: readonly DialectName[] = [
  'openai-chat',
  'openai-completions',
  'openai-responses',
  'anthropic',
  'gemini',
  'converse',
  'cohere',
  'ollama-chat',
  'ollama-generate'
]

/** A model whose name must not change the path: of several segments, with letters that a URL gives a meaning. */
const MODEL = 'maker/model-1?a#b c'

const PATHS = new Map<Operation, string>([
  ['response-get', '/responses/resp_1'],
  ['response-delete', '/responses/resp_1'],
  ['response-cancel', '/responses/resp_1/cancel'],
  ['response-input-items', '/responses/resp_1/input_items']
])

const GUIDE = readFileSync(`${ROOT}core/ai/PROVIDERS.md`, 'utf8')

t.ok(providers.length >= 25, `${providers.length} providers`)

t.test('no two providers have one name', async t => {
  t.equal(new Set(providers.map(({ name }) => name)).size, providers.length)
})

t.test('the list of providers in the documentation is the one there is', async t => {
  const rows = [...GUIDE.matchAll(/^\| `([a-z0-9-]+)` *\| (.+?) *\| (.+?) *\| (.+?) *\|$/gm)]
  const expected = providers.map(({ name, title, baseUrl, required, optional }) => {
    const options = [...required.map(each => `**${each}**`), ...optional]
    return [name, title, baseUrl === undefined ? '–' : `\`${baseUrl}\``, options.join(', ') || '–']
  })
  t.strictSame(rows.map(row => row.slice(1)).sort(), expected.sort())
})

for (const provider of providers) {
  t.test(`${provider.name} keeps the contract of every provider`, async t => {
    t.match(provider.name, /^[a-z0-9]+(-[a-z0-9]+)*$/)
    t.ok(provider.title.length > 0)
    const options = Object.fromEntries([...provider.required, ...provider.optional].map(name => [name, 'value']))
    const baseUrl = filled(provider.baseUrl ?? 'https://ai.example.com/base', options)
    t.notMatch(baseUrl, /[{}]|\/$/, 'every name in braces is an option')
    t.ok(URL.canParse(baseUrl))

    let services = 0
    for (const operation of OPERATIONS) {
      for (const name of provider.dialects(operation, MODEL)) {
        services++
        t.ok(KNOWN.includes(name), `${operation}: ${name}`)
        const dialect = dialects.get(name)
        if (dialect !== undefined)
          await addressed(t, provider, dialect, operation, { baseUrl, region: 'eu-west-1', options })
      }
    }
    t.ok(services > 0, 'something is offered')
  })

  t.test(`${provider.name} sends nothing of a credential that cannot be used`, async t => {
    const request = outgoing('https://ai.example.com/')
    const account = { baseUrl: 'https://ai.example.com', region: '', options: {} }
    for (const credential of [undefined, { secret: '', parts: {} }]) {
      const authorized = async () => provider.authorize(request, credential, account, TOOLS)
      if (provider.keyless) t.strictSame(await authorized(), [], 'it needs none')
      else await t.rejects(authorized(), { code: 'GW_AI_CREDENTIAL' })
    }
    await t.rejects(async () => provider.authorize(request, { secret: 'a\r\nb: c', parts: {} }, account, TOOLS), {
      code: 'GW_AI_CREDENTIAL'
    })
  })
}

async function addressed(t: Test, provider: Provider, dialect: Dialect, operation: Operation, account: Account) {
  for (const stream of [false, true]) {
    const call: ProviderCall = {
      operation,
      dialect,
      model: MODEL,
      stream,
      path: PATHS.get(operation) ?? '',
      query: '',
      headers: ['user-agent', 'test'],
      account
    }
    const what = `${operation} in ${dialect.name}${stream ? ', streamed' : ''}`
    const { method, path, headers } = provider.address(call)
    t.ok(['GET', 'POST', 'DELETE'].includes(method), what)
    t.match(path, /^\//, `${what}: ${path}`)
    t.notMatch(path, /undefined|null|\[object|[{}# ]|\/\//, `${what}: ${path}`)
    const url = new URL(account.baseUrl + path)
    t.equal(url.href, account.baseUrl + path, 'nothing is left to be escaped')
    const credential = credentialOf(provider)
    const given = [...headers, ...(await provider.authorize(outgoing(url.href), credential, account, TOOLS))]
    t.equal(given.length % 2, 0)
    given.forEach((each, i) => {
      t.ok(i % 2 === 0 ? isToken(each) && each === each.toLowerCase() : isFieldValue(each), `${what}: ${each}`)
      t.notMatch(each, /undefined/, what)
    })
  }
}

/** A credential of the simplest form the provider takes: a provider whose secrets are no plain keys adds a line. */
function credentialOf(provider: Provider): Credential {
  return SECRETS[provider.name] ?? { secret: 'test-key', parts: {} }
}

/** Secrets that are no plain keys. */
const SECRETS: Readonly<Record<string, Credential>> = {
  vertex: { secret: 'ya29.access-token', parts: {} },
  bedrock: { secret: 'secret', parts: { accessKeyId: 'AKID' } }
}

const TOOLS: AuthTools = {
  now: () => 1_800_000_000_000,
  postForm: async () => ({ access_token: 'token', expires_in: 3_600 }),
  kept: new Map()
}

function outgoing(url: string) {
  return { method: 'POST', url: new URL(url), headers: [], body: Buffer.from('{}') }
}

function filled(url: string, options: Readonly<Record<string, string>>): string {
  return url.replace(/\{(\w+)\}/g, (whole, name) => (name === 'region' ? 'eu-west-1' : (options[name] ?? whole)))
}
