import { isObject, type JsonObject } from '../../ai/members.js'
import { invalid } from './failure.js'
import { tokens } from './tokens.js'

/** A message of the prompt, whatever the dialect calls it. */
export interface Turn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly text: string
  /** Images, sounds and files in it. */
  readonly media: readonly string[]
}

export interface Tool {
  readonly name: string
  /** JSON Schema of its arguments. */
  readonly schema: unknown
}

/** What is asked of the model. */
export interface Ask {
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  /** A list: one of these must be called. */
  readonly choice: 'auto' | 'none' | 'required' | readonly string[]
  readonly parallel: boolean
  /** "json": any object; else a JSON Schema of the answer. */
  readonly format: undefined | 'json' | { readonly schema: unknown }
  readonly maxTokens: number | undefined
  readonly stop: readonly string[]
  /** Whether the client asked for reasoning, and whether the reply shows it or only counts it. */
  readonly think: 'no' | 'hidden' | 'shown'
}

/** What a prompt costs: its text, some for each message and each image, and the tools as they were sent. */
export function promptTokens(turns: readonly Turn[], tools: unknown): number {
  const text = turns.reduce((sum, turn) => sum + turnTokens(turn), 0)
  const toolList = Array.isArray(tools) && tools.length > 0 ? tokens(JSON.stringify(tools)) : 0
  return text + toolList + 3
}

export function turnTokens({ text, media }: Turn): number {
  return tokens(text) + 4 + media.length * MEDIA_TOKENS
}

/** Tokens of an image or other medium. */
export const MEDIA_TOKENS = 85

/** A list of objects that must be there. @throws Refused */
export function objects(value: unknown, name: string): JsonObject[] {
  if (!Array.isArray(value) || value.length === 0)
    throw invalid(`${name}: expected a list with one or more in it`, name)
  return value.map((each, i) => {
    if (!isObject(each)) throw invalid(`${name}[${i}]: expected an object`, `${name}[${i}]`)
    return each
  })
}

/** The objects of a list that may be missing. */
export function optionalObjects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** One string, or a list of them. */
export function strings(value: unknown): string[] {
  return [value].flat().filter(each => typeof each === 'string')
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
