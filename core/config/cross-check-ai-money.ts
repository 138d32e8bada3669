import { millionths } from '../base/dollars.js'
import { wholeNumber } from '../base/units.js'
import { listAt, textAt, valueAt } from './json.js'
import { type Path, showPath } from './problems.js'
import { repeats } from './repeats.js'

interface AiProblem {
  readonly path: Path
  readonly message: string
}

/** What budgets say that goes against each other or themselves. @param at - where their list is */
export function budgetProblems(value: unknown, at: Path): AiProblem[] {
  const budgets = listAt(value, at).map((_, index) => [...at, index])
  const names = budgets.map(path => textAt(value, [...path, 'name']))
  const twice = repeats(names).map(([index, first]) => ({
    path: [...at, index, 'name'],
    message: `${showPath([...at, first])} has this name too; expected each name once`
  }))
  return [...twice, ...budgets.flatMap(path => limitProblems(value, [...path, 'limit'], [...path, 'count']))]
}

function limitProblems(value: unknown, path: Path, count: Path): AiProblem[] {
  const limit = valueAt(value, path)
  if (typeof limit !== 'number' && typeof limit !== 'string') return []
  const counted = valueAt(value, count)
  const message = counted === 'dollars' ? wrongAmount(limit) : wrongCount(limit, String(counted))
  return message === undefined ? [] : [{ path, message }]
}

/** Text that is no number at all has its own check, and so has what is below 0. */
function wrongAmount(limit: string | number): string | undefined {
  const known = millionths(limit)
  if (known === 0) return 'is nothing; expected more than 0'
  if (known !== undefined || !(Number(limit) >= 0)) return undefined
  return 'has more than six digits after the point, or is too large; expected a decimal like 2.50'
}

function wrongCount(limit: string | number, counted: string): string | undefined {
  const known = wholeNumber(limit)
  if ((known !== undefined && known > 0) || !(Number(limit) >= 0)) return undefined
  if (Number(limit) > Number.MAX_SAFE_INTEGER) return `is too large; expected at most ${Number.MAX_SAFE_INTEGER}`
  return `is no whole number above 0; expected one, as ${counted} are counted`
}

/** Prices of the operator's catalog that are no amounts. @param at - where its models are */
export function catalogProblems(value: unknown, at: Path): AiProblem[] {
  const problems: AiProblem[] = []
  const visit = (found: unknown, path: Path): void => {
    if (typeof found === 'number' && isPrice(path) && found >= 0 && millionths(found) === undefined) {
      problems.push({ path, message: 'has more than six digits after the point; expected dollars like 0.075' })
    }
    if (typeof found !== 'object' || found === null) return
    for (const [key, part] of Object.entries(found)) visit(part, [...path, Array.isArray(found) ? Number(key) : key])
  }
  visit(valueAt(value, at), at)
  return problems
}

/** Numbers in a price are dollars, but for tokens of a tier and shares of services. */
function isPrice(path: Path): boolean {
  return (
    path.some(part => part === 'price' || part === 'prices') && !path.includes('services') && path.at(-1) !== 'tokens'
  )
}
