import { normalPercents } from '../base/http.js'
import { wrongRegex } from '../base/whole-pattern.js'
import { HINT } from './suggest.js'

const LONGEST = 1_000

/** What is wrong with a regular expression for a value, or undefined. */
export function wrongValueRegex(text: string): string | undefined {
  if (text === '') return 'is empty; expected a regular expression'
  if (text.length > LONGEST) return `is too long; expected at most ${LONGEST} characters`
  return wrongRegex(text)
}

/** What is wrong with a regular expression for a path, or undefined. Paths are in normal form: what is not would never fit. */
export function wrongPathRegex(text: string): string | undefined {
  const wrong = wrongValueRegex(text)
  if (wrong !== undefined) return wrong
  if (/^\^|(?<!\\)\$$/.test(text))
    return 'has an anchor; it must fit the whole path anyway, so expected it without "^" and "$"'
  if (!/^[/(]/.test(text)) return 'does not begin with "/"; expected one for a whole path, like /orders/(?<id>[0-9]+)'
  if (normalPercents(text) !== text) {
    return `has a percent-encoding that paths in normal form have not${HINT}"${normalPercents(text)}"?`
  }
  return text.includes('//') ? 'has an empty segment ("//"); paths have them as one "/" here' : undefined
}
