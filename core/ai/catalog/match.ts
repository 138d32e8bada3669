import type { MatchLogic } from '@pydantic/genai-prices'

/** Says whether a model's name, in small letters, is meant. */
export type Match = (name: string) => boolean

/** A rule of the price list, made ready. The names it states in full are left out: `namesIn` has them, for a map. */
export function compile(rule: MatchLogic): Match {
  if ('equals' in rule) return () => false
  if ('or' in rule) return any(rule.or.filter(each => !('equals' in each)).map(compile))
  return whole(rule)
}

/** The names a rule states in full, in small letters. */
export function namesIn(rule: MatchLogic): string[] {
  if ('equals' in rule) return [rule.equals.toLowerCase()]
  return 'or' in rule ? rule.or.flatMap(namesIn) : []
}

function whole(rule: MatchLogic): Match {
  if ('equals' in rule) return same(rule.equals.toLowerCase())
  if ('starts_with' in rule) return startsWith(rule.starts_with.toLowerCase())
  if ('ends_with' in rule) return endsWith(rule.ends_with.toLowerCase())
  if ('contains' in rule) return contains(rule.contains.toLowerCase())
  // The list's expressions are its authors', not clients'; names are kept short before they come here.
  if ('regex' in rule) return matches(new RegExp(rule.regex, 'i'))
  if ('or' in rule) return any(rule.or.map(whole))
  const all = rule.and.map(whole)
  return name => all.every(each => each(name))
}

const same =
  (text: string): Match =>
  name =>
    name === text
const startsWith =
  (text: string): Match =>
  name =>
    name.startsWith(text)
const endsWith =
  (text: string): Match =>
  name =>
    name.endsWith(text)
const contains =
  (text: string): Match =>
  name =>
    name.includes(text)
const matches =
  (pattern: RegExp): Match =>
  name =>
    pattern.test(name)
const any = (parts: readonly Match[]): Match =>
  parts.length === 0 ? () => false : name => parts.some(each => each(name))
