import { Refusal } from '../../base/refusal.js'
import type { ChatMessage, ChatRequest, FilePart, ImagePart, Source, TextPart } from '../chat.js'
import type { JsonObject } from '../members.js'
import type { CompiledMessage, CompiledPart, CompiledVersion } from './compile.js'
import type { PromptCall } from './request.js'

/**
 * The request a call of a prompt stands for. Values of variables are text within the messages that the prompt has: they never make a
 * message, a role or another placeholder.
 * @throws Refusal GW_PROMPT_VARIABLES
 */
export function renderPrompt(version: CompiledVersion, call: PromptCall): ChatRequest {
  const values = version.variables.check(call.variables)
  const messages = version.messages.flatMap(message => messageOf(message, values) ?? [])
  if (messages.length === 0)
    throw refused('with these variables the prompt is empty; expected text in one of its messages')
  const { definition } = version
  const { extra, reasoning_effort, reasoning_tokens, ...parameters } = definition.parameters
  const { tools, toolChoice, response } = definition
  return {
    model: definition.model,
    messages,
    stream: call.stream,
    ...parameters,
    ...((reasoning_effort ?? reasoning_tokens) !== undefined && {
      reasoning: { effort: reasoning_effort, budget_tokens: reasoning_tokens }
    }),
    ...(tools.length > 0 && { tools }),
    ...(toolChoice !== undefined && { tool_choice: toolChoice }),
    ...(response !== undefined && { response_format: { type: 'json_schema', ...response } }),
    ...(call.user !== undefined && { user: call.user }),
    ...(call.metadata !== undefined && { metadata: call.metadata }),
    extra: new Map(Object.entries(extra ?? {}))
  }
}

function messageOf({ role, parts }: CompiledMessage, values: JsonObject): ChatMessage | undefined {
  const content = parts.flatMap(part => partOf(part, values) ?? [])
  if (content.length === 0) return undefined
  if (role === 'user') return { role, content }
  // Only users' messages have files: that is checked when prompts are read.
  return { role, content: content.filter(part => part.type === 'text') }
}

function partOf(part: CompiledPart, values: JsonObject): TextPart | ImagePart | FilePart | undefined {
  switch (part.kind) {
    case 'text': {
      const text = part.text.render(values)
      return text.trim() === '' ? undefined : { type: 'text', text }
    }
    case 'image': {
      const source = sourceOf(part.url.render(values), 'an image')
      return source && { type: 'image', source, ...(part.detail !== undefined && { detail: part.detail }) }
    }
    case 'file': {
      const source = sourceOf(part.url.render(values), 'a file')
      const filename = part.filename?.render(values)
      return source && { type: 'file', source, ...(filename !== undefined && filename !== '' && { filename }) }
    }
  }
}

function sourceOf(text: string, what: string): Source | undefined {
  const url = text.trim()
  if (url === '') return undefined
  const [, type, data] = /^data:([^;,]+)(?:;[^,]*)?;base64,([A-Za-z0-9+/=_-]+)$/.exec(url) ?? []
  if (type !== undefined && data !== undefined) return { kind: 'base64', media_type: type, data }
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return { kind: 'url', url }
  throw refused(`the address of ${what} is none; expected https://… or data:<type>;base64,…`)
}

function refused(detail: string): Refusal {
  return new Refusal('GW_PROMPT_VARIABLES', detail, [], { detail })
}
