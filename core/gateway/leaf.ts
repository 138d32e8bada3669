import type { HeaderList } from '../base/headers.js'
import type { Refusal } from '../base/refusal.js'
import type { MatchCondition, VersionMatch } from '../config/resolve-match.js'
import { type Asked, allOf, type Condition } from './conditions.js'
import { unknownVersion } from './refusals.js'
import { compileVersion, type Version } from './versions.js'

/** What a router is asked: one for each request. */
export interface Wanted extends Asked {
  readonly method: string
  readonly path: string
}

export interface Matched<R> {
  readonly route: R
  /** Path parameters, name, value, …; values as they stand in the path, still percent-encoded. */
  readonly params: HeaderList
}

/** What tells the routes on one path apart. */
export interface LeafMatch {
  /** Empty: every method. GET includes HEAD. */
  readonly methods: readonly string[]
  readonly conditions?: readonly MatchCondition[]
  readonly version?: VersionMatch | undefined
  readonly weight?: number | undefined
}

/** A route at the end of a path. */
export interface Leaf<R> {
  readonly methods: ReadonlySet<string>
  /** Of the path's parameters. */
  readonly names: readonly string[]
  readonly route: R
  /** undefined: there are none, as of most routes. */
  readonly conditions: Condition | undefined
  readonly version: Version | undefined
  /** 0: it has none. */
  readonly weight: number
  /** How many things a request must fulfil. */
  readonly strictness: number
  /** Equal for leaves whose conditions are, but for the version: they may share what fits them. */
  readonly conditionKey: string
}

export function leafOf<R>(match: LeafMatch, names: readonly string[], route: R): Leaf<R> {
  const { conditions = [], version, weight = 0 } = match
  const methods = new Set(match.methods)
  if (methods.has('GET')) methods.add('HEAD') // RFC 9110 §9.3.2: HEAD is GET without the content
  const keys = [...new Set(conditions.map(each => JSON.stringify(each)))].sort()
  return {
    methods,
    names,
    route,
    conditions: allOf(conditions),
    version: version && compileVersion(version),
    weight,
    strictness: keys.length + (version === undefined ? 0 : 1),
    conditionKey: keys.join()
  }
}

/** Puts a leaf where it belongs: more conditions first, then those that name a method, then in order of coming. */
export function addLeaf<R>(leaves: Leaf<R>[], leaf: Leaf<R>): void {
  const named = Number(leaf.methods.size > 0)
  const at = leaves.findIndex(
    other =>
      other.strictness < leaf.strictness ||
      (other.strictness === leaf.strictness && Number(other.methods.size > 0) < named)
  )
  leaves.splice(at === -1 ? leaves.length : at, 0, leaf)
}

/**
 * The first leaf that takes the request.
 * @param draw - a number from 0 up to 1
 * @returns a refusal when all that is wrong with the request is the version it asks for
 */
export function pick<R>(
  leaves: readonly Leaf<R>[],
  wanted: Wanted,
  values: readonly string[],
  draw: () => number
): Matched<R> | Refusal | undefined {
  let missed = false
  for (const leaf of leaves) {
    if (!admits(leaf, wanted)) continue
    if (leaf.version !== undefined && leaf.version.rate(wanted, leaf.names, values) === 0) {
      // A path parameter may hold anything: then it is another path, and no version of this one.
      missed ||= leaf.version.match.by.kind !== 'path'
      continue
    }
    const shares = leaf.version !== undefined || leaf.weight > 0
    const { names, route } = shares ? among(leaf, leaves, wanted, values, draw) : leaf
    const params: HeaderList = []
    for (let i = 0; i < names.length; i++) params.push(names[i] ?? '', values[i] ?? '')
    return { route, params }
  }
  return missed ? refusal(leaves, wanted, values) : undefined
}

function admits<R>({ methods, conditions }: Leaf<R>, wanted: Wanted): boolean {
  if (methods.size > 0 && !methods.has(wanted.method)) return false
  return conditions === undefined || conditions(wanted)
}

/** undefined when a method would help too: the version is there. */
function refusal<R>(leaves: readonly Leaf<R>[], wanted: Wanted, values: readonly string[]): Refusal | undefined {
  const misses = new Misses()
  misses.add(leaves, wanted, values)
  return misses.allowed.size > 0 ? undefined : unknownVersion(misses.versions, misses.named)
}

/** Of the leaves that match the same as `first`, the version that is wanted most; of several with weights, one drawn by them. */
function among<R>(
  first: Leaf<R>,
  leaves: readonly Leaf<R>[],
  wanted: Wanted,
  values: readonly string[],
  draw: () => number
): Leaf<R> {
  const rate = ({ version, names }: Leaf<R>): number => version?.rate(wanted, names, values) ?? 0
  const equals = leaves.filter(
    leaf =>
      leaf.conditionKey === first.conditionKey &&
      (leaf.version === undefined) === (first.version === undefined) &&
      admits(leaf, wanted) &&
      (leaf.version === undefined || rate(leaf) > 0)
  )
  let best = first
  for (const leaf of equals) if (rate(leaf) > rate(best)) best = leaf
  if (best.weight === 0) return best
  const drawn = equals.filter(leaf => leaf.weight > 0 && leaf.version?.match.name === best.version?.match.name)
  let left = draw() * drawn.reduce((sum, { weight }) => sum + weight, 0)
  for (const leaf of drawn) {
    left -= leaf.weight
    if (left < 0) return leaf
  }
  return best
}

/** Why no leaf took a request, for the reply that says so. */
export class Misses {
  /** Methods that would do. */
  readonly allowed = new Set<string>()
  /** Versions there are, where the one that is asked for is not. */
  readonly versions: VersionMatch[] = []
  /** Whether the request names a version. */
  named = false

  add<R>(leaves: readonly Leaf<R>[], wanted: Wanted, values: readonly string[]): void {
    for (const { conditions, version, methods, names } of leaves) {
      if (conditions !== undefined && !conditions(wanted)) continue
      if (version !== undefined && version.rate(wanted, names, values) === 0) {
        this.versions.push(version.match)
        this.named ||= version.names(wanted)
        continue
      }
      for (const method of methods) this.allowed.add(method)
    }
  }
}
