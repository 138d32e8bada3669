import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  visit
} from 'yaml'
import { interpolate, type Sources } from './interpolate.js'
import type { Origin } from './origin.js'
import type { Path, Position } from './problems.js'
import { MAX_DEPTH, positionAt } from './yaml.js'

/** More values than any configuration has: aliases of aliases of aliases end here. */
const MAX_VALUES = 100_000

const CORE_TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(name => `tag:yaml.org,2002:${name}`)
)

/** A value of the configuration with where it came from. */
export interface Tree {
  readonly value: unknown
  readonly origin: Origin
}

export interface TreeProblem extends Position {
  readonly path: Path
  readonly message: string
}

/** Plain values out of a YAML document: aliases and merge keys followed, strings interpolated, every place noted. */
export function buildTree(
  document: Document.Parsed,
  lines: LineCounter,
  sources: Sources
): Tree & { readonly problems: readonly TreeProblem[] } {
  const builder = new Builder(lines, sources, anchorsOf(document))
  const tree = builder.node(document.contents, [])
  return { ...tree, problems: builder.problems }
}

/** Which node each alias stands for: the latest anchor of that name before it. */
function anchorsOf(document: Document.Parsed): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>()
  const targets = new Map<Alias, Node>()
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source)
        if (target !== undefined) targets.set(node, target)
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node)
    }
  })
  return targets
}

interface Entry {
  readonly key: string
  readonly keyAt: Position
  readonly value: unknown
  readonly through?: Position
}

class Builder {
  readonly problems: TreeProblem[] = []
  /** Anchored nodes being built: one that appears in itself never ends. */
  readonly #open = new Set<unknown>()
  #values = 0

  constructor(
    private readonly lines: LineCounter,
    private readonly sources: Sources,
    private readonly targets: ReadonlyMap<Alias, Node>
  ) {}

  /** The value of a node; `key` and `through` say how it was reached. Never throws. */
  node(node: unknown, path: Path, key?: Position, through?: Position): Tree {
    // A key with nothing behind it: the nothing is wherever the next token is, so the key says more.
    const at = (isNothing(node) ? key : undefined) ?? this.#at(node) ?? key ?? { line: 1, column: 1 }
    const origin = { at, ...(key && { key }), ...(through && { through }) }
    if (this.#tooMany(at, path)) return failed(origin)
    if (path.length > MAX_DEPTH) return this.#refuse(origin, path, `nested more than ${MAX_DEPTH} levels deep`)
    if (isAlias(node)) {
      const target = this.targets.get(node)
      if (target === undefined) return this.#refuse(origin, path, `no anchor "&${node.source}" before this alias`)
      if (this.#open.has(target))
        return this.#refuse(origin, path, `the alias "*${node.source}" is inside what it stands for`)
      return this.node(target, path, key, at)
    }
    const tag = isMap(node) || isSeq(node) || isScalar(node) ? node.tag : undefined
    if (tag !== undefined && !CORE_TAGS.has(tag))
      return this.#refuse(origin, path, 'a YAML tag that has no meaning here')
    this.#open.add(node)
    try {
      if (isMap(node)) return this.#map(this.#entries(node.items, path), origin, path)
      if (isSeq(node)) return this.#list(node.items, origin, path)
      return this.#scalar(isScalar(node) ? node.value : null, origin, path)
    } finally {
      this.#open.delete(node)
    }
  }

  #map(entries: readonly Entry[], origin: Origin, path: Path): Tree {
    const value: Record<string, unknown> = {}
    const children = new Map<string, Origin>()
    for (const entry of entries) {
      const child = this.node(entry.value, [...path, entry.key], entry.keyAt, entry.through)
      value[entry.key] = child.value
      children.set(entry.key, child.origin)
    }
    return { value, origin: { ...origin, children } }
  }

  #list(items: readonly unknown[], origin: Origin, path: Path): Tree {
    const trees = items.map((item, index) => this.node(item, [...path, index]))
    return {
      value: trees.map(tree => tree.value),
      origin: { ...origin, children: new Map(trees.map((tree, index) => [index, tree.origin])) }
    }
  }

