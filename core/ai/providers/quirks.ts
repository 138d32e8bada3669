import type { ChatRequest, ChatTool, FilePart, ImagePart, Reasoning } from '../chat.js'
import { standIn } from '../custom-tools.js'
import type { Dropped } from '../dialects/dialect.js'
import { ADDED_MEMBERS } from '../dialects/openai-chat/extensions.js'
import { effortOf } from '../dialects/openai-chat/write-request.js'
import { plainParameters } from '../dialects/plain-object.js'
import { isObject, type JsonObject } from '../members.js'
import { inPlaceOf } from '../places.js'
import { askBesideTools, askForJson, askForOtherRoot, askForSchema } from './schema-prompt.js'
import { type ThoughtStyle, writeThoughtsAs } from './thought-styles.js'

/** Where one who speaks OpenAI's chat completions differs from OpenAI. What is left out is as with most of them. */
export interface Quirks {
  /** Knows the role "developer"; else it becomes "system". */
  readonly developer?: boolean
  /** Knows `max_completion_tokens`; else it becomes `max_tokens`. */
  readonly maxCompletionTokens?: boolean
  /** Members of a request that it refuses. */
  readonly drops?: readonly Droppable[]
  /** Members that only some of its models refuse. */
  readonly modelDrops?: (model: string) => readonly Droppable[]
  /** The most stop sequences it takes. */
  readonly mostStops?: number
  /** Fetches files that are no images by their addresses. */
  readonly fileUrls?: boolean
  /** Sees videos; left out: it may. */
  readonly videos?: boolean
  /** The types of images that it takes; left out: all. */
  readonly images?: ReadonlySet<string>
  /** Refuses names on messages. */
  readonly nameless?: boolean
  /** Refuses members that compatible providers added to OpenAI's request. */
  readonly strict?: boolean
  /** How it is told how much to think; "no": not at all. */
  readonly reasoning?: 'effort' | 'object' | 'switch' | 'enable' | 'no'
  /** The effort that a model takes for the one that was asked for; undefined: none. */
  readonly effort?: (model: string, effort: string) => string | undefined
  /** Does not think where it has to call a tool, and has to be told so. */
  readonly forcedUnthinking?: boolean
  /** How earlier reasoning is sent along. */
  readonly thoughts?: ThoughtStyle
  /** Takes `cache_control`. */
  readonly cacheControl?: boolean
  /** Knows custom tools, and refusals as such; else functions stand in for the ones, and text for the others. */
  readonly customTools?: boolean
  /** Takes Gemini's signatures of calls, as Google's own endpoint for OpenAI's clients does. */
  readonly signatures?: boolean
  /** Instructions stand apart from the input (Responses). */
  readonly instructions?: boolean
  /** Holds answers to a JSON schema by itself, or what of it does; else the schema is asked for in words. */
  readonly schemas?: boolean | ((chat: ChatRequest) => boolean)
  /** Refuses to be held to a format where there are tools. */
  readonly formatOrTools?: boolean
  /** Refuses tools whose schema has alternatives at its root. */
  readonly plainRoots?: boolean
}

export type Droppable =
  | 'temperature'
  | 'top_p'
  | 'top_k'
  | 'n'
  | 'seed'
  | 'stop'
  | 'presence_penalty'
  | 'frequency_penalty'
  | 'logit_bias'
  | 'logprobs'
  | 'top_logprobs'
  | 'tool_choice'
  | 'parallel_tool_calls'
  | 'verbosity'
  | 'service_tier'
  | 'user'
  | 'metadata'

/** What only OpenAI itself knows. */
export const OPENAI_ONLY: readonly Droppable[] = ['verbosity', 'service_tier', 'metadata']

/** Takes from a chat what the provider does not take, and says so. */
export function adapt(quirks: Quirks, chat: ChatRequest, dropped: Dropped): void {
  dropMembers(chat, quirks.drops ?? [...OPENAI_ONLY, 'top_k'], dropped)
  if (quirks.modelDrops !== undefined) dropMembers(chat, quirks.modelDrops(chat.model), dropped)
  if (quirks.strict) {
    for (const name of [...chat.extra.keys()]) {
      if (!ADDED_MEMBERS.has(name)) continue
      chat.extra.delete(name)
      dropped.drop(name)
    }
  }
  if (!quirks.developer) {
    for (const message of chat.messages) if (message.role === 'developer') message.role = 'system'
  }
  if (chat.stop !== undefined && chat.stop.length > (quirks.mostStops ?? chat.stop.length)) {
    chat.stop = chat.stop.slice(0, quirks.mostStops)
    dropped.drop('stop')
  }
  if (!quirks.customTools) standIn(chat)
  if (quirks.plainRoots) {
    chat.tools = chat.tools?.map((tool, i) => withPlainRoot(tool, i, dropped))
    askForOtherRoot(chat, dropped)
  }
  if (!quirks.signatures) dropSignatures(chat)
  dropFiles(quirks, chat, dropped)
  if (quirks.nameless) dropNames(chat, dropped)
  if (!quirks.cacheControl) dropMarks(chat, dropped)
  if (quirks.formatOrTools) askBesideTools(chat, dropped)
  if (typeof quirks.schemas === 'function' ? !quirks.schemas(chat) : quirks.schemas === false) askForSchema(chat)
  askForJson(chat, quirks.instructions === true)
  if (quirks.forcedUnthinking && isForced(chat)) stopThinking(chat, dropped)
  adaptReasoning(quirks, chat, dropped)
  dropThoughts(quirks.thoughts ?? 'none', chat, dropped)
}

