import { createHash } from 'node:crypto'
import { allValues, header } from '../../base/headers.js'
import type { AiKeyRules, SemanticRules } from '../../config/resolve-ai-cache.js'
import { type ChatMessage, type ChatRequest, textOf } from '../chat.js'
import { isObject } from '../members.js'
import { stableJson } from '../stable-json.js'
import type { Ask, Who } from './ask.js'

/** Members of the body, in any dialect, that say how an answer is delivered, accounted or kept apart, not what it is. */
const NEUTRAL: ReadonlySet<string> = new Set([
  'keep_alive',
  'labels',
  'metadata',
  'model',
  'prompt_cache_key',
  'prompt_cache_retention',
  'requestMetadata',
  'safety_identifier',
  'serviceTier',
  'service_tier',
  'stream',
  'stream_options',
  'user'
])

/** Headers that switch what a model does, or how much of it is told. */
const TELLING_HEADERS = [
  'anthropic-beta',
  'anthropic-version',
  'openai-beta',
  'x-amzn-bedrock-guardrailidentifier',
  'x-amzn-bedrock-guardrailversion',
  'x-amzn-bedrock-trace',
  'x-goog-fieldmask'
] as const

/**
 * The SHA-256 of all that makes an answer what it is.
 * @returns undefined when the request is nested too deeply to look at
 */
export function exactKey(ask: Ask, rules: AiKeyRules): string | undefined {
  const { body, edited, chat } = ask
  const own = rules.dialects === 'own'
  const asked =
    own && edited === undefined ? ownMembers(body, rules) : canonicalMembers(own ? (edited ?? chat) : chat, rules)
  return hash(['exact', ...common(ask, rules), asked])
}

/** What is compared by its meaning, and the hash of all that has to be the same besides. */
export interface Meaning {
  readonly partition: string
  readonly text: string
}

/** @returns undefined when the chat is not one to compare by meaning */
export function meaningOf(ask: Ask, rules: AiKeyRules, semantic: SemanticRules): Meaning | undefined {
  const { chat, body } = ask
  if ((chat.n ?? 1) !== 1 || chat.messages.at(-1)?.role !== 'user') return undefined
  const from = firstCompared(chat.messages, semantic.messages)
  const texts: string[] = []
  const names: string[] = []
  for (const [i, message] of chat.messages.entries()) {
    if (message.role === 'tool') return undefined
    if (i < from) continue
    // A system prompt that comes later is an instruction too: it must not be matched by likeness.
    if (message.role === 'system' || message.role === 'developer') return undefined
    if (message.content.some(({ type }) => type !== 'text')) return undefined
    names.push('name' in message ? (message.name ?? '') : '')
    texts.push(texts.length === 0 ? textOf(message.content) : `${message.role}: ${textOf(message.content)}`)
  }
  const text = texts.join('\n').trim()
  if (text === '' || text.length > semantic.maxCharacters) return undefined
  const rest = canonicalMembers({ ...chat, messages: chat.messages.slice(0, from) }, rules)
  // What of an answer a client wants to get (Responses), which no chat has.
  const wanted = rules.dialects === 'own' ? [body.include ?? null, body.store ?? null] : []
  const partition = hash(['meaning', semantic.embedding, ...common(ask, rules), names, wanted, rest])
  return partition === undefined ? undefined : { partition, text }
}

/** The index of the first message that is compared by meaning: the `count`th question from the end. */
function firstCompared(messages: readonly ChatMessage[], count: number): number {
  let from = messages.length - 1
  let questions = 0
  for (let i = messages.length - 1; i >= 0; i--) {
    if (messages[i]?.role !== 'user') continue
    from = i
    if (++questions === count) break
  }
  return from
}

function common(ask: Ask, rules: AiKeyRules): unknown[] {
  const { route, prompt, model, ruled, caller, chat, headers, query, forwarded, who } = ask
  return [
    route,
    prompt ?? null,
    whose(who, rules.scope),
    model,
    ruled,
    query,
    forwarded.map(name => allValues(headers, name)),
    rules.dialects === 'own' ? caller.dialect : '',
    TELLING_HEADERS.map(name => header(headers, name) ?? ''),
    rules.metadata.map(name => chat.metadata?.[name] ?? null)
  ]
}

/** With whom answers are shared. Where the wider circle is not known it is the narrower one. */
function whose({ tenant, consumer, credential }: Who, scope: AiKeyRules['scope']): [string, string] {
  if (scope === 'shared') return ['shared', '']
  if (scope === 'tenant' && tenant !== '') return ['tenant', tenant]
  // A consumer's name may be the same at two tenants.
  if (consumer !== '') return ['consumer', JSON.stringify([tenant, consumer])]
  return ['credential', credential]
}

function ownMembers(body: Record<string, unknown>, { ignore }: AiKeyRules): unknown {
  return Object.fromEntries(
    Object.entries(body).filter(([name, value]) => value !== null && !NEUTRAL.has(name) && !ignore.has(name))
  )
}

function canonicalMembers(chat: ChatRequest, { ignore }: AiKeyRules): unknown {
  const kept: [string, unknown][] = Object.entries(chat).filter(([name]) => !NEUTRAL.has(name) && !ignore.has(name))
  const extra = new Map([...chat.extra].filter(([name]) => !NEUTRAL.has(name) && !ignore.has(name)))
  return Object.fromEntries([...kept.map(([name, value]) => [name, withoutMarks(value)]), ['extra', extra]])
}

/** Marks for the provider's own prompt cache change what a request costs, not what comes back. */
function withoutMarks(value: unknown, depth = 0): unknown {
  if (depth > 3) return value
  if (Array.isArray(value)) return value.map(each => withoutMarks(each, depth + 1))
  if (!isObject(value) || value instanceof Map) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'cache_control')
      .map(([name, member]) => [name, name === 'content' ? withoutMarks(member, depth + 1) : member])
  )
}

function hash(parts: readonly unknown[]): string | undefined {
  const text = stableJson(parts)
  return text === undefined ? undefined : createHash('sha256').update(text).digest('base64url')
}
