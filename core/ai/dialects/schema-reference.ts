import { isObject, type JsonObject } from '../members.js'

/** What a reference within a schema ("#/$defs/Place") is about; undefined: nothing that stands in it. */
export function referred(root: JsonObject, reference: string): unknown {
  if (!reference.startsWith('#')) return undefined
  let at: unknown = root
  for (const step of reference.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!isObject(at) || !Object.hasOwn(at, name)) return undefined
    at = at[name]
  }
  return at
}
