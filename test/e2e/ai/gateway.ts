import type { Test } from 'tap'
import type { Received } from '../../../core/cli/mock/log.js'
import type { Mock, MockOptions } from '../../../core/cli/mock/server.js'
import type { Surroundings } from '../../../core/gateway/build.js'
import { mockProvider } from '../../support/mock.js'
import { type RunningSluice, type SluiceConfig, startSluice } from '../../support/sluice.js'

/** Sluice with an account at every kind of provider, all of them the one mock. */
export interface AiGateway {
  readonly mock: Mock
  readonly sluice: RunningSluice
  /** Without a slash at its end. */
  readonly url: string
}

/** The account's own key: what a provider has to see, whatever the client showed. */
export const ACCOUNT_KEY = 'account-key'
/** One of every family of providers: Claude on Bedrock is spoken to in two dialects, other models there in one. */
export const MODELS = [
  'openai/gpt-5',
  'responses/gpt-5-pro',
  'anthropic/claude-sonnet-4-5',
  'gemini/gemini-2.5-pro',
  'ollama/llama3.2',
  'bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'bedrock/amazon.nova-pro-v1:0',
  'cohere/command-a-03-2025',
  'mistral/mistral-large-2512'
]

/** The pair with which requests to Bedrock have to be signed. */
const AWS_ID = 'AKIDACCOUNT'
const AWS_SECRET = 'account-secret'

/**
 * Models are named by account: "openai/gpt-5", "responses/gpt-5-pro", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-pro", "ollama/llama3.2",
 * "bedrock/amazon.nova-pro-v1:0", "cohere/command-a-03-2025". Without an account those that are listed, and the virtual ones of `more`.
 */
export async function aiGateway(
  t: Test,
  more: { ai?: object; route?: object; mock?: MockOptions; [section: string]: unknown } = {},
  surroundings: Partial<Surroundings> = {}
): Promise<AiGateway> {
  const { ai = {}, route = {}, mock: options, ...sections } = more
  const mock = await mockProvider(t, { keys: [ACCOUNT_KEY, `${AWS_ID}:${AWS_SECRET}`], ...options })
  const { providers = {}, ...rest } = ai as { providers?: object }
  const config = {
    upstreams: {},
    routes: [{ name: 'ai', match: { path: '/*' }, ai: {}, ...route }],
    ai: { providers: { ...accounts(mock), ...providers }, ...rest },
    ...sections
  }
  const sluice = await startSluice(t, config, surroundings)
  return { mock, sluice, url: `http://127.0.0.1:${sluice.port}` }
}

function accounts({ url }: Mock): object {
  const common = {
    keys: [ACCOUNT_KEY],
    retries: { attempts: 0 }, // each try would be a request of its own at the mock
    cooldown: { base: '1ms', max: '1ms', refused: '1ms' } // errors that are asked for must not touch other tests
  }
  return {
    openai: {
      provider: 'openai',
      baseUrl: `${url}/v1`,
      ...common,
      models: ['gpt-5', 'gpt-5-mini', 'gpt-4.1', 'text-embedding-3-small', 'gpt-3.5-turbo-instruct']
    },
    responses: { provider: 'openai', baseUrl: `${url}/v1`, ...common, models: ['gpt-5-pro'] },
    anthropic: {
      provider: 'anthropic',
      baseUrl: `${url}/v1`,
      ...common,
      models: ['claude-sonnet-4-5', 'claude-opus-4-5']
    },
    gemini: { provider: 'gemini', baseUrl: url, ...common, models: ['gemini-2.5-pro', 'gemini-2.5-flash'] },
    ollama: { provider: 'ollama', baseUrl: url, ...common, models: ['llama3.2'] },
    bedrock: {
      provider: 'bedrock',
      baseUrl: url,
      region: 'eu-west-1',
      ...common,
      keys: [{ key: AWS_SECRET, parts: { accessKeyId: AWS_ID } }]
    },
    cohere: { provider: 'cohere', baseUrl: url, ...common },
    mistral: { provider: 'mistral', baseUrl: `${url}/mistral/v1`, ...common }
  }
}

/** What the provider got last. */
export function lastBody(mock: Mock): Record<string, unknown> {
  return JSON.parse(mock.requests().at(-1)?.body.toString() ?? 'null')
}

/** A header of a request at the provider; undefined: it did not come. */
export function sentHeader(mock: Mock, name: string, at = -1): string | undefined {
  return mock
    .requests()
    .at(at)
    ?.headers.find(([each]) => each.toLowerCase() === name)?.[1]
}

/** What a call fails with. @throws Error when it does not */
export async function failureOf(asked: PromiseLike<unknown>): Promise<Record<string, unknown> & Error> {
  try {
    await asked
  } catch (thrown) {
    if (thrown instanceof Error) return thrown as Error & Record<string, unknown>
    throw thrown
  }
  throw new Error('it was answered')
}

/** Where the mock has the API of a kind of provider. */
export function baseUrlOf({ url }: Mock, provider: unknown): string {
  if (provider === 'openai' || provider === 'anthropic') return `${url}/v1`
  return provider === 'mistral' ? `${url}/mistral/v1` : url
}

type Section = Readonly<Record<string, unknown>>

export interface Asked {
  /** Accounts at the mock: what each has besides its URL and a key. */
  readonly accounts?: Readonly<Record<string, Section>>
  readonly models?: Section
  /** Of the route's `ai`. */
  readonly route?: Section
  readonly ai?: Section
  readonly more?: Section
  readonly mock?: MockOptions
}

/** A configuration whose accounts are all at one mock. */
export function configOf(
  mock: Mock,
  { accounts = { main: {} }, models = {}, route = {}, ai, more }: Asked
): SluiceConfig {
  const providers = Object.fromEntries(
    Object.entries(accounts).map(([name, own]) => {
      const { provider = 'openai' } = own
      return [
        name,
        { provider, baseUrl: baseUrlOf(mock, provider), keys: [`${name}-key`], headers: { 'x-account': name }, ...own }
      ]
    })
  )
  const routes = [{ name: 'ai', match: { path: '/*' }, ai: route }]
  return { upstreams: {}, ai: { providers, models, ...ai }, routes, ...more }
}

/** Sluice in front of a mock, both in this process. */
export async function gateway(t: Test, asked: Asked): Promise<{ mock: Mock; sluice: RunningSluice; port: number }> {
  const mock = await mockProvider(t, asked.mock)
  const sluice = await startSluice(t, configOf(mock, asked))
  return { mock, sluice, port: sluice.port }
}

export function headerOf({ headers }: Received, name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1]
}

/** The accounts that were asked, in order. */
export function accountsOf(mock: Mock): (string | undefined)[] {
  return mock.requests().map(request => headerOf(request, 'x-account'))
}

/** The keys that were shown, in order. */
export function keysOf(mock: Mock): (string | undefined)[] {
  return mock.requests().map(request => headerOf(request, 'authorization')?.replace('Bearer ', ''))
}
