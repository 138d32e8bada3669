import { isObject } from './members.js'

/** Deeper than any request means; deeper ones would exhaust the stack. */
const MAX_DEPTH = 256

/**
 * JSON in which the same value is always the same text: members sorted by name, maps like objects, undefined left out.
 * @returns undefined when the value is nested too deeply to look at
 */
export function stableJson(value: unknown): string | undefined {
  try {
    return write(value, 0)
  } catch (thrown) {
    if (thrown instanceof TooDeep) return undefined
    throw thrown
  }
}

class TooDeep extends Error {}

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw new TooDeep()
  if (Array.isArray(value)) return `[${value.map(each => write(each, depth + 1)).join(',')}]`
  if (value instanceof Map) return members([...value], depth)
  if (isObject(value)) return members(Object.entries(value), depth)
  return JSON.stringify(value) ?? 'null'
}

function members(entries: [unknown, unknown][], depth: number): string {
  const written: string[] = []
  for (const [name, value] of entries) {
    if (value !== undefined) written.push(`${JSON.stringify(String(name))}:${write(value, depth + 1)}`)
  }
  return `{${written.sort().join(',')}}`
}
