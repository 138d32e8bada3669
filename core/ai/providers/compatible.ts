import type { HeaderList } from '../../base/headers.js'
import type { DialectName, Operation } from '../dialects/dialect.js'
import { bearer } from './bearer.js'
import { rename, renamed } from './edits.js'
import { forwarded, methodOf, pathOf } from './openai-address.js'
import type { Account, Provider, ProviderCall } from './provider.js'
import { adapt, finish, type Quirks } from './quirks.js'

/** How an operation can be called: by chat completions' neighbours, or in a dialect of its own. */
export type Offer = Exclude<Operation, 'chat' | 'invoke'> | 'completions' | 'responses'

export const AUDIO: readonly Offer[] = ['speech', 'transcription', 'translation']

/** Responses that are kept and can be asked for again. */
export const STORED: readonly Offer[] = ['response-get', 'response-delete', 'response-cancel', 'response-input-items']

export interface Compatible extends Quirks {
  /** What it offers besides chat completions. */
  readonly offers?: readonly Offer[]
  readonly required?: readonly string[]
  readonly optional?: readonly string[]
  readonly keyless?: boolean
  readonly streamsUsage?: boolean
  readonly catalog?: string
  /** Headers it wants besides the key. */
  readonly headers?: (account: Account) => HeaderList
  /** What comes before the path, where a model has its own. */
  readonly prefix?: (model: string) => string
  /** Other paths than OpenAI's. */
  readonly paths?: Readonly<Partial<Record<Operation, string>>>
  /** Members of a request, and the names the provider has for them, where the operation's differ. */
  readonly names?: Readonly<Partial<Record<Operation, Readonly<Record<string, string>>>>>
}

const RESPONSES: readonly Operation[] = [
  'response-get',
  'response-delete',
  'response-cancel',
  'response-input-items',
  'response-input-tokens'
]

/**
 * A provider that speaks OpenAI's dialect.
 * @param baseUrl - undefined: the operator has to say
 */
export function openaiCompatible(
  name: string,
  title: string,
  baseUrl: string | undefined,
  options: Compatible = {}
): Provider {
  const services = servicesOf(options.offers ?? ['models'])
  return {
    name,
    title,
    baseUrl,
    required: options.required ?? [],
    optional: options.optional ?? [],
    ...(options.keyless !== undefined && { keyless: options.keyless }),
    ...(options.streamsUsage !== undefined && { streamsUsage: options.streamsUsage }),
    ...(options.catalog !== undefined && { catalog: options.catalog }),
    dialects: operation => services.get(operation) ?? [],

    address(call) {
      const path = options.paths?.[call.operation] ?? pathOf(call)
      const headers = [...forwarded(call.headers), ...(options.headers?.(call.account) ?? [])]
      const prefix = options.prefix?.(call.model) ?? ''
      return { method: methodOf(call.operation), path: prefix + path, headers, edits: editsOf(options, call) }
    },

    authorize(_request, credential) {
      const keyless = options.keyless && (credential === undefined || credential.secret === '')
      return keyless ? [] : bearer(name, credential)
    },

    adapt(chat, dropped, dialect) {
      adapt(
        dialect === 'openai-responses'
          ? { ...options, customTools: true, fileUrls: true, instructions: true }
          : options,
        chat,
        dropped
      )
    },

    finish(body, call) {
      if (call.dialect.name === 'openai-chat' && call.operation === 'chat') {
        finish(options, body)
        if (options.streamsUsage) delete body.stream_options
      }
      for (const [from, to] of Object.entries(options.names?.[call.operation] ?? {})) rename(body, from, to)
    }
  }
}

/** A header, when the operator gave what it says. */
export function optionalHeader(name: string, value: string | undefined): HeaderList {
  return value === undefined ? [] : [name, value]
}

/** The nearest of the three efforts that most models know. */
export function nearestEffort(effort: string): string {
  if (effort === 'none' || effort === 'minimal') return 'low'
  return effort === 'low' || effort === 'medium' ? effort : 'high'
}

function servicesOf(offers: readonly Offer[]): ReadonlyMap<Operation, readonly DialectName[]> {
  const chat: DialectName[] = ['openai-chat']
  const services = new Map<Operation, readonly DialectName[]>([['chat', chat]])
  for (const offer of offers) {
    if (offer === 'completions') chat.push('openai-completions')
    else if (offer === 'responses') chat.push('openai-responses')
    else if (offer === 'rerank') services.set('rerank', ['cohere'])
    else if (RESPONSES.includes(offer)) services.set(offer, ['openai-responses'])
    else services.set(offer, ['openai-chat'])
  }
  return services
}

/** OpenAI's clients say `max_completion_tokens`: where it passes untouched, those who do not know it get the older name. */
function editsOf(options: Compatible, call: ProviderCall) {
  const chat = call.operation === 'chat' && call.dialect.name === 'openai-chat'
  const older = chat && !options.maxCompletionTokens ? OLDER_NAMES : {}
  const refused = chat && options.streamsUsage ? ['stream_options'] : []
  return renamed(call.body, { ...older, ...options.names?.[call.operation] }, refused)
}

const OLDER_NAMES = { max_completion_tokens: 'max_tokens' } as const
