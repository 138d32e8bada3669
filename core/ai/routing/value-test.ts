import { WholePattern } from '../../base/whole-pattern.js'
import type { NumberTest, Scalar, ValueTest } from '../../config/schema-ai-conditions.js'

/**
 * Whether a value is as a condition says; undefined and null: there is none. Numbers and texts that say the same are the same, since metadata are texts
 * always. A list fits when one of its values does.
 */
export function valueTest(test: ValueTest): (value: unknown) => boolean {
  const tests: ((value: unknown) => boolean)[] = []
  const { is, in: among, prefix, regex, present } = test
  if (is !== undefined) tests.push(value => same(value, is))
  if (among !== undefined) tests.push(value => among.some(each => same(value, each)))
  if (prefix !== undefined) tests.push(value => isScalar(value) && String(value).startsWith(prefix))
  if (regex !== undefined) {
    const pattern = new WholePattern(regex)
    tests.push(value => isScalar(value) && pattern.test(String(value)))
  }
  if (numbersNamed(test)) {
    const fits = numberTest(test)
    tests.push(value => {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      return typeof number === 'number' && fits(number)
    })
  }
  const one = (value: unknown) => tests.every(each => each(value))
  return value => {
    const there = value !== undefined && value !== null
    if (present !== undefined && present !== there) return false
    if (tests.length === 0) return true
    return Array.isArray(value) ? value.some(one) : there && one(value)
  }
}

/** Whether a number is as a condition says. NaN never is. */
export function numberTest({ above, atLeast, below, atMost }: NumberTest): (value: number) => boolean {
  return value =>
    !Number.isNaN(value) &&
    (above === undefined || value > above) &&
    (atLeast === undefined || value >= atLeast) &&
    (below === undefined || value < below) &&
    (atMost === undefined || value <= atMost)
}

function numbersNamed({ above, atLeast, below, atMost }: NumberTest): boolean {
  return above !== undefined || atLeast !== undefined || below !== undefined || atMost !== undefined
}

function same(value: unknown, wanted: Scalar): boolean {
  return isScalar(value) && String(value) === String(wanted)
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
