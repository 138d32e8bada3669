import { isObject, type JsonObject } from '../members.js'

/** Keywords whose value is data, in which a "$ref" is no reference. */
const DATA = new Set(['const', 'default', 'enum', 'example', 'examples'])

/** Keywords whose value has schemas by name: the names are no keywords. */
const NAMED = new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties'])

/** Where a schema goes, as a JSON pointer with its "#", and the pointers to what has an anchor in it, by the anchor's name. */
interface Move {
  readonly at: string
  readonly anchors: ReadonlyMap<string, string>
}

/**
 * A schema at another place, of another document: its references lead there. Anchors become pointers: another schema of the document may
 * have one of the same name.
 * @param at - the place as a JSON pointer, with its "#"
 */
export function movedSchema(schema: object, at: string): JsonObject {
  const anchors = new Map<string, string>()
  findAnchors(schema, '', anchors)
  const copy = moved(schema, { at, anchors })
  return isObject(copy) ? copy : {}
}

function findAnchors(schema: unknown, pointer: string, anchors: Map<string, string>): void {
  if (Array.isArray(schema)) for (const [i, each] of schema.entries()) findAnchors(each, `${pointer}/${i}`, anchors)
  if (!isObject(schema)) return
  if (typeof schema.$anchor === 'string') anchors.set(schema.$anchor, pointer)
  for (const [keyword, value] of Object.entries(schema)) {
    if (DATA.has(keyword)) continue
    const there = `${pointer}/${token(keyword)}`
    if (!NAMED.has(keyword) || !isObject(value)) findAnchors(value, there, anchors)
    else for (const [name, each] of Object.entries(value)) findAnchors(each, `${there}/${token(name)}`, anchors)
  }
}

/** A name in a JSON pointer that is the fragment of a URI (RFC 6901 §6). */
function token(name: string): string {
  return encodeURI(name.replaceAll('~', '~0').replaceAll('/', '~1')).replaceAll('#', '%23')
}

function moved(schema: unknown, move: Move): unknown {
  if (Array.isArray(schema)) return schema.map(each => moved(each, move))
  if (!isObject(schema)) return schema
  const copy: JsonObject = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === '$ref' && typeof value === 'string') copy.$ref = reference(value, move)
    else if (keyword === '$id' || keyword === '$schema' || keyword === '$anchor') continue
    else if (NAMED.has(keyword) && isObject(value)) copy[keyword] = byName(value, move)
    else copy[keyword] = DATA.has(keyword) ? value : moved(value, move)
  }
  return copy
}

function reference(to: string, { at, anchors }: Move): string {
  if (to === '#' || to.startsWith('#/')) return at + to.slice(1)
  const pointer = to.startsWith('#') ? anchors.get(to.slice(1)) : undefined
  return pointer === undefined ? to : at + pointer
}

function byName(schemas: JsonObject, move: Move): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, moved(schema, move)]))
}
