import type { HeaderList } from '../../base/headers.js'
import type { AiExchange } from './ai-exchange.js'
import { droppedNote, headerText } from './dropped-note.js'

/** What of a client's headers a provider gets, when both speak the same dialect: names, and beginnings of names. */
const FORWARDED: ReadonlySet<string> = new Set([
  'accept',
  'content-type',
  'idempotency-key',
  'user-agent',
  'traceparent',
  'tracestate',
  // Codex says these, OpenRouter asks for the next two.
  'originator',
  'session_id',
  'conversation_id',
  'http-referer',
  'x-title',
  'x-app'
])
const FORWARDED_BEGINNINGS = ['anthropic-', 'openai-', 'x-stainless-', 'x-claude-code-', 'x-goog-', 'x-amzn-bedrock-']
/** Credentials are the account's, never the client's; whose account it is neither. */
const NEVER: ReadonlySet<string> = new Set([
  'x-goog-api-key',
  'x-goog-user-project',
  'openai-organization',
  'openai-project'
])
/** Across dialects only what is not about the dialect. */
const ACROSS: ReadonlySet<string> = new Set(['idempotency-key', 'traceparent', 'tracestate', 'user-agent'])

/**
 * The headers of a client that go to a provider. Others stay here: what a company's own systems say to each other is not for
 * strangers.
 * @param more - names the operator lets through
 */
export function forwarded(headers: HeaderList, same: boolean, more: ReadonlySet<string>): HeaderList {
  const list: HeaderList = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? ''
    const how = wayOf(name)
    if (how === 'never') continue
    if (how === 'across' || (same && how === 'same') || more.has(name)) list.push(name, headers[i + 1] ?? '')
  }
  return list
}

/** Where a header goes by itself: to nobody, to providers of the same dialect, also across dialects; "never" whoever wants it to. */
type Way = 'nowhere' | 'never' | 'same' | 'across'

/** Of names seen before: most requests have the same few. */
const ways = new Map<string, Way>()
/** Names may be whatever clients write. */
const REMEMBERED = 1_000

function wayOf(name: string): Way {
  let way = ways.get(name)
  if (way === undefined) {
    if (NEVER.has(name)) way = 'never'
    else if (ACROSS.has(name)) way = 'across'
    else way = FORWARDED.has(name) || FORWARDED_BEGINNINGS.some(each => name.startsWith(each)) ? 'same' : 'nowhere'
    if (ways.size < REMEMBERED) ways.set(name, way)
  }
  return way
}

/** The longest name of a model that is said whole, characters: it may be whatever a client wrote. */
const MODEL_LENGTH = 256

/** What a reply says of how it came to be. Of a stream the cost is not known yet. */
export function replyNotes(ai: AiExchange): HeaderList {
  const notes: HeaderList = []
  if (ai.target !== '') notes.push('x-sluice-model', headerText(ai.target, MODEL_LENGTH))
  if (ai.account !== '') notes.push('x-sluice-provider', ai.account)
  if (ai.region !== '') notes.push('x-sluice-region', ai.region)
  if (ai.attempts > 0) notes.push('x-sluice-attempts', String(ai.attempts))
  if (ai.cache !== undefined) notes.push('x-sluice-cache', ai.cache)
  if (ai.dropped.length > 0) notes.push('x-sluice-dropped-params', droppedNote(ai.dropped))
  if (ai.usage !== undefined) {
    notes.push('x-sluice-usage', `input=${ai.usage.input}, output=${ai.usage.output}, source=${ai.usage.source}`)
  }
  if (ai.microDollars !== undefined) notes.push('x-sluice-cost', dollars(ai.microDollars))
  return notes
}

/** Micro-dollars as a decimal number of dollars. */
export function dollars(micro: number): string {
  return `${Math.floor(micro / 1e6)}.${String(micro % 1e6).padStart(6, '0')}`
}
