import type { ChatMessage, ChatTool } from '../chat.js'
import type { JsonObject } from '../members.js'
import { placeOf } from '../places.js'
import { spelled } from './client-names.js'
import type { DialectName } from './dialect.js'

/** A chat that is being written, and what of it was read. */
export interface Placing {
  /** The messages as they were read: a provider may have put instructions of ours between since. */
  readonly before: readonly ChatMessage[]
  readonly chat: { readonly messages: readonly ChatMessage[]; readonly tools?: readonly ChatTool[] | undefined }
  /** The client's, and the dialect it is in. */
  readonly request: JsonObject
  readonly dialect: DialectName
}

/** What was lost of a message, a part or a tool of the canonical chat, by where the client has that. */
export function clientPlace(name: string, placing: Placing): string {
  const inMessage = /^messages\[(\d+)\](?:\.content\[(\d+)\])?(.*)$/s.exec(name)
  if (inMessage !== null) {
    const [, at = '', part, rest = ''] = inMessage
    return placeInMessage(name, Number(at), part === undefined ? undefined : Number(part), rest, placing)
  }
  const inTool = /^tools\[(\d+)\]\.(.*)$/s.exec(name)
  if (inTool === null) return name
  const [, at = '', rest = ''] = inTool
  const tool = placing.chat.tools?.[Number(at)]
  const path = tool && placeOf(tool)
  return path === undefined ? name : placeInTool(path, rest, placing)
}

function placeInMessage(
  name: string,
  at: number,
  part: number | undefined,
  rest: string,
  { before, chat, request, dialect }: Placing
): string {
  const message = chat.messages[at]
  const lost = part === undefined ? undefined : message?.content[part]
  const path = (lost && placeOf(lost)) ?? (message && placeOf(message))
  if (path !== undefined) return spelled(request, path + rest) ?? path
  const place = message === undefined || dialect === 'gemini' ? -1 : before.indexOf(message)
  return place === -1 ? name : name.replace(/^messages\[\d+\]/, `messages[${place}]`)
}

/** Where a tool has its schema, by dialect. */
const SCHEMAS: Readonly<Record<DialectName, readonly string[]>> = {
  'openai-chat': ['function.parameters', 'parameters'],
  'openai-completions': ['function.parameters'],
  'openai-responses': ['parameters'],
  anthropic: ['input_schema'],
  gemini: ['parametersJsonSchema', 'parameters'],
  converse: ['inputSchema.json'],
  cohere: ['function.parameters'],
  'ollama-chat': ['function.parameters'],
  'ollama-generate': ['function.parameters']
}

function placeInTool(path: string, rest: string, { request, dialect }: Placing): string {
  const keyword = /^parameters\.(.*)$/s.exec(rest)?.[1]
  if (keyword === undefined) return `${path}.${rest}`
  for (const schema of SCHEMAS[dialect]) {
    const found = spelled(request, `${path}.${schema}.${keyword}`) ?? spelled(request, `${path}.${schema}`)
    if (found !== undefined) return found
  }
  return path
}
