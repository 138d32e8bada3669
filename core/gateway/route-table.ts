import type { Refusal } from '../base/refusal.js'
import { WholePattern } from '../base/whole-pattern.js'
import { addLeaf, type Leaf, type LeafMatch, leafOf, type Matched, type Misses, pick, type Wanted } from './leaf.js'
import { collect, insert, Node, search } from './path-tree.js'

/** The routes of one host and priority: a tree of path patterns, and a short list of regular expressions. */
export class RouteTable<R> {
  private readonly root = new Node<R>()
  private readonly regexes: { readonly pattern: WholePattern; readonly leaves: Leaf<R>[] }[] = []

  add(
    match: LeafMatch & { readonly path?: string | undefined; readonly pathRegex?: string | undefined },
    route: R
  ): void {
    if (match.pathRegex !== undefined) this.addRegex(match.pathRegex, match, route)
    else insert(this.root, match.path ?? '/*', match, route)
  }

  /** A pattern that ends in text or a parameter, else a regular expression, in their order, else a pattern that ends in "*". */
  find(wanted: Wanted, draw: () => number): Matched<R> | Refusal | undefined {
    const found = search(this.root, wanted, 1, [], draw)
    if (this.regexes.length === 0 || found?.open === false) return found?.matched
    const path = withoutEmptySegments(wanted.path)
    for (const { pattern, leaves } of this.regexes) {
      const values = pattern.match(path)
      const matched = values && pick(leaves, wanted, values, draw)
      if (matched !== undefined) return matched
    }
    return found?.matched
  }

  /** Why it has no route for the request. */
  explain(wanted: Wanted, misses: Misses): void {
    collect(this.root, wanted, 1, [], misses)
    const path = withoutEmptySegments(wanted.path)
    for (const { pattern, leaves } of this.regexes) {
      const values = pattern.match(path)
      if (values !== undefined) misses.add(leaves, wanted, values)
    }
  }

  private addRegex(source: string, match: LeafMatch, route: R): void {
    let entry = this.regexes.find(({ pattern }) => pattern.source === source)
    if (entry === undefined) {
      entry = { pattern: new WholePattern(source), leaves: [] }
      this.regexes.push(entry)
    }
    addLeaf(entry.leaves, leafOf(match, entry.pattern.groups, route))
  }
}

/** The path as the tree sees it: empty segments inside do not count. */
function withoutEmptySegments(path: string): string {
  return path.includes('//') ? path.replace(/\/{2,}/g, '/') : path
}
