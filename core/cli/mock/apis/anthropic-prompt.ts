import { createHash } from 'node:crypto'
import { isObject, type JsonObject } from '../../../ai/members.js'
import type { Bill } from '../api.js'
import { MEDIA_TOKENS, objects, optionalObjects, type Turn, text } from '../ask.js'
import { invalid } from '../failure.js'
import type { State } from '../state.js'
import { tokens } from '../tokens.js'

/** A block of the prompt, in the order in which Anthropic caches: tools, system, messages. */
export interface Block {
  readonly json: string
  readonly tokens: number
  /** What is cached up to and with this block, and for how long. */
  readonly cached: undefined | 'minutes' | 'hour'
}

/** @throws Refused for what Anthropic refuses: messages in disorder, blank texts, results without calls, thinking not its own */
export function promptOf(body: JsonObject, state: State, thinks: boolean): { turns: Turn[]; blocks: Block[] } {
  const turns: Turn[] = []
  const blocks: Block[] = optionalObjects(body.tools).map(tool => block(tool, tokens(plain(tool))))
  const system = typeof body.system === 'string' ? [{ type: 'text', text: body.system }] : optionalObjects(body.system)
  for (const part of system) blocks.push(block(part, tokens(text(part.text))))
  if (system.length > 0) turns.push({ role: 'system', text: system.map(part => text(part.text)).join('\n'), media: [] })
  let open = new Set<string>()
  const list = objects(body.messages, 'messages')
  for (const [i, message] of list.entries()) {
    const { role } = message
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      throw invalid(`messages.${i}.role: Input should be 'user' or 'assistant'`)
    }
    if (i === 0 && role === 'assistant') throw invalid('messages: first message must use the "user" role')
    const parts =
      typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : optionalObjects(message.content)
    if (parts.length === 0 && i < list.length - 1)
      throw invalid(`messages.${i}: all messages must have non-empty content`)
    if (parts.some(part => part.type === 'text' && text(part.text).trim() === '')) {
      throw invalid('messages: text content blocks must contain non-whitespace text')
    }
    answered(parts, open, i)
    open = new Set(parts.filter(part => part.type === 'tool_use').map(part => text(part.id)))
    if (role === 'assistant') verify(parts, i, state, thinks && i > list.findLastIndex(isQuestion))
    for (const part of parts) blocks.push(block({ role, ...part }, partTokens(part)))
    turns.push(...turnsOf(role, parts))
  }
  blocks.push({ json: '', tokens: list.length * 3 + 4, cached: undefined })
  return { turns, blocks }
}

/** Every call of the message before has its result here, and no result is without its call. */
function answered(parts: readonly JsonObject[], open: Set<string>, i: number): void {
  for (const part of parts) {
    if (part.type !== 'tool_result') continue
    const id = text(part.tool_use_id)
    if (!open.delete(id)) {
      throw invalid(
        `messages.${i}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. ` +
          'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.'
      )
    }
  }
  if (open.size === 0) return
  const ids = [...open].join(', ')
  throw invalid(
    `messages.${i - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. ` +
      'Each `tool_use` block must have a corresponding `tool_result` block in the next message.'
  )
}

/** Whether it is something a human said, so that a new turn of the model begins after it. */
function isQuestion(message: JsonObject): boolean {
  return message.role === 'user' && !optionalObjects(message.content).some(part => part.type === 'tool_result')
}

function verify(parts: readonly JsonObject[], i: number, state: State, demanded: boolean): void {
  for (const [j, part] of parts.entries()) {
    if (part.type === 'thinking' && part.signature !== state.sign(text(part.thinking))) {
      throw invalid(`messages.${i}.content.${j}: Invalid \`signature\` in \`thinking\` block`)
    }
  }
  const [first] = parts
  const calls = parts.some(part => part.type === 'tool_use')
  if (!demanded || !calls || first?.type === 'thinking' || first?.type === 'redacted_thinking') return
  throw invalid(
    `messages.${i}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${text(first?.type)}\`. ` +
      'When `thinking` is enabled, a final `assistant` message must start with a thinking block.'
  )
}

const MEDIA: Readonly<Record<string, string>> = { image: 'an image', document: 'a document' }

function turnsOf(role: Turn['role'], parts: readonly JsonObject[]): Turn[] {
  const results = parts.filter(part => part.type === 'tool_result')
  const turns: Turn[] = results.map(part => ({ role: 'tool', text: contentText(part.content), media: [] }))
  const words = parts.filter(part => part.type === 'text').map(part => text(part.text))
  const media = parts.flatMap(part => MEDIA[text(part.type)] ?? [])
  if (words.length > 0 || media.length > 0 || results.length === 0) turns.push({ role, text: words.join('\n'), media })
  return turns
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  return optionalObjects(content)
    .map(part => text(part.text))
    .join('\n')
}

function partTokens(part: JsonObject): number {
  if (MEDIA[text(part.type)] !== undefined) return MEDIA_TOKENS
  if (part.type === 'text') return tokens(text(part.text))
  if (part.type === 'tool_result') return tokens(contentText(part.content))
  return part.type === 'thinking' ? tokens(text(part.thinking)) : tokens(plain(part))
}

function block(part: JsonObject, cost: number): Block {
  const control = isObject(part.cache_control) ? part.cache_control : undefined
  const cached = control === undefined ? undefined : control.ttl === '1h' ? 'hour' : 'minutes'
  return { json: plain(part), tokens: cost, cached }
}

/** The JSON without its marks for the cache. */
function plain(part: JsonObject): string {
  const { cache_control: _, ...rest } = part
  return JSON.stringify(rest)
}

/**
 * What was read from and written to the prompt cache: the longest beginning that was marked in a request before is
 * read, from there to the last mark is written. Unlike Anthropic there is no least length.
 */
export function cacheOf(
  blocks: readonly Block[],
  scope: string,
  state: State
): Pick<Bill, 'input' | 'cacheRead' | 'cacheWrite' | 'cacheWriteLong'> {
  const input = blocks.reduce((sum, each) => sum + each.tokens, 0)
  const last = blocks.findLastIndex(each => each.cached !== undefined)
  const hash = createHash('sha256').update(scope)
  const written: string[] = []
  let upTo = 0
  let cacheRead = 0
  let end = 0
  let long = 0
  for (const each of blocks.slice(0, last + 1)) {
    upTo += each.tokens
    const key = hash.update(`\n${each.json}`).copy().digest('base64')
    if (state.prefixes.has(key)) cacheRead = upTo
    if (each.cached === undefined) continue
    written.push(key)
    end = upTo
    if (each.cached === 'hour') long = upTo
  }
  for (const key of written) state.cache(key)
  return { input, cacheRead, cacheWrite: end - cacheRead, cacheWriteLong: Math.max(0, long - cacheRead) }
}
