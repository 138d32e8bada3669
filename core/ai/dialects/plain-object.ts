import { isDeepStrictEqual } from 'node:util'
import type { ChatTool } from '../chat.js'
import { isObject, type JsonObject } from '../members.js'
import type { Dropped } from './dialect.js'
import { objectSchema } from './object-schema.js'
import { referred } from './schema-reference.js'

/** The schema of a tool's arguments without what Anthropic and OpenAI refuse at its root, and the keywords that are lost by it. */
export interface PlainObject {
  readonly schema: JsonObject
  readonly lost: readonly string[]
}

/**
 * Both refuse tools whose schema is not an object, or has `anyOf`, `oneOf`, `allOf`, `enum` or `not` at its root; below it they take them. All of
 * `allOf` are one object; of alternatives it is one with the properties of each, which requires what all of them do. What is lost by that is told
 * to the model in words.
 */
export function plainObject(parameters: Record<string, unknown> | undefined): PlainObject {
  if (parameters === undefined || isPlain(parameters)) return { schema: objectSchema(parameters), lost: [] }
  const lost = new Set<string>()
  const merged = flat(parameters, { root: parameters, references: [], lost })
  for (const name of ['enum', 'const', 'not']) {
    if (merged[name] === undefined) continue
    lost.add(name)
    delete merged[name]
  }
  if (!isObjectType(merged.type)) lost.add('type')
  return { schema: objectSchema(told(merged, parameters, lost)), lost: [...lost] }
}

/** The schema of a tool that is written, whose losses are named. @param i - its place among the tools */
export function plainParameters({ parameters }: ChatTool, i: number, dropped: Dropped): JsonObject {
  const { schema, lost } = plainObject(parameters)
  for (const name of lost) dropped.drop(`tools[${i}].parameters.${name}`)
  return schema
}

const REFUSED = ['anyOf', 'oneOf', 'allOf', 'enum', 'const', 'not', '$ref']

function isPlain(schema: Record<string, unknown>): boolean {
  return isObjectType(schema.type) && REFUSED.every(name => schema[name] === undefined)
}

/** A schema that does not say is of an object: it is that of arguments. */
function isObjectType(type: unknown): boolean {
  return type === undefined || type === 'object' || (Array.isArray(type) && type.includes('object'))
}

interface Flattening {
  /** The whole document: what references are about. */
  readonly root: JsonObject
  /** Those being put in place around this. */
  readonly references: readonly string[]
  readonly lost: Set<string>
}

const MAX_REFERENCES = 16

/** A schema without alternatives, parts and a reference at its own level. */
function flat(schema: JsonObject, at: Flattening): JsonObject {
  const { anyOf, oneOf, allOf, $ref, ...out } = schema
  if (typeof $ref === 'string') {
    const target = at.references.length < MAX_REFERENCES && !at.references.includes($ref) && referred(at.root, $ref)
    if (isObject(target)) demand(out, flat(target, { ...at, references: [...at.references, $ref] }))
    else at.lost.add('$ref')
  }
  for (const each of Array.isArray(allOf) ? allOf : []) if (isObject(each)) demand(out, flat(each, at))
  for (const [name, list] of [['anyOf', anyOf] as const, ['oneOf', oneOf] as const]) {
    if (!Array.isArray(list)) continue
    const some = list.filter(isObject).filter(({ type }) => isObjectType(type))
    const flattened = some.map(each => flat(each, at))
    const [only] = flattened
    if (only === undefined) at.lost.add(name)
    else if (list.length === 1) demand(out, only)
    else {
      at.lost.add(name)
      allow(out, flattened)
    }
  }
  return out
}

/** Adds what another schema demands as well. */
function demand(out: JsonObject, other: JsonObject): void {
  for (const [name, value] of Object.entries(other)) {
    if (name === 'properties' && isObject(value)) addProperties(out, value, 'allOf')
    else if (name === 'required') out.required = union(out.required, value)
    // Of one part it is about the others, too: closed, nothing would be valid.
    else if (name !== 'additionalProperties') out[name] ??= value
  }
}

/** Adds what some of several schemas allow. */
function allow(out: JsonObject, alternatives: readonly JsonObject[]): void {
  const all: JsonObject = {}
  for (const { properties } of alternatives) if (isObject(properties)) addProperties(all, properties, 'anyOf')
  addProperties(out, all.properties, 'allOf')
  const lists = alternatives.map(({ required }) => (Array.isArray(required) ? required : []))
  const common = lists.reduce((some, list) => some.filter(name => list.includes(name)))
  if (common.length > 0) out.required = union(out.required, common)
}

function addProperties(out: JsonObject, more: unknown, by: 'allOf' | 'anyOf'): void {
  if (!isObject(more)) return
  const properties: JsonObject = isObject(out.properties) ? { ...out.properties } : {}
  for (const [name, schema] of Object.entries(more)) {
    const known = properties[name]
    if (known === undefined) properties[name] = schema
    else if (!isDeepStrictEqual(known, schema)) properties[name] = joined(known, schema, by)
  }
  out.properties = properties
}

function joined(known: unknown, schema: unknown, by: 'allOf' | 'anyOf'): JsonObject {
  const list = isObject(known) && Object.keys(known).length === 1 ? known[by] : undefined
  if (!Array.isArray(list)) return { [by]: [known, schema] }
  return list.some(each => isDeepStrictEqual(each, schema)) ? { [by]: list } : { [by]: [...list, schema] }
}

function union(some: unknown, more: unknown): unknown[] {
  return [...new Set([some, more].flatMap((list): unknown[] => (Array.isArray(list) ? list : [])))]
}

/** Characters of schemas that are worth telling. */
const MOST_TOLD = 4_096

function told(schema: JsonObject, whole: JsonObject, lost: ReadonlySet<string>): JsonObject {
  const words = [...lost].flatMap(name => {
    const text = whole[name] === undefined ? undefined : `${name}: ${JSON.stringify(whole[name])}`
    return text === undefined || text.length > MOST_TOLD ? [] : [text]
  })
  if (words.length === 0) return schema
  const before = typeof schema.description === 'string' ? `${schema.description}\n\n` : ''
  return { ...schema, description: `${before}{${words.join(', ')}}` }
}
