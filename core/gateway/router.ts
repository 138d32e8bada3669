import { GatewayError } from '../base/errors.js'
import type { HeaderList } from '../base/headers.js'
import { normalPercents } from '../base/http.js'

/** What a route listens to. */
export interface RouteMatch {
  /** Host names, lower case: exact, or "*.example.com" for any name below. Empty: every host. */
  readonly hosts: readonly string[]
  /** Empty: every method. GET includes HEAD. */
  readonly methods: readonly string[]
  /** "/exact", "/with/{param}", "/prefix/*". */
  readonly path: string
}

export interface Matched<R> {
  readonly route: R
  /** Path parameters, name, value, …; values as they stand in the path, still percent-encoded. */
  readonly params: HeaderList
}

/**
 * Finds routes by host, path and method. The most specific host wins (exact, then the longest wildcard, then none);
 * within it, at each segment of the path a literal wins over a parameter, and both over a wildcard; of two routes on one
 * pattern, the one that names the method. A route that does not take the method lets the next best have the request.
 *
 * Most upstreams read "//" as "/" and "%61" as "a". Whoever could write a path that routes see differently would get
 * around the policies of a route: empty segments inside a path do not count here, and paths arrive in normal form.
 */
export class Router<R> {
  private readonly exactHosts = new Map<string, Node<R>>()
  /** Suffixes that begin with ".", longest first. */
  private readonly wildcardHosts: { suffix: string; root: Node<R> }[] = []
  private readonly anyHost = new Node<R>()
  private readonly rootOfAll = [this.anyHost]
  private readonly byHost: boolean

  constructor(routes: Iterable<{ readonly match: RouteMatch; readonly route: R }>) {
    for (const { match, route } of routes) {
      for (const root of this.rootsFor(match.hosts)) insert(root, match, route)
    }
    this.wildcardHosts.sort((a, b) => b.suffix.length - a.suffix.length)
    this.byHost = this.exactHosts.size + this.wildcardHosts.length > 0
  }

  /** @throws GatewayError GW_ROUTE_NOT_FOUND, or MethodNotAllowed when only the method does not fit */
  match(method: string, host: string, path: string): Matched<R> {
    const roots = this.byHost ? this.candidates(host) : this.rootOfAll
    for (const root of roots) {
      const found = search(root, method, path, 1, [])
      if (found !== undefined) return found
    }
    const allowed = new Set<string>()
    for (const root of roots) collectAllowed(root, path, 1, allowed)
    if (allowed.size > 0) throw new MethodNotAllowed(method, [...allowed])
    throw new GatewayError('GW_ROUTE_NOT_FOUND', `no route for ${method} ${host}${path}`)
  }

  private candidates(host: string): Node<R>[] {
    const name = hostName(host)
    const roots: Node<R>[] = []
    const exact = this.exactHosts.get(name)
    if (exact !== undefined) roots.push(exact)
    for (const { suffix, root } of this.wildcardHosts) {
      if (name.length > suffix.length && name.endsWith(suffix)) roots.push(root)
    }
    roots.push(this.anyHost)
    return roots
  }

  private rootsFor(hosts: readonly string[]): Node<R>[] {
    if (hosts.length === 0) return [this.anyHost]
    return hosts.map(host => {
      if (!host.startsWith('*.')) {
        const root = this.exactHosts.get(host) ?? new Node<R>()
        this.exactHosts.set(host, root)
        return root
      }
      const suffix = host.slice(1)
      const known = this.wildcardHosts.find(entry => entry.suffix === suffix)
      if (known !== undefined) return known.root
      const root = new Node<R>()
      this.wildcardHosts.push({ suffix, root })
      return root
    })
  }
}

/** A path is known, the method is not: the reply carries Allow (RFC 9110 §15.5.6). */
export class MethodNotAllowed extends GatewayError {
  constructor(
    method: string,
    readonly allow: readonly string[]
  ) {
    super('GW_METHOD_NOT_ALLOWED', `${method} is not one of ${allow.join(', ')}`)
  }
}

