import type { AssistantPart, ChatRequest, ChatTool, ToolCallPart } from './chat.js'
import { isObject } from './members.js'
import { inPlaceOf } from './places.js'

/** The one argument of the function that stands in for a custom tool. */
const ARGUMENT = 'input'

/**
 * A custom tool of OpenAI's, which takes free text, with what makes it a plain function of one string argument for models that know only
 * functions. A grammar becomes part of the description.
 */
export function customTool(name: string, description: string | undefined, format: unknown): ChatTool {
  const grammar = isObject(format) && format.type === 'grammar' ? format : undefined
  const input = grammar
    ? `The input, as free text that matches this ${grammar.syntax} grammar:\n${grammar.definition}`
    : 'The input, as free text.'
  return {
    name,
    description,
    parameters: {
      type: 'object',
      properties: { [ARGUMENT]: { type: 'string', description: input } },
      required: [ARGUMENT],
      additionalProperties: false
    },
    custom: isObject(format) ? { format } : {}
  }
}

/** Puts plain functions in place of a chat's custom tools and of calls of them, and text in place of refusals, for those who know neither. */
export function standIn(chat: ChatRequest): void {
  chat.tools = chat.tools?.map(tool =>
    tool.custom === undefined ? tool : inPlaceOf({ ...tool, custom: undefined }, tool)
  )
  for (const message of chat.messages) if (message.role === 'assistant') message.content = message.content.map(plain)
}

function plain(part: AssistantPart): AssistantPart {
  if (part.type === 'refusal') return { type: 'text', text: part.refusal }
  return part.type === 'tool_call' && part.custom
    ? { ...part, custom: undefined, arguments: functionArguments(part) }
    : part
}

/** The arguments of a call as JSON text, also of a custom tool. */
export function functionArguments(call: ToolCallPart): string {
  return call.custom ? wrapInput(call.arguments) : call.arguments
}

/** Free text as the arguments of the function that stands in. */
export function wrapInput(text: string): string {
  return JSON.stringify({ [ARGUMENT]: text })
}

/** The free text in such arguments; arguments of another shape as they are. */
export function unwrapInput(args: string): string {
  try {
    const value: unknown = JSON.parse(args)
    if (isObject(value) && typeof value[ARGUMENT] === 'string') return value[ARGUMENT]
  } catch {
    // A model that forgot about JSON wrote the text itself.
  }
  return args
}
