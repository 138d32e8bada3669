import { dereference, isRecord } from './json.js'
import { childOf, type Origin } from './origin.js'

/** Schemas may refer to themselves, and so may their defaults. */
const MAX_DEPTH = 64

/**
 * The value with the schema's defaults filled in, and with interpolated text turned into the number or boolean the
 * schema wants there. What does not fit stays as it is, for the validator to say. The value given is not changed.
 */
export function complete(schema: unknown, value: unknown, origin: Origin | undefined): unknown {
  return fill(schema, value, { root: schema, depth: 0 }, origin)
}

interface Context {
  readonly root: unknown
  readonly depth: number
}

function fill(schema: unknown, value: unknown, context: Context, origin: Origin | undefined): unknown {
  const found = dereference(schema, context.root)
  if (!isRecord(found) || context.depth > MAX_DEPTH) return value
  const inner = { root: context.root, depth: context.depth + 1 }
  if (value === undefined) {
    return found.default === undefined || origin?.failed
      ? value
      : fill(found, structuredClone(found.default), inner, undefined)
  }
  if (typeof value === 'string') return origin?.written === undefined ? value : coerce(found, value, context.root)
  let filled: unknown = value
  for (const part of Array.isArray(found.allOf) ? found.allOf : []) filled = fill(part, filled, inner, origin)
  const branch = branchFor(found, filled, context.root)
  if (branch !== undefined) filled = fill(branch, filled, inner, origin)
  if (Array.isArray(filled)) return items(found, filled, inner, origin)
  return isRecord(filled) ? properties(found, filled, inner, origin) : filled
}

function items(schema: Record<string, unknown>, list: unknown[], context: Context, origin?: Origin): unknown[] {
  const first = Array.isArray(schema.prefixItems) ? schema.prefixItems : []
  return list.map((item, index) => fill(first[index] ?? schema.items, item, context, childOf(origin, index)))
}

function properties(
  schema: Record<string, unknown>,
  value: Record<string, unknown>,
  context: Context,
  origin?: Origin
): Record<string, unknown> {
  const filled: Record<string, unknown> = {}
  for (const [key, part] of Object.entries(value)) {
    filled[key] = fill(schemaOf(schema, key), part, context, childOf(origin, key))
  }
  const known = isRecord(schema.properties) ? schema.properties : {}
  for (const [key, part] of Object.entries(known)) {
    if (Object.hasOwn(value, key) || key === '__proto__') continue
    const added = fill(part, undefined, context, undefined)
    if (added !== undefined) filled[key] = added
  }
  return filled
}

/** The schema for one key of a mapping. */
function schemaOf(schema: Record<string, unknown>, key: string): unknown {
  const { properties: known, patternProperties: patterns, additionalProperties: others } = schema
  if (isRecord(known) && Object.hasOwn(known, key)) return known[key]
  for (const [pattern, part] of Object.entries(isRecord(patterns) ? patterns : {})) {
    if (new RegExp(pattern, 'u').test(key)) return part
  }
  return others
}

/** The one branch of a union that takes this kind of value; undefined when none or several do. */
function branchFor(schema: Record<string, unknown>, value: unknown, root: unknown): unknown {
  const type = Array.isArray(value) ? 'array' : 'object'
  const takers = branchesOf(schema, root).filter(branch => isRecord(branch) && typesOf(branch).includes(type))
  return takers.length === 1 ? takers[0] : undefined
}

function branchesOf(schema: Record<string, unknown>, root: unknown): unknown[] {
  const branches = schema.anyOf ?? schema.oneOf
  return Array.isArray(branches) ? branches.map(branch => dereference(branch, root)) : []
}

function coerce(schema: Record<string, unknown>, text: string, root: unknown): unknown {
  const branches = branchesOf(schema, root).filter(isRecord)
  const takers = branches.length > 0 ? branches : [schema]
  if (takers.some(taker => takesText(taker, text))) return text
  const types = takers.flatMap(typesOf)
  const values = takers.flatMap(taker =>
    Array.isArray(taker.enum) ? taker.enum : 'const' in taker ? [taker.const] : []
  )
  const read = scalar(text)
  if (typeof read === 'number') {
    return types.includes('number') || types.includes('integer') || values.includes(read) ? read : text
  }
  return typeof read === 'boolean' && (types.includes('boolean') || values.includes(read)) ? read : text
}

function takesText(schema: Record<string, unknown>, text: string): boolean {
  if (Array.isArray(schema.enum)) return schema.enum.includes(text)
  if ('const' in schema) return schema.const === text
  return typesOf(schema).includes('string')
}

function typesOf({ type }: Record<string, unknown>): unknown[] {
  return Array.isArray(type) ? type : type === undefined ? [] : [type]
}

/** Numbers and booleans as JSON writes them. */
function scalar(text: string): unknown {
  if (text === 'true') return true
  if (text === 'false') return false
  return /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(text) ? Number(text) : text
}