/** One segment deep in the tree of path patterns. */
class Node<R> {
  readonly literals = new Map<string, Node<R>>()
  parameter: Node<R> | undefined
  /** Routes that end here. */
  readonly exact: Leaf<R>[] = []
  /** Routes whose pattern ends in "/*" here. */
  readonly wildcard: Leaf<R>[] = []
}

interface Leaf<R> {
  readonly methods: ReadonlySet<string>
  readonly names: readonly string[]
  readonly route: R
}

function insert<R>(root: Node<R>, match: RouteMatch, route: R): void {
  const segments = match.path.split('/').slice(1)
  const prefix = segments.at(-1) === '*'
  if (prefix) segments.pop()
  const names: string[] = []
  let node = root
  for (const text of segments) {
    const segment = normalPercents(text)
    if (/^\{.+\}$/.test(segment)) {
      names.push(segment.slice(1, -1))
      node.parameter ??= new Node()
      node = node.parameter
      continue
    }
    let next = node.literals.get(segment)
    if (next === undefined) {
      next = new Node()
      node.literals.set(segment, next)
    }
    node = next
  }
  const methods = new Set(match.methods)
  if (methods.has('GET')) methods.add('HEAD') // RFC 9110 §9.3.2: HEAD is GET without the content
  const leaves = prefix ? node.wildcard : node.exact
  if (methods.size > 0) leaves.unshift({ methods, names, route })
  else leaves.push({ methods, names, route })
}

/** Depth first, most specific first; `from` is where a segment begins, one past its slash, past the end when none is left. */
function search<R>(
  node: Node<R>,
  method: string,
  path: string,
  from: number,
  values: string[]
): Matched<R> | undefined {
  // "/a/*" also serves "/a"
  if (from > path.length) return pick(node.exact, method, values) ?? pick(node.wildcard, method, values)
  const slash = path.indexOf('/', from)
  const end = slash === -1 ? path.length : slash
  const segment = path.slice(from, end)
  const literal = node.literals.get(segment)
  if (literal !== undefined) {
    const found = search(literal, method, path, end + 1, values)
    if (found !== undefined) return found
  }
  if (node.parameter !== undefined && segment !== '') {
    values.push(segment)
    const found = search(node.parameter, method, path, end + 1, values)
    if (found !== undefined) return found
    values.pop()
  }
  if (segment === '' && end < path.length) {
    const found = search(node, method, path, end + 1, values)
    if (found !== undefined) return found
  }
  return pick(node.wildcard, method, values)
}

function pick<R>(leaves: readonly Leaf<R>[], method: string, values: readonly string[]): Matched<R> | undefined {
  for (const { methods, names, route } of leaves) {
    if (methods.size > 0 && !methods.has(method)) continue
    const params: HeaderList = []
    for (let i = 0; i < names.length; i++) params.push(names[i] ?? '', values[i] ?? '')
    return { route, params }
  }
  return undefined
}

/** The methods of every pattern that fits the path: what Allow lists when none of them is the request's. */
function collectAllowed<R>(node: Node<R>, path: string, from: number, allowed: Set<string>): void {
  const add = (leaves: readonly Leaf<R>[]): void => {
    for (const { methods } of leaves) for (const method of methods) allowed.add(method)
  }
  add(node.wildcard)
  if (from > path.length) {
    add(node.exact)
    return
  }
  const slash = path.indexOf('/', from)
  const end = slash === -1 ? path.length : slash
  const segment = path.slice(from, end)
  const literal = node.literals.get(segment)
  if (literal !== undefined) collectAllowed(literal, path, end + 1, allowed)
  if (node.parameter !== undefined && segment !== '') collectAllowed(node.parameter, path, end + 1, allowed)
  if (segment === '' && end < path.length) collectAllowed(node, path, end + 1, allowed)
}

/** The name in a Host value: no port, lower case, no trailing dot; an IPv6 literal in brackets, in its usual form. */
function hostName(host: string): string {
  const colon = host.lastIndexOf(':')
  const name = colon > host.lastIndexOf(']') ? host.slice(0, colon) : host
  if (name.startsWith('[')) return URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : name
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase()
}
