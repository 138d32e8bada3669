import { type Complain, isObject, type JsonObject, Members } from '../../members.js'

/**
 * The members of an object of the Gemini API, in camel case: the API takes snake case too. Only this object's own names are changed, never
 * those within arguments, results or schemas.
 */
export function membersOf(value: unknown, path: string, complain: Complain): Members {
  return Members.of(isObject(value) ? camelCased(value, path, complain) : value, path, complain)
}

/** The members within a member. */
export function within(members: Members, name: string, complain: Complain): Members | undefined {
  const value = members.record(name)
  return value && membersOf(value, members.at(name), complain)
}

/** The objects of a list; one object stands for a list of one, as it does in the API. */
export function objects(members: Members, name: string, complain: Complain): Members[] {
  const value = members.any(name)
  if (isObject(value)) return [membersOf(value, members.at(name), complain)]
  if (value !== undefined && !Array.isArray(value)) members.fail(name, 'a list of objects', value)
  return Array.isArray(value) ? value.map((each, i) => membersOf(each, `${members.at(name)}[${i}]`, complain)) : []
}

/** A name in both spellings is refused: of two values the API may take the other one. */
function camelCased(object: JsonObject, path: string, complain: Complain): JsonObject {
  const names = Object.keys(object)
  if (!names.some(name => name.includes('_'))) return object
  const out: JsonObject = {}
  for (const name of names) {
    const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    if (camel !== name && Object.hasOwn(object, camel)) {
      throw complain(path === '' ? camel : `${path}.${camel}`, 'one spelling of the name', object[name])
    }
    out[camel] = object[name]
  }
  return out
}
