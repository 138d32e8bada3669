import type { Usage } from './usage.js'

/**
 * The canonical chat: what every dialect is read into and written from when a request crosses from one to another. Its names are those of
 * OpenAI's chat completions; where it is richer, it is so to lose nothing: content is always a list of parts in the order they came, with tool
 * calls and reasoning among them.
 */
export interface ChatRequest {
  model: string
  messages: ChatMessage[]
  stream: boolean
  /** Most tokens of the answer, reasoning included. */
  max_tokens?: number | undefined
  /** What to write where a dialect wants `max_tokens` and the caller said nothing: the most the model can answer, of the catalog. */
  defaultMaxTokens?: number | undefined
  temperature?: number | undefined
  top_p?: number | undefined
  top_k?: number | undefined
  /** How many answers; left out: one. */
  n?: number | undefined
  stop?: string[] | undefined
  seed?: number | undefined
  presence_penalty?: number | undefined
  frequency_penalty?: number | undefined
  logit_bias?: Record<string, number> | undefined
  logprobs?: boolean | undefined
  top_logprobs?: number | undefined
  tools?: ChatTool[] | undefined
  tool_choice?: ToolChoice | undefined
  parallel_tool_calls?: boolean | undefined
  response_format?: ResponseFormat | undefined
  /** How a model of Anthropic's is held to a JSON schema; undefined: as its name says it can. */
  structuredOutput?: 'native' | 'tool' | undefined
  reasoning?: Reasoning | undefined
  verbosity?: string | undefined
  service_tier?: string | undefined
  /** Who the end user is, for the provider's abuse detection. */
  user?: string | undefined
  metadata?: Record<string, string> | undefined
  /**
   * Members of the caller's request that have no place here, by name: a dialect that knows them under the same name may take them
   * (`take`); those nobody took are named to the caller as dropped.
   */
  extra: Map<string, unknown>
  /** What stands among the messages and has no canonical shape, in order, for a request that stays in its dialect. */
  kept?: KeptItem[] | undefined
}

export interface KeptItem {
  /** The message before which it stands; or, with a part, in which. */
  before: number
  /** The part before which it stands. */
  part: number
  readonly item: Record<string, unknown>
  /** What policies call it, who see it among the parameters. */
  readonly path: string
}

export type ChatMessage =
  | { role: 'system' | 'developer'; content: TextPart[] }
  | { role: 'user'; content: UserPart[]; name?: string | undefined }
  | { role: 'assistant'; content: AssistantPart[]; name?: string | undefined }
  | ToolMessage

/** What a tool call came to. */
export interface ToolMessage {
  role: 'tool'
  tool_call_id: string
  /** Of the tool, where the dialect says it. */
  name?: string | undefined
  content: (TextPart | ImagePart | FilePart)[]
  is_error?: boolean | undefined
  cache_control?: CacheControl | undefined
  /** What it is in its dialect, where that is more than a function's result: as of ToolCallPart. */
  item?: Record<string, unknown> | undefined
  /** As of ToolCallPart. */
  block?: Record<string, unknown> | undefined
}

export type UserPart = TextPart | ImagePart | AudioPart | FilePart
/** Parts of an answer, and of earlier answers that are sent along. */
export type AssistantPart =
  | TextPart
  | ThinkingPart
  | RedactedThinkingPart
  | RefusalPart
  | ToolCallPart
  | ImagePart
  | AudioPart

/** A mark up to which a provider should cache the prompt (Anthropic's `cache_control`, Bedrock's `cachePoint`). */
export interface CacheControl {
  type: 'ephemeral'
  /** "5m" or "1h". */
  ttl?: string | undefined
}

export interface TextPart {
  type: 'text'
  text: string
  cache_control?: CacheControl | undefined
  /** Citations: OpenAI's `annotations`. Only in answers. */
  annotations?: Annotation[] | undefined
  /** Gemini's thoughtSignature: should be sent back with the part. */
  signature?: string | undefined
}

/** OpenAI's url_citation, flat. Its places count UTF-16 units of the whole text of an answer, also where that has several parts. */
export interface Annotation {
  type: 'url_citation'
  url: string
  title?: string | undefined
  start_index?: number | undefined
  end_index?: number | undefined
}

/** Bytes in base64 with their media type, an address, or a name that they have at one maker of models alone. */
export type Source =
  | { kind: 'base64'; media_type: string; data: string }
  | { kind: 'url'; url: string; media_type?: string | undefined }
  | { kind: 'id'; file_id: string; of: 'openai' | 'anthropic' }

export interface ImagePart {
  type: 'image'
  source: Source
  /** OpenAI's: "low", "high", "auto". */
  detail?: string | undefined
  cache_control?: CacheControl | undefined
  /** Of an answer: Gemini's thoughtSignature, has to be sent back with the part. */
  signature?: string | undefined
}

