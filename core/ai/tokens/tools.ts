import type { ChatTool } from '../chat.js'
import { isObject } from '../members.js'

/** OpenAI's own numbers for gpt-4o and later (OpenAI cookbook, "How to count tokens with tiktoken", tool calls). */
const FUNCTION = 7
const PROPERTIES = 3
const PROPERTY = 3
const ENUM = -3
const ENUM_ITEM = 3
const END = 12
/** Schemas deeper than this are not looked at further. */
const DEPTH = 16

/** What the definitions of tools take: tokens of their frame, and texts to be counted with it. */
export function toolTexts(tools: readonly ChatTool[]): { readonly tokens: number; readonly texts: string[] } {
  const texts: string[] = []
  let tokens = END
  for (const { name, description = '', parameters } of tools) {
    tokens += FUNCTION
    texts.push(`${name}:${description.replace(/\.$/, '')}`)
    if (parameters !== undefined) tokens += schemaTokens(parameters, texts, DEPTH)
  }
  return { tokens, texts }
}

function schemaTokens(schema: Readonly<Record<string, unknown>>, texts: string[], depth: number): number {
  if (depth === 0) return 0
  let tokens = 0
  if (isObject(schema.properties)) {
    tokens += PROPERTIES
    for (const [key, property] of Object.entries(schema.properties)) {
      if (!isObject(property)) continue
      tokens += PROPERTY + propertyTokens(key, property, texts) + schemaTokens(property, texts, depth - 1)
    }
  }
  if (isObject(schema.items)) tokens += schemaTokens(schema.items, texts, depth - 1)
  for (const several of [schema.anyOf, schema.oneOf, schema.allOf]) {
    if (!Array.isArray(several)) continue
    for (const each of several) if (isObject(each)) tokens += schemaTokens(each, texts, depth - 1)
  }
  return tokens
}

function propertyTokens(key: string, property: Readonly<Record<string, unknown>>, texts: string[]): number {
  const description = typeof property.description === 'string' ? property.description.replace(/\.$/, '') : ''
  texts.push(`${key}:${textOf(property.type ?? '')}:${description}`)
  if (!Array.isArray(property.enum)) return 0
  for (const item of property.enum) texts.push(textOf(item))
  return ENUM + ENUM_ITEM * property.enum.length
}

/** As String() has it, which a client could make fail: `{"toString": 1}`. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join()
  return isObject(value) ? JSON.stringify(value) : String(value)
}