  #scalar(value: unknown, origin: Origin, path: Path): Tree {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      return this.#refuse(origin, path, 'not a number that can be used; expected a finite one')
    }
    if (typeof value !== 'string') return { value, origin }
    const { text, fromSource, wrong } = interpolate(value, this.sources)
    for (const message of wrong) this.#say(origin.at, path, message)
    if (wrong.length > 0) return failed({ ...origin, written: value })
    return { value: text, origin: fromSource ? { ...origin, written: value } : origin }
  }

  /** What a mapping holds: its own keys, then what merge keys (`<<`) add to them; the earlier one wins. */
  #entries(pairs: readonly Pair[], path: Path): Entry[] {
    const entries = new Map<string, Entry>()
    const merges: Pair[] = []
    for (const pair of pairs) {
      const keyAt = this.#at(pair.key) ?? { line: 1, column: 1 }
      if (isMergeKey(pair.key)) {
        merges.push(pair)
        continue
      }
      const key = keyText(pair.key)
      const before = key === undefined ? undefined : entries.get(key)
      if (key === undefined) this.#say(keyAt, path, 'this cannot be a key; expected plain text')
      else if (key === '__proto__') this.#say(keyAt, path, 'the key "__proto__" cannot be used')
      else if (before !== undefined) {
        this.#say(keyAt, [...path, key], `the key "${key}" is there twice; the first is on line ${before.keyAt.line}`)
      } else entries.set(key, { key, keyAt, value: pair.value })
    }
    for (const [index, merge] of merges.entries()) {
      if (index > 0)
        this.#say(this.#at(merge.key) ?? { line: 1, column: 1 }, path, 'the key "<<" is there twice; use one list')
      for (const entry of this.#merged(merge.value, path)) if (!entries.has(entry.key)) entries.set(entry.key, entry)
    }
    return [...entries.values()]
  }

  #merged(source: unknown, path: Path, through?: Position): Entry[] {
    const target = isAlias(source) ? this.targets.get(source) : source
    const at = this.#at(source) ?? { line: 1, column: 1 }
    if (this.#tooMany(at, path)) return []
    if (isAlias(source) && target === undefined) {
      this.#say(at, path, `no anchor "&${source.source}" before this alias`)
    } else if (this.#open.has(target)) {
      this.#say(at, path, 'a mapping cannot be merged into itself')
    } else if (isMap(target)) {
      const by = isAlias(source) ? at : through
      this.#open.add(target)
      const entries = this.#entries(target.items, path)
      this.#open.delete(target)
      return entries.map(entry => ({ ...entry, ...(by && { through: by }) }))
    } else if (isSeq(target) && !isAlias(source)) {
      return target.items.flatMap(item => this.#merged(item, path))
    } else
      this.#say(at, path, '"<<" merges something that is no mapping; expected an alias of a mapping, or a list of them')
    return []
  }

  /** Counts a value or a merge; says once that there are too many. */
  #tooMany(at: Position, path: Path): boolean {
    this.#values++
    if (this.#values === MAX_VALUES + 1) {
      this.#say(at, path, `more than ${MAX_VALUES} values, counting what aliases and merge keys repeat`)
    }
    return this.#values > MAX_VALUES
  }

  #at(node: unknown): Position | undefined {
    if (!isAlias(node) && !isMap(node) && !isSeq(node) && !isScalar(node)) return undefined
    if (!node.range) return undefined
    return positionAt(this.lines, node.range[0])
  }

  #refuse(origin: Origin, path: Path, message: string): Tree {
    this.#say(origin.at, path, message)
    return failed(origin)
  }

  #say(at: Position, path: Path, message: string): void {
    this.problems.push({ ...at, path, message })
  }
}

function failed(origin: Origin): Tree {
  return { value: undefined, origin: { ...origin, failed: true } }
}

function isNothing(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null && node.range?.[0] === node.range?.[1])
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.source === '<<'
}

/** YAML allows any value as a key; here only text, as it was written: `404:` is the key "404". */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined
  return key.type === 'PLAIN' ? (key.source ?? String(key.value)) : String(key.value)
}
