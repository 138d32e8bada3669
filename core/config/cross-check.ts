import { normalHost, wrongHost } from './hosts.js'
import { isRecord, keysAt, listAt, textAt, valueAt } from './json.js'
import { locate, type Origin } from './origin.js'
import { parsePattern, shapeOf } from './path-pattern.js'
import { type Path, showPath } from './problems.js'
import { didYouMean } from './suggest.js'
import { parseTarget } from './targets.js'
import { shown } from './wording.js'

/** Something that no single value shows: it takes two to be wrong. */
export interface CrossProblem {
  readonly path: Path
  readonly message: string
}

/**
 * What the parts of a configuration say about each other. The value may be anything (its schema may have failed):
 * what is not there is not compared, so everything that is wrong is said in one go.
 */
export function crossCheck(value: unknown, root: Origin, builtins: readonly string[]): CrossProblem[] {
  const view = { value, root, builtins }
  return [
    ...samePort(view),
    ...pluginsWithoutCode(view),
    ...sameTargets(view),
    ...sameNames(view),
    ...unknownNames(view),
    ...badPrefixes(view),
    ...sameRoutes(view),
    ...idleRecordHeader(view)
  ]
}

interface View {
  readonly value: unknown
  readonly root: Origin
  readonly builtins: readonly string[]
}

function routesOf({ value }: View): Path[] {
  return listAt(value, ['routes']).map((_, index) => ['routes', index])
}

/** A value as the file has it: a name that was interpolated is not repeated. */
function written({ value, root }: View, path: Path): string {
  return shown(valueAt(value, path), locate(root, path).origin, false)
}

function hintFor({ value, root }: View, path: Path, known: readonly string[]): string {
  if (locate(root, path).origin?.written !== undefined) return ''
  return didYouMean(textAt(value, path) ?? '', known)
}

/** The clients' port and the operators': one process cannot have it twice. */
function samePort({ value }: View): CrossProblem[] {
  const port = valueAt(value, ['admin', 'port'])
  if (typeof port !== 'number' || port === 0 || port !== valueAt(value, ['listen', 'port'])) return []
  return [{ path: ['admin', 'port'], message: `${port} is listen.port too; expected another port` }]
}

function pluginsWithoutCode({ value, builtins }: View): CrossProblem[] {
  return keysAt(value, ['plugins'])
    .filter(name => !builtins.includes(name) && valueAt(value, ['plugins', name, 'path']) === undefined)
    .map(name => ({
      path: ['plugins', name],
      message: `"${name}" is neither built in nor installed; expected a path to its folder${didYouMean(name, builtins)}`
    }))
}

function sameTargets({ value }: View): CrossProblem[] {
  return keysAt(value, ['upstreams']).flatMap(name => {
    const path = ['upstreams', name, 'targets']
    const origins = listAt(value, path).map(target =>
      typeof target === 'string' ? parseTarget(target)?.origin : undefined
    )
    return repeats(origins).map(([index, first]) => ({
      path: [...path, index],
      message: `the same address as ${showPath([...path, first])}; expected each once`
    }))
  })
}

function sameNames(view: View): CrossProblem[] {
  const names = routesOf(view).map(path => textAt(view.value, [...path, 'name']))
  return repeats(names).map(([index, first]) => ({
    path: ['routes', index, 'name'],
    message: `${showPath(['routes', first])} has the name ${written(view, ['routes', index, 'name'])} too; expected each name once`
  }))
}

function unknownNames(view: View): CrossProblem[] {
  // Where a section is no mapping at all, that is the problem, not every name that would be in it.
  const named = (section: string) =>
    isRecord(valueAt(view.value, [section])) ? keysAt(view.value, [section]) : undefined
  const upstreams = named('upstreams')
  const installed = named('plugins')
  const plugins = installed && [...new Set([...installed, ...view.builtins])].sort()
  return routesOf(view).flatMap(route => [
    ...unknown(view, [...route, 'upstream'], 'upstream', upstreams),
    ...listAt(view.value, [...route, 'policies']).flatMap((_, index) =>
      unknown(view, [...route, 'policies', index, 'plugin'], 'plugin', plugins)
    )
  ])
}