export function dropMembers(chat: ChatRequest, names: readonly Droppable[], dropped: Dropped): void {
  for (const name of names) {
    if (chat[name] === undefined) continue
    chat[name] = undefined
    dropped.drop(name)
  }
}

function dropFiles(quirks: Quirks, chat: ChatRequest, dropped: Dropped): void {
  const taken = (part: { type: string } | FilePart | ImagePart): boolean => {
    if (!('source' in part) || part.source.kind === 'id') return true
    if (isImage(part)) return part.source.kind !== 'base64' || quirks.images?.has(part.source.media_type) !== false
    if (part.source.media_type?.startsWith('video/')) return quirks.videos !== false
    return quirks.fileUrls === true || part.source.kind === 'base64' || part.source.url.startsWith('data:')
  }
  chat.messages.forEach((message, i) => {
    if (message.role !== 'user' && message.role !== 'tool') return
    message.content.forEach((part, at) => {
      if (!taken(part)) dropped.drop(`messages[${i}].content[${at}]`)
    })
    if (message.role === 'user') message.content = message.content.filter(taken)
    else message.content = message.content.filter(taken)
  })
}

function isImage(part: FilePart | ImagePart): part is ImagePart {
  return part.type === 'image'
}

function withPlainRoot(tool: ChatTool, i: number, dropped: Dropped): ChatTool {
  if (tool.parameters === undefined || tool.custom !== undefined) return tool
  return inPlaceOf({ ...tool, parameters: plainParameters(tool, i, dropped) }, tool)
}

function dropNames(chat: ChatRequest, dropped: Dropped): void {
  chat.messages.forEach((message, i) => {
    if (!('name' in message) || message.name === undefined) return
    message.name = undefined
    if (message.role !== 'tool') dropped.drop(`messages[${i}].name`)
  })
}

/** Of calls: they are Gemini's proofs to itself, so nothing is lost with another. */
function dropSignatures({ messages }: ChatRequest): void {
  for (const { role, content } of messages) {
    if (role !== 'assistant') continue
    for (const part of content) if (part.type === 'tool_call') part.signature = undefined
  }
}

/** Marks for caches save money and change no answer: one word for all of them. */
function dropMarks(chat: ChatRequest, dropped: Dropped): void {
  const marked = [chat.tools ?? [], chat.messages, ...chat.messages.map(message => message.content)].flat()
  let found = false
  for (const each of marked) {
    if (!('cache_control' in each) || each.cache_control === undefined) continue
    each.cache_control = undefined
    found = true
  }
  if (found) dropped.drop('cache_control')
}

function isForced({ tools = [], tool_choice: choice }: ChatRequest): boolean {
  return tools.length > 0 && choice !== undefined && choice !== 'auto' && choice !== 'none'
}

function stopThinking(chat: ChatRequest, dropped: Dropped): void {
  if (chat.reasoning !== undefined && chat.reasoning.effort !== 'none') dropped.drop('reasoning')
  chat.reasoning = { effort: 'none' }
}

function adaptReasoning(quirks: Quirks, chat: ChatRequest, dropped: Dropped): void {
  const { reasoning } = chat
  if (reasoning === undefined) return
  const style = quirks.reasoning ?? 'effort'
  if (style === 'effort') {
    const wanted = effortOf(reasoning)
    if (wanted === undefined || quirks.effort === undefined) return
    const effort = quirks.effort(chat.model, wanted)
    chat.reasoning = effort === undefined ? undefined : { ...reasoning, effort, budget_tokens: undefined }
    if (effort === undefined && wanted !== 'none') dropped.drop('reasoning')
    return
  }
  chat.reasoning = undefined
  if (style === 'no') dropped.drop('reasoning')
  else for (const [name, value] of Object.entries(said(style, reasoning))) chat.extra.set(name, value)
}

function said(style: 'object' | 'switch' | 'enable', { effort, budget_tokens, summary }: Reasoning): JsonObject {
  const on = effort !== 'none' && budget_tokens !== 0
  switch (style) {
    case 'object': // OpenRouter takes one of effort and tokens
      if (!on) return { reasoning: { enabled: false } }
      return {
        reasoning: {
          ...(budget_tokens === undefined ? { effort: effort ?? 'medium' } : { max_tokens: budget_tokens }),
          ...(summary !== undefined && { summary })
        }
      }
    case 'switch':
      return { thinking: { type: on ? 'enabled' : 'disabled' } }
    case 'enable':
      return { enable_thinking: on, ...(on && budget_tokens !== undefined && { thinking_budget: budget_tokens }) }
  }
}

/** Thoughts of earlier answers, where the provider has no place for them, or none for those that only their model can read. */
function dropThoughts(style: ThoughtStyle, chat: ChatRequest, dropped: Dropped): void {
  if (style === 'details' || style === 'blocks') return
  let found = false
  for (const message of chat.messages) {
    if (message.role !== 'assistant') continue
    const kept = message.content.filter(part => {
      return part.type !== 'redacted_thinking' && (part.type !== 'thinking' || style !== 'none')
    })
    found ||= kept.length < message.content.length
    message.content = kept
  }
  if (found) dropped.drop('thinking')
}

/** Gives the members of a body that was written the names that the provider knows. */
export function finish(quirks: Quirks, body: JsonObject): void {
  if (!quirks.maxCompletionTokens && body.max_completion_tokens !== undefined) {
    body.max_tokens = body.max_completion_tokens
    delete body.max_completion_tokens
  }
  if (!Array.isArray(body.messages)) return
  for (const message of body.messages) {
    if (isObject(message) && message.role === 'assistant') writeThoughtsAs(quirks.thoughts ?? 'none', message)
  }
}
