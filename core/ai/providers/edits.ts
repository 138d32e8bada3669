import type { JsonObject } from '../members.js'
import type { BodyEdits } from './provider.js'

/**
 * The edits that give members of a body that passes untouched the names the provider has for them.
 * @param body - the client's; undefined: it was written here, with the right names
 * @param names - the client's name, then the provider's
 * @param refused - members that the provider does not take
 */
export function renamed(
  body: JsonObject | undefined,
  names: Readonly<Record<string, string>>,
  refused: readonly string[] = []
): BodyEdits | undefined {
  if (body === undefined) return undefined
  const set: JsonObject = {}
  const remove = refused.filter(name => body[name] !== undefined)
  for (const [from, to] of Object.entries(names)) {
    if (body[from] === undefined) continue
    remove.push(from)
    if (body[to] === undefined && body[from] !== null) set[to] = body[from]
  }
  return remove.length === 0 ? undefined : { set, remove }
}

/** Gives a member of a body another name, in place. */
export function rename(body: JsonObject, from: string, to: string): void {
  if (body[from] === undefined) return
  body[to] = body[from]
  delete body[from]
}