export interface AudioPart {
  type: 'audio'
  /** "wav", "mp3", … */
  format: string
  /** Base64. */
  data: string
  /** Of an answer: what OpenAI calls it, to be sent along later. */
  id?: string | undefined
  transcript?: string | undefined
}

export interface FilePart {
  type: 'file'
  source: Source
  filename?: string | undefined
  cache_control?: CacheControl | undefined
}

/** Reasoning that may be shown. */
export interface ThinkingPart {
  type: 'thinking'
  text: string
  /** The provider's proof that it is its own; has to be sent back unchanged with the part. */
  signature?: string | undefined
  /** The provider's name of it, where it has one (Responses: `rs_…`). */
  id?: string | undefined
}

/** Reasoning that only the provider can read. */
export interface RedactedThinkingPart {
  type: 'redacted_thinking'
  data: string
  id?: string | undefined
}

export interface RefusalPart {
  type: 'refusal'
  refusal: string
}

export interface ToolCallPart {
  type: 'tool_call'
  id: string
  name: string
  /** JSON text, as the model wrote it: it may be broken. For a custom tool free text. */
  arguments: string
  /** Free text instead of JSON (OpenAI's custom tools). */
  custom?: boolean | undefined
  /** Gemini's thoughtSignature: has to be sent back with the call. */
  signature?: string | undefined
  cache_control?: CacheControl | undefined
  /** What it is in its dialect, where that is more than a function's call: there it is written as it came (Responses: `shell_call`). */
  item?: Record<string, unknown> | undefined
  /** The same in Anthropic's dialect: the block of a tool that the provider ran (`server_tool_use`). */
  block?: Record<string, unknown> | undefined
}

export interface ChatTool {
  name: string
  description?: string | undefined
  /** JSON Schema of its arguments; undefined: it has none. */
  parameters?: Record<string, unknown> | undefined
  strict?: boolean | undefined
  cache_control?: CacheControl | undefined
  /**
   * The tool takes free text (OpenAI's custom tools), in this format where it has one. `parameters` stand in for it where a dialect has no
   * such tools (custom-tools.ts).
   */
  custom?: { format?: Record<string, unknown> | undefined } | undefined
  /** Where it stands in its dialect, if that is in a group of tools: there it is written as it came (Responses' namespaces). */
  within?: { readonly namespace: Record<string, unknown>; readonly tool: Record<string, unknown> } | undefined
}

export type ToolChoice = 'auto' | 'none' | 'required' | { name: string }

export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json_object' }
  | {
      type: 'json_schema'
      name: string
      schema: Record<string, unknown>
      strict?: boolean | undefined
      description?: string | undefined
    }

/** How much a model may think: an effort, a number of tokens, or both. */
export interface Reasoning {
  /** "none", "minimal", "low", "medium", "high", "xhigh". */
  effort?: string | undefined
  budget_tokens?: number | undefined
  /** Whether thoughts are to be shown; OpenAI's `summary`. */
  summary?: string | undefined
}

/** Why an answer ended. Dialects that know fewer reasons write the nearest. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'refusal' | 'pause'

export interface Choice {
  index: number
  content: AssistantPart[]
  finish_reason: FinishReason
  /** The stop sequence that was hit, where the provider says it. */
  stop_sequence?: string | undefined
  /** OpenAI's, untouched. */
  logprobs?: unknown
}

export interface ChatResponse {
  id: string
  /** As the provider names it. */
  model: string
  /** Seconds since 1970; 0: the provider does not say. */
  created: number
  choices: Choice[]
  usage: Usage | undefined
  service_tier?: string | undefined
}

/** Takes a member out of `extra`: the dialect that is written to carries it. */
export function take(chat: ChatRequest, name: string): unknown {
  const value = chat.extra.get(name)
  chat.extra.delete(name)
  return value
}

/** The text of parts that stood apart (of a question, or of an answer with thoughts or calls in between), each on a line of its own. */
export function linesOf(texts: readonly string[]): string {
  let all = ''
  for (const text of texts) {
    const apart = all === '' || text === '' || /\s$/.test(all) || /^\s/.test(text)
    all += apart ? text : `\n${text}`
  }
  return all
}

/**
 * What an answer said. Texts that follow each other are one, which citations cut; those with something in between stood apart.
 */
export function saidIn(parts: readonly AssistantPart[]): string {
  const texts: string[] = []
  let open = false
  for (const part of parts) {
    const text = part.type === 'text' ? part.text : part.type === 'refusal' ? part.refusal : undefined
    if (text !== undefined && open) texts.push(`${texts.pop() ?? ''}${text}`)
    else if (text !== undefined) texts.push(text)
    open = text !== undefined
  }
  return linesOf(texts)
}

/** The text of parts, joined. */
export function textOf(parts: readonly { type: string; text?: string }[]): string {
  let text = ''
  for (const part of parts) if (part.type === 'text') text += part.text ?? ''
  return text
}
