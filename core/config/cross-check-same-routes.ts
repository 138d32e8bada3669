import { type CrossProblem, routesOf, texts, type View } from './cross-check-view.js'
import { normalHost, wrongHost } from './hosts.js'
import { isRecord, listAt, textAt, valueAt } from './json.js'
import { parsePattern, shapeOf } from './path-pattern.js'
import { type Path, showPath } from './problems.js'
import { plainVersion } from './resolve-match.js'

/** A route under one of its hosts. */
interface Entry {
  readonly route: Path
  readonly methods: readonly string[]
  readonly weighted: boolean
  /** undefined: the route has no version. */
  readonly version: { readonly name: string; readonly by: string; readonly default: boolean } | undefined
}

/** Two routes that would both take one request, with nothing to say which. */
export function sameRoutes(view: View): CrossProblem[] {
  const taken = new Map<string, Entry[]>()
  return routesOf(view).flatMap(route => {
    const key = keyOf(view, route)
    if (key === undefined) return []
    const entry = entryOf(view, route)
    const hosts = texts(view, [...route, 'match', 'hosts'])
    for (const text of hosts.length === 0 ? [''] : hosts) {
      const host = wrongHost(text) === undefined ? normalHost(text) : text
      const others = taken.get(`${host} ${key}`) ?? []
      taken.set(`${host} ${key}`, [...others, entry])
      for (const other of others) {
        const wrong = other.route === route ? undefined : clash(entry, other)
        if (wrong !== undefined) return [{ path: [...route, 'match'], message: `${showPath(other.route)} ${wrong}` }]
      }
    }
    return []
  })
}

/** The same for routes that match the same, but for host, methods, version and weight. */
function keyOf(view: View, route: Path): string | undefined {
  const pattern = parsePattern(textAt(view.value, [...route, 'match', 'path']) ?? '')
  const regex = textAt(view.value, [...route, 'match', 'pathRegex'])
  if (pattern === undefined && regex === undefined) return undefined
  const priority = valueAt(view.value, [...route, 'match', 'priority']) ?? 0
  const conditions = ['headers', 'query', 'cookies'].flatMap(kind =>
    listAt(view.value, [...route, 'match', kind]).map(each => conditionKey(kind, each))
  )
  const path = pattern === undefined ? `regex ${regex}` : shapeOf(pattern)
  return JSON.stringify([path, priority, [...new Set(conditions)].sort()])
}

/** However it is written: "present: true" is what it is when nothing is said, and the names of headers have no case. */
function conditionKey(kind: string, condition: unknown): string {
  if (!isRecord(condition)) return ''
  const { name, ...rest } = condition
  const plain = kind === 'headers' ? String(name).toLowerCase() : String(name)
  const must = Object.keys(rest).length === 0 ? { present: true } : rest
  return JSON.stringify([kind, plain, Object.entries(must).sort()])
}

function entryOf(view: View, route: Path): Entry {
  const match = [...route, 'match']
  const name = textAt(view.value, [...match, 'version', 'name'])
  const by = valueAt(view.value, [...match, 'version', 'by'])
  return {
    route,
    methods: texts(view, [...match, 'methods']),
    weighted: valueAt(view.value, [...match, 'weight']) !== undefined,
    version:
      name === undefined
        ? undefined
        : {
            name: plainVersion(name),
            by: JSON.stringify(by ?? null).toLowerCase(), // that there is none is said elsewhere
            default: valueAt(view.value, [...match, 'version', 'default']) === true
          }
  }
}

/** What is wrong between two routes that match the same; undefined when something tells them apart. */
function clash(a: Entry, b: Entry): string | undefined {
  if (!overlap(a.methods, b.methods)) return undefined
  if (a.version !== undefined && b.version !== undefined) {
    if (a.version.by !== b.version.by)
      return 'finds its version another way; expected one way for all versions of a path'
    if (a.version.name !== b.version.name) {
      return a.version.default && b.version.default ? 'is the default version too; expected one' : undefined
    }
  } else if (a.version !== b.version) return undefined
  if (a.weighted && b.weighted) return undefined
  return a.weighted || b.weighted
    ? 'takes the same requests; expected a weight in both, or in neither and another host, method, path, condition or priority'
    : 'takes the same requests; expected another host, method (GET brings HEAD), path, condition or priority, or a weight in both'
}

/** Whether two method lists have a method in common; GET brings HEAD. One that names a method goes before one that names none. */
function overlap(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return a.length === b.length
  const known = withHead(b)
  return withHead(a).some(method => known.includes(method))
}

function withHead(methods: readonly string[]): string[] {
  return methods.includes('GET') ? [...new Set([...methods, 'HEAD'])] : [...methods]
}
