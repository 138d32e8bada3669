import type { JsonObject } from '../../members.js'
import { clientCall } from './client-calls.js'

/** What was told already of an item of the output. */
export interface Told {
  /** Of calls: which one it is. */
  call?: number
  /** Its own name. */
  id: string
  /** What was told of its parts, by their number; of calls, the arguments are part 0. */
  readonly parts: Map<unknown, string>
  /** Where in the text of the whole answer each begins. */
  readonly starts: Map<unknown, number>
  /** The kind of reasoning that is told: where a provider sends both itself and a summary, the first counts. */
  reasoning?: 'summary' | 'content'
  annotations: number
  done: boolean
}

export function grow(told: Told, part: unknown, text: string): void {
  told.parts.set(part, (told.parts.get(part) ?? '') + text)
}

/** What of the whole text was not told yet; nothing when something else was told. */
export function remainder(told: Told, part: unknown, whole: unknown): string {
  const before = told.parts.get(part) ?? ''
  return typeof whole === 'string' && whole.startsWith(before) ? whole.slice(before.length) : ''
}

/** Items that are parts of every answer, in whatever dialect it is told. */
const CANONICAL: ReadonlySet<unknown> = new Set([
  'message',
  'reasoning',
  'function_call',
  'custom_tool_call',
  'image_generation_call'
])

/** Whether only this dialect has such an item. */
export function isNative(item: JsonObject): boolean {
  return !CANONICAL.has(item.type) && clientCall(item) === undefined
}
