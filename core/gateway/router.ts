import { GatewayError } from '../base/errors.js'
import type { HeaderList } from '../base/headers.js'

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
 * within it, at each segment of the path a literal wins over a parameter, and both over a wildcard.
 */
export class Router<R> {
  private readonly exactHosts = new Map<string, Node<R>>()
  /** Suffixes that begin with ".", longest first. */
  private readonly wildcardHosts: { suffix: string; root: Node<R> }[] = []
  private readonly anyHost = new Node<R>()
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
    const allowed = new Set<string>()
    for (const root of this.candidates(host)) {
      const found = search(root, method, path, allowed)
      if (found !== undefined) return found
    }
    if (allowed.size > 0) throw new MethodNotAllowed(method, [...allowed])
    throw new GatewayError('GW_ROUTE_NOT_FOUND', `no route for ${method} ${host}${path}`)
  }

  private candidates(host: string): Node<R>[] {
    if (!this.byHost) return [this.anyHost]
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
  for (const segment of segments) {
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
  if (methods.has('GET'))
    methods.add('HEAD') // RFC 9110 §9.3.2: HEAD is GET without the content
  ;(prefix ? node.wildcard : node.exact).push({ methods, names, route })
}

/** Depth first, most specific first. Collects the methods of patterns that fit the path in `allowed`. */
function search<R>(root: Node<R>, method: string, path: string, allowed: Set<string>): Matched<R> | undefined {
  const values: string[] = []

  const pick = (leaves: readonly Leaf<R>[]): Matched<R> | undefined => {
    for (const { methods, names, route } of leaves) {
      if (methods.size === 0 || methods.has(method)) {
        const params: HeaderList = []
        names.forEach((name, i) => {
          params.push(name, values[i] ?? '')
        })
        return { route, params }
      }
      for (const known of methods) allowed.add(known)
    }
    return undefined
  }

  /** `from` is where a segment begins, one past its slash; past the end of the path when no segment is left. */
  const walk = (node: Node<R>, from: number): Matched<R> | undefined => {
    if (from > path.length) return pick(node.exact) ?? pick(node.wildcard) // "/a/*" also serves "/a"
    const slash = path.indexOf('/', from)
    const end = slash === -1 ? path.length : slash
    const segment = path.slice(from, end)
    const literal = node.literals.get(segment)
    if (literal !== undefined) {
      const found = walk(literal, end + 1)
      if (found !== undefined) return found
    }
    if (node.parameter !== undefined && segment !== '') {
      values.push(segment)
      const found = walk(node.parameter, end + 1)
      if (found !== undefined) return found
      values.pop()
    }
    return pick(node.wildcard)
  }

  return walk(root, 1)
}

/** The name in a Host value: no port, lower case, no trailing dot; an IPv6 literal keeps its brackets. */
function hostName(host: string): string {
  const colon = host.lastIndexOf(':')
  const name = colon > host.lastIndexOf(']') ? host.slice(0, colon) : host
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase()
}
