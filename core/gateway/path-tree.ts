import { normalPercents } from '../base/http.js'
import type { Refusal } from '../base/refusal.js'
import { addLeaf, type Leaf, type LeafMatch, leafOf, type Matched, type Misses, pick, type Wanted } from './leaf.js'

/** One segment deep in the tree of path patterns. */
export class Node<R> {
  readonly literals = new Map<string, Node<R>>()
  parameter: Node<R> | undefined
  /** Routes that end here. */
  readonly exact: Leaf<R>[] = []
  /** Routes whose pattern ends in "/*" here. */
  readonly wildcard: Leaf<R>[] = []
}

export function insert<R>(root: Node<R>, path: string, match: LeafMatch, route: R): void {
  const segments = path.split('/').slice(1)
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
  addLeaf(prefix ? node.wildcard : node.exact, leafOf(match, names, route))
}

/** What the tree found. */
export interface Found<R> {
  readonly matched: Matched<R> | Refusal
  /** Whether the pattern ends in "*". */
  readonly open: boolean
}

/** Depth first, most specific first; `from` is where a segment begins, one past its slash, past the end when none is left. */
export function search<R>(
  node: Node<R>,
  wanted: Wanted,
  from: number,
  values: string[],
  draw: () => number
): Found<R> | undefined {
  const { path } = wanted
  if (from > path.length) {
    const matched = pick(node.exact, wanted, values, draw)
    return matched === undefined ? open(node, wanted, values, draw) : { matched, open: false } // "/a/*" also serves "/a"
  }
  const slash = path.indexOf('/', from)
  const end = slash === -1 ? path.length : slash
  const segment = path.slice(from, end)
  const literal = node.literals.get(segment)
  if (literal !== undefined) {
    const found = search(literal, wanted, end + 1, values, draw)
    if (found !== undefined) return found
  }
  if (node.parameter !== undefined && segment !== '') {
    values.push(segment)
    const found = search(node.parameter, wanted, end + 1, values, draw)
    if (found !== undefined) return found
    values.pop()
  }
  if (segment === '' && end < path.length) {
    const found = search(node, wanted, end + 1, values, draw)
    if (found !== undefined) return found
  }
  return open(node, wanted, values, draw)
}

function open<R>(node: Node<R>, wanted: Wanted, values: string[], draw: () => number): Found<R> | undefined {
  const matched = pick(node.wildcard, wanted, values, draw)
  return matched && { matched, open: true }
}

/** Asks the leaves of every pattern that fits the path why they did not take the request. */
export function collect<R>(node: Node<R>, wanted: Wanted, from: number, values: string[], misses: Misses): void {
  const { path } = wanted
  misses.add(node.wildcard, wanted, values)
  if (from > path.length) {
    misses.add(node.exact, wanted, values)
    return
  }
  const slash = path.indexOf('/', from)
  const end = slash === -1 ? path.length : slash
  const segment = path.slice(from, end)
  const literal = node.literals.get(segment)
  if (literal !== undefined) collect(literal, wanted, end + 1, values, misses)
  if (node.parameter !== undefined && segment !== '') {
    values.push(segment)
    collect(node.parameter, wanted, end + 1, values, misses)
    values.pop()
  }
  if (segment === '' && end < path.length) collect(node, wanted, end + 1, values, misses)
}
