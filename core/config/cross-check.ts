import { aiProblems, type ProviderFacts } from './cross-check-ai.js'
import { cacheProblems } from './cross-check-cache.js'
import { wrongRoutes } from './cross-check-routes.js'
import { sameRoutes } from './cross-check-same-routes.js'
import { crossCheckTls } from './cross-check-tls.js'
import { upstreamProblems } from './cross-check-upstreams.js'
import { type CrossProblem, hintFor, routesOf, type View, written } from './cross-check-view.js'
import { isRecord, keysAt, listAt, textAt, valueAt } from './json.js'
import type { Origin } from './origin.js'
import { parsePattern } from './path-pattern.js'
import { type Path, showPath } from './problems.js'
import { repeats } from './repeats.js'
import { didYouMean } from './suggest.js'

/**
 * What the parts of a configuration say about each other. The value may be anything (its schema may have failed):
 * what is not there is not compared, so everything that is wrong is said in one go.
 */
export function crossCheck(
  value: unknown,
  root: Origin,
  builtins: readonly string[],
  providers: readonly ProviderFacts[] = []
): CrossProblem[] {
  const view = { value, root, builtins }
  return [
    ...crossCheckTls(value),
    ...pluginsWithoutCode(view),
    ...upstreamProblems(value),
    ...sameNames(view),
    ...unknownNames(view),
    ...badPrefixes(view),
    ...wrongRoutes(view),
    ...sameRoutes(view),
    ...idleRecordHeader(view),
    ...cacheProblems(value),
    ...aiProblems(view, providers)
  ]
}

function pluginsWithoutCode({ value, builtins }: View): CrossProblem[] {
  return keysAt(value, ['plugins'])
    .filter(name => !builtins.includes(name) && valueAt(value, ['plugins', name, 'path']) === undefined)
    .map(name => ({
      path: ['plugins', name],
      message: `"${name}" is neither built in nor installed; expected a path to its folder${didYouMean(name, builtins)}`
    }))
}

function sameNames(view: View): CrossProblem[] {
  const names = routesOf(view).map(path => textAt(view.value, [...path, 'name']))
  return repeats(names).map(([index, first]) => ({
    path: ['routes', index, 'name'],
    message: `${showPath(['routes', first])} has the name ${written(view, ['routes', index, 'name'])} too; expected each name once`
  }))
}

function unknownNames(view: View): CrossProblem[] {
  // Where a section is no mapping at all, that is the problem, not every name that would be in it.
  const named = (section: string) =>
    isRecord(valueAt(view.value, [section])) ? keysAt(view.value, [section]) : undefined
  const upstreams = named('upstreams')
  const installed = named('plugins')
  const plugins = installed && [...new Set([...installed, ...view.builtins])].sort()
  return routesOf(view).flatMap(route => [
    ...unknown(view, [...route, 'upstream'], 'upstream', upstreams),
    ...listAt(view.value, [...route, 'policies']).flatMap((_, index) =>
      unknown(view, [...route, 'policies', index, 'plugin'], 'plugin', plugins)
    )
  ])
}

function unknown(view: View, path: Path, kind: string, known: readonly string[] | undefined): CrossProblem[] {
  const name = textAt(view.value, path)
  if (name === undefined || known === undefined || known.includes(name)) return []
  const choices = known.length === 0 ? `but there are no ${kind}s` : `expected one of ${known.join(', ')}`
  return [{ path, message: `no ${kind} ${written(view, path)}; ${choices}${hintFor(view, path, known)}` }]
}

function badPrefixes(view: View): CrossProblem[] {
  return routesOf(view).flatMap(route => {
    const prefix = textAt(view.value, [...route, 'stripPrefix'])
    const pattern = parsePattern(textAt(view.value, [...route, 'match', 'path']) ?? '')
    const wrong = prefix === undefined ? undefined : wrongPrefix(prefix, pattern?.text)
    if (wrong === undefined) return []
    const path = [...route, 'stripPrefix']
    return [{ path, message: `${written(view, path)} ${wrong}` }]
  })
}

function wrongPrefix(prefix: string, pattern: string | undefined): string | undefined {
  if (!prefix.startsWith('/')) return 'does not begin with "/"; expected whole segments like /v1'
  if (prefix.endsWith('/')) return 'ends in "/"; expected whole segments like /v1'
  if (prefix.includes('//')) return 'holds an empty segment, which no path is told by; expected whole segments like /v1'
  if (/[{}*]/.test(prefix)) return 'holds a parameter or a "*"; expected plain text like /v1'
  if (pattern === undefined || pattern === prefix || pattern.startsWith(`${prefix}/`)) return undefined
  return `is not what the path pattern begins with; expected whole segments of match.path`
}

/** A header that flags nobody's requests was meant to flag somebody's. */
function idleRecordHeader({ value }: View): CrossProblem[] {
  const path = ['record', 'header']
  if (!isRecord(valueAt(value, path)) || listAt(value, [...path, 'from']).length > 0) return []
  if (valueAt(value, [...path, 'token']) !== undefined) return []
  return [{ path, message: 'flags no request; expected "from" (whose requests it flags), "token", or both' }]
}