function unknown(view: View, path: Path, kind: string, known: readonly string[] | undefined): CrossProblem[] {
  const name = textAt(view.value, path)
  if (name === undefined || known === undefined || known.includes(name)) return []
  const choices = known.length === 0 ? `but there are no ${kind}s` : `expected one of ${known.join(', ')}`
  return [{ path, message: `no ${kind} ${written(view, path)}; ${choices}${hintFor(view, path, known)}` }]
}

function badPrefixes(view: View): CrossProblem[] {
  return routesOf(view).flatMap(route => {
    const prefix = textAt(view.value, [...route, 'stripPrefix'])
    const pattern = parsePattern(textAt(view.value, [...route, 'match', 'path']) ?? '')
    const wrong = prefix === undefined ? undefined : wrongPrefix(prefix, pattern?.text)
    if (wrong === undefined) return []
    const path = [...route, 'stripPrefix']
    return [{ path, message: `${written(view, path)} ${wrong}` }]
  })
}

function wrongPrefix(prefix: string, pattern: string | undefined): string | undefined {
  if (!prefix.startsWith('/')) return 'does not begin with "/"; expected whole segments like /v1'
  if (prefix.endsWith('/')) return 'ends in "/"; expected whole segments like /v1'
  if (/[{}*]/.test(prefix)) return 'holds a parameter or a "*"; expected plain text like /v1'
  if (pattern === undefined || pattern === prefix || pattern.startsWith(`${prefix}/`)) return undefined
  return `is not what the path pattern begins with; expected whole segments of match.path`
}

/** A header that flags nobody's requests was meant to flag somebody's. */
function idleRecordHeader({ value }: View): CrossProblem[] {
  const path = ['record', 'header']
  if (!isRecord(valueAt(value, path)) || listAt(value, [...path, 'from']).length > 0) return []
  if (valueAt(value, [...path, 'token']) !== undefined) return []
  return [{ path, message: 'flags no request; expected "from" (whose requests it flags), "token", or both' }]
}

/** Two routes that would both take one request, with nothing to say which. */
function sameRoutes(view: View): CrossProblem[] {
  const taken = new Map<string, { readonly route: Path; readonly methods: readonly string[] }[]>()
  return routesOf(view).flatMap(route => {
    const pattern = parsePattern(textAt(view.value, [...route, 'match', 'path']) ?? '')
    if (pattern === undefined) return []
    const methods = texts(view, [...route, 'match', 'methods'])
    const hosts = texts(view, [...route, 'match', 'hosts'])
    for (const text of hosts.length === 0 ? [''] : hosts) {
      const host = wrongHost(text) === undefined ? normalHost(text) : text
      const key = `${host} ${shapeOf(pattern)}`
      const others = taken.get(key) ?? []
      const clash = others.find(other => overlap(methods, other.methods))
      taken.set(key, [...others, { route, methods }])
      if (clash === undefined || clash.route === route) continue
      const message = `${showPath(clash.route)} takes the same requests; expected another host, method (GET brings HEAD) or path`
      return [{ path: [...route, 'match'], message }]
    }
    return []
  })
}

/** Whether two method lists have a method in common; empty lists are every method, and GET brings HEAD. */
function overlap(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return true
  const known = withHead(b)
  return withHead(a).some(method => known.includes(method))
}

function withHead(methods: readonly string[]): string[] {
  return methods.includes('GET') ? [...new Set([...methods, 'HEAD'])] : [...methods]
}

function texts({ value }: View, path: Path): string[] {
  return listAt(value, path).filter(item => typeof item === 'string')
}

/** Index of each value that was there before, with the index of the first. */
function repeats(values: readonly (string | undefined)[]): [index: number, first: number][] {
  return values.flatMap((value, index) => {
    const first = values.indexOf(value)
    return value !== undefined && first < index ? [[index, first]] : []
  })
}
