import { isObject, type JsonObject } from '../members.js'

/** Keywords whose value is data, in which a "$ref" is no reference. */
const DATA = new Set(['const', 'default', 'enum', 'example', 'examples'])

/** The schemas of a document under names of their own: what refers to the root of a schema has to find it there. */
export class SchemaParts {
  readonly all: JsonObject

  constructor(first: JsonObject) {
    this.all = { ...first }
  }

  /** @returns what refers to it */
  add(name: string, schema: object): JsonObject {
    const at = `#/components/schemas/${name}`
    this.all[name] = moved(schema, at)
    return { $ref: at }
  }

  /** Any of these; each once. */
  anyOf(schemas: readonly object[]): object {
    const kinds = new Map(schemas.map(schema => [JSON.stringify(this.content(schema)), schema]))
    const [first, ...more] = kinds.values()
    return first === undefined || more.length === 0 ? (first ?? {}) : { anyOf: [...kinds.values()] }
  }

  /** What a reference made here leads to, so that the same schema of two versions is one. */
  private content(schema: object): unknown {
    const reference = '$ref' in schema ? String(schema.$ref) : ''
    return this.all[reference.replace('#/components/schemas/', '')] ?? schema
  }
}

/** A schema at another place of another document: its references lead there. */
function moved(schema: unknown, at: string): unknown {
  if (Array.isArray(schema)) return schema.map(each => moved(each, at))
  if (!isObject(schema)) return schema
  const copy: JsonObject = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === '$ref' && typeof value === 'string' && value.startsWith('#')) copy.$ref = `${at}${value.slice(1)}`
    else if (keyword === '$id' || keyword === '$schema') continue
    else copy[keyword] = DATA.has(keyword) ? value : moved(value, at)
  }
  return copy
}
