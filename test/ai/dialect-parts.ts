import type { Dropped, RequestHints, Wish } from '../../core/ai/dialects/dialect.js'
import type { JsonObject } from '../../core/ai/members.js'

/** A request whose body says all. */
export const HINTS: RequestHints = { model: '', stream: undefined, headers: [] }

/** Collects what was dropped. */
export function dropped(): Dropped & { readonly names: string[] } {
  const names: string[] = []
  return { names, drop: name => names.push(name) }
}

export function wish(members: Partial<Wish> = {}, request: JsonObject = {}): Wish {
  return { model: 'asked-for', includeUsage: true, request, ...members }
}

/** As JSON has it: without members that are undefined, maps as objects. */
export function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (_, each) => (each instanceof Map ? Object.fromEntries(each) : each))
  return text === undefined ? undefined : JSON.parse(text)
}
