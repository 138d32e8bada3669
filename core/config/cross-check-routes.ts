import { forbidsBody } from '../base/http.js'
import { WholePattern, wrongRegex } from '../base/whole-pattern.js'
import { type CrossProblem, given, isInterpolated, routesOf, type View, written } from './cross-check-view.js'
import { parseDate, parseSpan } from './dates.js'
import { isOwnHeader } from './header-text.js'
import { keysAt, listAt, textAt, valueAt } from './json.js'
import { parsePattern } from './path-pattern.js'
import type { Path } from './problems.js'
import { paramsIn, splitTarget } from './template.js'

/** What the parts of one route say about each other. */
export function wrongRoutes(view: View): CrossProblem[] {
  return routesOf(view).flatMap(route => [
    ...actions(view, route),
    ...oneOf(view, [...route, 'match'], ['path', 'pathRegex']),
    ...conditions(view, route),
    ...version(view, route),
    ...places(view, route),
    ...reply(view, [...route, 'reply']),
    ...deprecation(view, [...route, 'deprecation'])
  ])
}

const ACTIONS = ['upstream', 'ai', 'redirect', 'reply']
/** What is about the request that goes upstream. */
const FOR_UPSTREAMS = ['stripPrefix', 'rewrite', 'upgrade', 'websocket', 'cache']
const UPSTREAM_TIMEOUTS = ['headers', 'idle']

function actions(view: View, route: Path): CrossProblem[] {
  const [action] = given(view, route, ACTIONS)
  const problems = oneOf(view, route, ACTIONS)
  if (action !== undefined && action !== 'upstream' && action !== 'ai') {
    const idle: Path[] = [
      ...given(view, route, FOR_UPSTREAMS).map(key => [...route, key]),
      ...given(view, [...route, 'timeouts'], UPSTREAM_TIMEOUTS).map(key => [...route, 'timeouts', key])
    ]
    problems.push(...idle.map(path => ({ path, message: `is for routes with an upstream; this one has a ${action}` })))
  }
  if (action === 'ai' && given(view, route, ['upgrade']).length > 0) {
    problems.push({ path: [...route, 'upgrade'], message: 'is for routes with an upstream; this one has ai' })
  }
  if (
    given(view, route, ['stripPrefix']).length > 0 &&
    valueAt(view.value, [...route, 'rewrite', 'path']) !== undefined
  ) {
    problems.push({
      path: [...route, 'stripPrefix'],
      message: 'and rewrite.path both say which path goes upstream; expected one of them'
    })
  }
  return problems
}

/** Exactly one of these keys. A place that is no mapping has its own problem. */
function oneOf(view: View, path: Path, keys: readonly string[]): CrossProblem[] {
  if (typeof valueAt(view.value, path) !== 'object') return []
  const [first, second] = given(view, path, keys)
  const expected = `expected one of ${keys.join(', ')}`
  if (first === undefined) return [{ path, message: `has none of ${keys.join(', ')}; ${expected}` }]
  return second === undefined ? [] : [{ path: [...path, second], message: `stands beside ${first}; ${expected}` }]
}

function conditions(view: View, route: Path): CrossProblem[] {
  return ['headers', 'query', 'cookies'].flatMap(kind =>
    listAt(view.value, [...route, 'match', kind]).flatMap((_, index) => {
      const path = [...route, 'match', kind, index]
      const [first, second] = given(view, path, ['value', 'prefix', 'regex', 'present'])
      if (first === undefined || second === undefined) return []
      return [
        {
          path: [...path, second],
          message: `stands beside ${first}; expected one of them, and another condition for the other`
        }
      ]
    })
  )
}

function version(view: View, route: Path): CrossProblem[] {
  const path = [...route, 'match', 'version']
  const by = [...path, 'by']
  const problems = oneOf(view, by, ['header', 'query', 'mediaType', 'path'])
  const name = textAt(view.value, [...by, 'path'])
  if (name === undefined) return problems
  const known = paramsOf(view, route)
  if (known !== undefined && !known.includes(name)) {
    problems.push({
      path: [...by, 'path'],
      message: `${written(view, [...by, 'path'])} is no parameter of the path; ${choices(known)}`
    })
  }
  if (valueAt(view.value, [...path, 'default']) === true) {
    problems.push({
      path: [...path, 'default'],
      message: 'a path always holds its version; expected a route of its own for the path without one'
    })
  }
  return problems
}

