import { createHash } from 'node:crypto'
import type { ChatRequest, ChatResponse } from './chat.js'
import type { StreamReader } from './dialects/dialect.js'
import type { ChatEvent } from './events.js'

/** What the client calls tools, by the names that are sent in their place. */
export type SentNames = ReadonlyMap<string, string>

/**
 * Gives tools others names, wherever the chat says them, where a provider would refuse the client's: those of MCP servers are long, and Gemini's
 * may have dots. It is the same name for a tool each time, so that prompts stay cached.
 * @param fits - the names that are taken
 */
export function fitToolNames(chat: ChatRequest, fits: RegExp): SentNames {
  const names = new Map<string, string>()
  const sent = (name: string): string => {
    if (fits.test(name)) return name
    const fitting = fittingName(name)
    names.set(fitting, name)
    return fitting
  }
  for (const tool of chat.tools ?? []) tool.name = sent(tool.name)
  if (typeof chat.tool_choice === 'object') chat.tool_choice = { name: sent(chat.tool_choice.name) }
  for (const message of chat.messages) {
    if (message.role === 'tool' && message.name !== undefined) message.name = sent(message.name)
    if (message.role !== 'assistant') continue
    for (const part of message.content) if (part.type === 'tool_call') part.name = sent(part.name)
  }
  return names
}

/** Gives the calls of an answer the names that the client knows, in place. */
export function nameBack(response: ChatResponse, names: SentNames): ChatResponse {
  if (names.size === 0) return response
  for (const { content } of response.choices) {
    for (const part of content) if (part.type === 'tool_call') part.name = names.get(part.name) ?? part.name
  }
  return response
}

/** A reader of streams whose calls have the names that the client knows. */
export function namingBack(reader: StreamReader, names: SentNames): StreamReader {
  if (names.size === 0) return reader
  const known = (event: ChatEvent): ChatEvent => {
    if (event.type !== 'tool_call') return event
    return { ...event, name: names.get(event.name) ?? event.name }
  }
  return { read: frame => reader.read(frame).map(known), end: () => reader.end().map(known) }
}

/** The longest name of a function that every provider takes. */
export const MAX_NAME = 64
const HASH = 8

/** The beginning of a name, and a hash that tells apart what was cut or replaced. @param name - as it was before */
export function hashedName(beginning: string, name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH)
  return `${beginning.slice(0, MAX_NAME - HASH - 1)}_${hash}`
}

/** Letters, digits, "_" and "-" only, a letter or "_" first: what every provider takes. */
function fittingName(name: string): string {
  return hashedName(name.replace(/[^a-zA-Z0-9_-]/g, '_').replace(/^(?![a-zA-Z_])/, '_'), name)
}
