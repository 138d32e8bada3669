import { dereference, isRecord } from './json.js'
import { childOf, type Origin } from './origin.js'

/**
 * JSON pointers (RFC 6901) to the parts of a value that are secret: whose text comes from the environment or a file, or whose
 * schema says `writeOnly`.
 */
export function secretPointers(value: unknown, schema: unknown, origin: Origin | undefined): string[] {
  return secretBelow({ value, schemas: branches(schema, schema), origin, pointer: '' }, schema)
}

interface Part {
  readonly value: unknown
  /** All that is said of it. */
  readonly schemas: readonly Record<string, unknown>[]
  readonly origin: Origin | undefined
  readonly pointer: string
}

function secretBelow({ value, schemas, origin, pointer }: Part, root: unknown): string[] {
  if (origin?.written !== undefined || schemas.some(({ writeOnly }) => writeOnly === true)) return [pointer]
  if (typeof value !== 'object' || value === null) return []
  const inList = Array.isArray(value)
  return Object.entries(value).flatMap(([key, member]) => {
    const said = schemas.flatMap(schema => (inList ? [schema.items] : ofMember(schema, key)))
    return secretBelow(
      {
        value: member,
        schemas: said.flatMap(each => branches(each, root)),
        origin: childOf(origin, inList ? Number(key) : key),
        pointer: `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      },
      root
    )
  })
}

/** What a mapping's schema says of one member. */
function ofMember(
  { properties, patternProperties, additionalProperties }: Record<string, unknown>,
  key: string
): unknown[] {
  const named = isRecord(properties) && Object.hasOwn(properties, key) ? [properties[key]] : []
  const patterns = isRecord(patternProperties) ? Object.entries(patternProperties) : []
  const said = [...named, ...patterns.flatMap(([pattern, each]) => (new RegExp(pattern, 'u').test(key) ? [each] : []))]
  return said.length > 0 ? said : [additionalProperties]
}

/** A schema and those that it is made of. */
function branches(schema: unknown, root: unknown, depth = 0): Record<string, unknown>[] {
  const found = dereference(schema, root)
  if (!isRecord(found) || depth > MAX_DEPTH) return []
  const parts = [found.anyOf, found.oneOf, found.allOf].flatMap(each => (Array.isArray(each) ? each : []))
  return [found, ...parts.flatMap(each => branches(each, root, depth + 1))]
}

/** A schema may be made of itself. */
const MAX_DEPTH = 8
