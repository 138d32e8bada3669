import { PEER_HEADERS } from '../base/headers.js'
import { bytes, SIZE_PATTERN } from '../base/units.js'
import { isRecord, listAt, valueAt } from './json.js'
import type { Path } from './problems.js'

/** What caches of routes say that goes against the rest of the configuration, or against itself. */
export function cacheProblems(value: unknown): { readonly path: Path; readonly message: string }[] {
  const budget = sizeAt(value, ['cache', 'bytes']) ?? bytes('64MiB')
  return listAt(value, ['routes']).flatMap((_, index) => {
    const cache = ['routes', index, 'cache']
    if (!isRecord(valueAt(value, cache))) return []
    const entry = sizeAt(value, [...cache, 'entryBytes']) ?? bytes('1MiB')
    const problems = []
    // Half of the budget at most is for what is arriving: more could never be stored.
    if (entry > budget / 2) {
      const path = valueAt(value, [...cache, 'entryBytes']) === undefined ? cache : [...cache, 'entryBytes']
      problems.push({ path, message: 'entryBytes is more than half of cache.bytes; expected less, or a larger cache' })
    }
    const key = [...cache, 'key']
    if (valueAt(value, [...key, 'query']) !== undefined && listAt(value, [...key, 'ignoreQuery']).length > 0) {
      problems.push({ path: [...key, 'ignoreQuery'], message: 'stands beside query; expected one of the two' })
    }
    for (const [i, name] of listAt(value, [...key, 'headers']).entries()) {
      if (typeof name !== 'string' || !PEER_HEADERS.has(name)) continue
      const message = `upstreams get another ${name} than clients send, and replies that vary by it are not stored; expected another header`
      problems.push({ path: [...key, 'headers', i], message })
    }
    return problems
  })
}

function sizeAt(value: unknown, path: Path): number | undefined {
  const text = valueAt(value, path)
  return typeof text === 'string' && new RegExp(SIZE_PATTERN).test(text) ? bytes(text) : undefined
}