/** Every place of a template is something the path gives. */
function places(view: View, route: Path): CrossProblem[] {
  const known = paramsOf(view, route)
  if (known === undefined) return []
  const query = [...route, 'rewrite', 'query']
  const templates: Path[] = [
    [...route, 'rewrite', 'path'],
    [...route, 'redirect', 'to'],
    ...['set', 'add'].flatMap(key => keysAt(view.value, [...query, key]).map(name => [...query, key, name]))
  ]
  return templates.flatMap(path => {
    const text = textAt(view.value, path) ?? ''
    const template = path.at(-1) === 'to' ? (splitTarget(text)?.rest ?? '') : text
    return paramsIn(template)
      .filter(name => !known.includes(name))
      .map(name => ({
        path,
        message: `has ${isInterpolated(view, path) ? 'a place' : `{${name}}`}, which the path does not give; ${choices(known)}`
      }))
  })
}

/** What the path of a route gives: parameters or groups, "*" for the rest. undefined: the path is wrong itself. */
function paramsOf(view: View, route: Path): string[] | undefined {
  const pattern = parsePattern(textAt(view.value, [...route, 'match', 'path']) ?? '')
  if (pattern !== undefined) {
    const names = pattern.segments.flatMap(segment => ('param' in segment ? [segment.param] : []))
    return pattern.tail ? [...names, '*'] : names
  }
  const regex = textAt(view.value, [...route, 'match', 'pathRegex'])
  return regex === undefined || wrongRegex(regex) !== undefined ? undefined : [...new WholePattern(regex).groups]
}

function choices(known: readonly string[]): string {
  return known.length === 0 ? 'it has none' : `expected one of ${known.map(name => `{${name}}`).join(', ')}`
}

function reply(view: View, path: Path): CrossProblem[] {
  const problems: CrossProblem[] = []
  const bodies = given(view, path, ['body', 'json'])
  const status = valueAt(view.value, [...path, 'status'])
  if (bodies.length > 1) problems.push({ path: [...path, 'json'], message: 'stands beside body; expected one of them' })
  if (bodies[0] !== undefined && typeof status === 'number' && forbidsBody(status)) {
    problems.push({
      path: [...path, bodies[0]],
      message: `a reply with status ${status} has no body; expected none, or another status`
    })
  }
  const headers = keysAt(view.value, [...path, 'headers'])
  for (const [i, name] of headers.entries()) {
    const at = [...path, 'headers', name]
    if (isOwnHeader(name))
      problems.push({ path: at, message: 'is a header the gateway writes itself; expected another' })
    if (headers.findIndex(other => other.toLowerCase() === name.toLowerCase()) < i) {
      problems.push({ path: at, message: 'stands there in another case already; expected each header once' })
    }
  }
  return problems
}

function deprecation(view: View, path: Path): CrossProblem[] {
  const date = (...keys: Path) => parseDate(textAt(view.value, [...path, ...keys]) ?? '')
  const span = (...keys: Path) => parseSpan(textAt(view.value, [...path, ...keys]) ?? '')
  const since = date('since')
  const sunset = date('sunset')
  const problems: CrossProblem[] = []
  const wrong = (keys: Path, message: string) => problems.push({ path: [...path, ...keys], message })
  if (since !== undefined && sunset !== undefined && sunset < since)
    wrong(['sunset'], 'is before since; expected a later date')
  if (sunset === undefined && (span('grace') ?? 0) > 0)
    wrong(['grace'], 'there is no sunset; expected one, or no grace')
  for (const [i] of listAt(view.value, [...path, 'brownouts']).entries()) {
    const at = ['brownouts', i]
    const from = date(...at, 'from')
    const until = date(...at, 'until')
    const length = span(...at, 'for')
    const every = span(...at, 'every')
    if (length === 0) wrong([...at, 'for'], 'is no time at all; expected at least 1m')
    if (every !== undefined && length !== undefined && every <= length) {
      wrong([...at, 'every'], 'is not longer than one lasts; expected a longer time')
    }
    if (every === undefined && until !== undefined)
      wrong([...at, 'until'], 'there is but one; expected every too, or no until')
    if (from !== undefined && until !== undefined && until <= from)
      wrong([...at, 'until'], 'is not after from; expected a later date')
    if (from !== undefined && sunset !== undefined && from >= sunset) {
      wrong([...at, 'from'], 'is not before the sunset; expected an earlier date')
    }
  }
  return problems
}
