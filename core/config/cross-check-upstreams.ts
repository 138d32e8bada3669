import { isRecord, keysAt, listAt, textAt, valueAt } from './json.js'
import { type Path, showPath } from './problems.js'
import { repeats } from './repeats.js'
import { parseTarget } from './targets.js'

interface Found {
  readonly path: Path
  readonly message: string
}

/** What the keys of an upstream say about each other. The value may be anything: its schema may have failed. */
export function upstreamProblems(value: unknown): Found[] {
  return keysAt(value, ['upstreams']).flatMap(name => {
    const path = ['upstreams', name]
    if (!isRecord(valueAt(value, path))) return []
    return [
      ...noTargets(value, path),
      ...sameTargets(listAt(value, [...path, 'targets']), [...path, 'targets']),
      ...discoverProblems(value, [...path, 'discover']),
      ...balanceProblems(value, [...path, 'balance']),
      ...idleKeys(value, path)
    ]
  })
}

/** Addresses that are listed twice, in a configuration or a targets file. */
export function sameTargets(targets: readonly unknown[], path: Path): Found[] {
  const origins = targets.map(target => {
    const text = typeof target === 'string' ? target : textAt(target, ['url'])
    return text === undefined ? undefined : parseTarget(text)?.origin
  })
  return repeats(origins).map(([index, first]) => ({
    path: [...path, index],
    message: `the same address as ${showPath([...path, first])}; expected each once`
  }))
}

function noTargets(value: unknown, path: Path): Found[] {
  const targets = valueAt(value, [...path, 'targets'])
  if (valueAt(value, [...path, 'discover']) !== undefined) return []
  if (targets === undefined) {
    return [{ path, message: 'there are no targets; expected "targets", a list of addresses, or "discover"' }]
  }
  if (!Array.isArray(targets) || targets.length > 0) return []
  return [{ path: [...path, 'targets'], message: 'an empty list; expected at least one address, or "discover"' }]
}

const SOURCES = ['dns', 'srv', 'file'] as const
/** Which keys of `discover` mean something beside which source. */
const SOURCE_OF: Readonly<Record<string, readonly string[]>> = { port: ['dns'] }

function discoverProblems(value: unknown, path: Path): Found[] {
  const discover = valueAt(value, path)
  if (!isRecord(discover)) return []
  const named = SOURCES.filter(key => discover[key] !== undefined)
  if (named.length !== 1) {
    const got = named.length === 0 ? 'it says nowhere to look' : `it has ${named.join(' and ')}`
    return [{ path, message: `${got}; expected one of dns, srv, file` }]
  }
  const [source = ''] = named
  return Object.entries(SOURCE_OF).flatMap(([key, sources]) =>
    discover[key] === undefined || sources.includes(source)
      ? []
      : [{ path: [...path, key], message: `means nothing beside "${source}"; expected it with ${sources.join(', ')}` }]
  )
}

/** Which options of `balance` are of which kind. */
const KIND_OF: Readonly<Record<string, string>> = {
  key: 'consistent-hash',
  maxLoad: 'consistent-hash',
  decay: 'peak-ewma',
  within: 'priority',
  threshold: 'priority'
}

function balanceProblems(value: unknown, path: Path): Found[] {
  const balance = valueAt(value, path)
  if (!isRecord(balance)) return []
  const { kind } = balance
  const strange = Object.entries(KIND_OF).flatMap(([key, wanted]) => {
    if (balance[key] === undefined || kind === wanted || typeof kind !== 'string') return []
    if (key === 'decay' && kind === 'priority' && balance.within === wanted) return []
    return [{ path: [...path, key], message: `is an option of ${wanted}; the kind is "${kind}"` }]
  })
  const { key } = balance
  if (!isRecord(key)) return strange
  const named = ['header', 'cookie', 'query'].filter(each => key[each] !== undefined)
  if (named.length === 1) return strange
  const got = named.length === 0 ? 'it names nothing' : `it names ${named.join(' and ')}`
  return [...strange, { path: [...path, 'key'], message: `${got}; expected one of header, cookie, query` }]
}

/** Keys without an effect: whoever wrote them meant one. */
function idleKeys(value: unknown, path: Path): Found[] {
  const watched =
    valueAt(value, [...path, 'health', 'active']) !== undefined ||
    isRecord(valueAt(value, [...path, 'health', 'passive']))
  if (valueAt(value, [...path, 'panic']) !== 'refuse' || watched) return []
  return [{ path: [...path, 'panic'], message: 'has no effect where health is not watched; expected health.active' }]
}
