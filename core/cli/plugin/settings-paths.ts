import { isRecord } from '../../config/json.js'

/** A setting of a schema, at its path: "keys[].sha256"; "*" is any name. */
export interface Setting {
  readonly path: string
  readonly described: boolean
}

/** Every named setting of a JSON Schema. */
export function settingsOf(schema: unknown, path = ''): Setting[] {
  if (!isRecord(schema)) return []
  const named = Object.entries(properties(schema)).flatMap(([key, part]): Setting[] => {
    const here = join(path, key)
    const described = isRecord(part) && typeof part.description === 'string' && part.description.trim() !== ''
    return [{ path: here, described }, ...settingsOf(part, here)]
  })
  const found = [
    ...named,
    ...settingsOf(schema.items, `${path}[]`),
    ...branches(schema).flatMap(each => settingsOf(each, path)),
    ...anyName(schema).flatMap(each => settingsOf(each, join(path, '*')))
  ]
  const known = new Map<string, Setting>()
  for (const each of found) {
    const described = each.described || known.get(each.path)?.described === true
    known.set(each.path, { path: each.path, described }) // one branch of a union may describe it for all
  }
  return [...known.values()]
}

/** The settings of the schema that a value has. */
export function pathsUsed(schema: unknown, value: unknown, path = ''): string[] {
  if (!isRecord(schema)) return []
  const inBranches = branches(schema).flatMap(each => pathsUsed(each, value, path))
  if (Array.isArray(value)) {
    return [...inBranches, ...value.flatMap(item => pathsUsed(schema.items, item, `${path}[]`))]
  }
  if (!isRecord(value)) return inBranches
  const named = properties(schema)
  const used = Object.entries(value).flatMap(([key, member]) => {
    if (!Object.hasOwn(named, key)) return anyName(schema).flatMap(each => pathsUsed(each, member, join(path, '*')))
    return [join(path, key), ...pathsUsed(named[key], member, join(path, key))]
  })
  return [...inBranches, ...used]
}

function properties(schema: Record<string, unknown>): Record<string, unknown> {
  return isRecord(schema.properties) ? schema.properties : {}
}

function branches(schema: Record<string, unknown>): unknown[] {
  return [schema.anyOf, schema.oneOf, schema.allOf].flatMap(each => (Array.isArray(each) ? each : []))
}

/** What values of names that are not listed may be. */
function anyName({ additionalProperties, patternProperties }: Record<string, unknown>): unknown[] {
  return [additionalProperties, ...(isRecord(patternProperties) ? Object.values(patternProperties) : [])].filter(
    isRecord
  )
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
