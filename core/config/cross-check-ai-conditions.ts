import type { CrossProblem } from './cross-check-view.js'
import { isRecord, listAt, valueAt } from './json.js'
import type { Path } from './problems.js'
import { ALONE, NAMED, TESTS } from './schema-ai-conditions.js'

const MAX_DEPTH = 16

/** Keys of a condition, and of those within it, that do not go together. */
export function conditionProblems(value: unknown, path: Path, depth = 0): CrossProblem[] {
  const condition = valueAt(value, path)
  if (!isRecord(condition) || depth > MAX_DEPTH) return []
  const within = [
    ...['all', 'any'].flatMap(key => listAt(condition, [key]).map((_, i) => [...path, key, i])),
    [...path, 'not']
  ]
  const wrong = wrongKeys(condition)
  return [
    ...(wrong === undefined ? [] : [{ path, message: wrong }]),
    ...within.flatMap(each => conditionProblems(value, each, depth + 1))
  ]
}

function wrongKeys(condition: Record<string, unknown>): string | undefined {
  const there = (keys: readonly string[]) => keys.filter(key => condition[key] !== undefined)
  const named = there(NAMED)
  const tests = there(TESTS)
  if (named.length > 1) return `it names ${named.join(' and ')}; expected one of them, and more under all`
  if (named.length === 1 && tests.length === 0) {
    return `it does not say how ${named[0]} must be; expected one of ${TESTS.join(', ')}`
  }
  if (named.length === 0 && tests.length > 0) {
    return `it does not say whose ${tests.join(' and ')}; expected one of ${NAMED.join(', ')}`
  }
  if (named.length + there(ALONE).length === 0)
    return `it says nothing; expected one of ${[...NAMED, ...ALONE].join(', ')}`
  const { tokens, time } = condition
  if (isRecord(tokens) && Object.keys(tokens).length === 0)
    return 'tokens says no number; expected above, atLeast, below or atMost'
  if (isRecord(time) && time.from === undefined && time.to === undefined && time.days === undefined) {
    return 'time says no time; expected from, to or days'
  }
  return undefined
}
