import { cookieValues } from '../base/cookies.js'
import { allValues, type HeaderList } from '../base/headers.js'
import { WholePattern } from '../base/whole-pattern.js'
import type { MatchCondition } from '../config/resolve-match.js'

/** What of a request its route depends on, beside host, method and path. */
export interface Asked {
  readonly headers: HeaderList
  /** Without the "?". */
  readonly query: string
}

export type Condition = (asked: Asked) => boolean

/** Whether a request is as all of them say; undefined when there are none. */
export function allOf(conditions: readonly MatchCondition[]): Condition | undefined {
  const list = conditions.map(compile)
  return list.length === 0 ? undefined : asked => list.every(holds => holds(asked))
}

function compile({ of, name, must, text }: MatchCondition): Condition {
  const fits = fitting(must, text)
  if (of === 'header') {
    return ({ headers }) => {
      const there = has(headers, name)
      return must === 'absent' ? !there : there && fits(allValues(headers, name))
    }
  }
  const valuesOf = of === 'query' ? queryValues : ({ headers }: Asked) => cookieValues(headers, name)
  return asked => {
    const values = valuesOf(asked, name)
    return must === 'absent' ? values.length === 0 : values.some(fits)
  }
}

function fitting(must: MatchCondition['must'], text: string): (value: string) => boolean {
  switch (must) {
    case 'value':
      return value => value === text
    case 'prefix':
      return value => value.startsWith(text)
    case 'regex': {
      const pattern = new WholePattern(text)
      return value => pattern.test(value)
    }
    case 'present':
    case 'absent':
      return () => true
  }
}

function has(headers: HeaderList, name: string): boolean {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return true
  return false
}

/** The values of a query parameter, decoded. */
export function queryValues({ query }: Asked, name: string): string[] {
  if (query === '') return []
  return query.split('&').flatMap(pair => {
    const at = pair.indexOf('=')
    if (decoded(at === -1 ? pair : pair.slice(0, at)) !== name) return []
    return [at === -1 ? '' : decoded(pair.slice(at + 1))]
  })
}

/** As forms encode; what is no percent-encoded UTF-8 stays as it is. */
export function decoded(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
