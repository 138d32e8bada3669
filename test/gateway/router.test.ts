import fc from 'fast-check'
import t from 'tap'
import { GatewayError } from '../../core/base/errors.js'
import { Refusal } from '../../core/base/refusal.js'
import type { MatchCondition } from '../../core/config/resolve-match.js'
import { MethodNotAllowed } from '../../core/gateway/refusals.js'
import { type RouteMatch, Router } from '../../core/gateway/router.js'

interface Request {
  readonly method: string
  readonly host: string
  readonly path: string
  readonly headers: readonly string[]
  /** What a weight is drawn with. */
  readonly draw: number
}

/** The route, what would do instead, or nothing. */
type Answer = number | 'none' | string[]

/** A route with everything a request must fulfil worked out, the slow way. */
interface Fit {
  readonly match: RouteMatch
  readonly index: number
  readonly rank: string
  readonly takes: boolean
  readonly rate: number
}

/** What the router should find, written the slow and obvious way: rank every route that fits, take the best. */
function naive(routes: readonly RouteMatch[], request: Request): Answer {
  const there = routes.map((match, index) => ({ match, index })).filter(({ match }) => match.weight !== 0)
  const priorities = [...new Set(there.map(({ match }) => match.priority ?? 0))].sort((a, b) => b - a)
  const missed: Fit[] = []
  for (const priority of priorities) {
    const level = there.filter(({ match }) => (match.priority ?? 0) === priority)
    const hosts = [...new Set(level.flatMap(({ match }) => (match.hosts.length === 0 ? [''] : match.hosts)))]
    const fitting = hosts.filter(pattern => rankOfHost(pattern, request.host) !== undefined)
    fitting.sort((a, b) => (rankOfHost(b, request.host) ?? 0) - (rankOfHost(a, request.host) ?? 0))
    for (const host of fitting) {
      const table = level.filter(({ match }) => (host === '' ? match.hosts.length === 0 : match.hosts.includes(host)))
      const found = inTable(table, request, missed)
      if (found !== undefined) return found
    }
  }
  const allowed = allowedBy(missed)
  if (allowed.length > 0) return allowed
  return versionsOf(missed).length === 0 ? 'none' : versionsOf(missed)
}

/** Patterns that do not end in "*", then regular expressions, then the others. */
function inTable(
  table: readonly { readonly match: RouteMatch; readonly index: number }[],
  request: Request,
  missed: Fit[]
): Answer | undefined {
  /** By path pattern, however its parameters are called; the most specific first. */
  const plain = new Map<string, Fit[]>()
  const regexes = new Map<string, Fit[]>()
  for (const { match, index } of table) {
    const source = match.pathRegex
    const rank =
      source === undefined
        ? rankOfPath(match.path ?? '', request.path)
        : new RegExp(`^(?:${source})$`).test(request.path.replace(/\/+/g, '/'))
          ? 'regex'
          : undefined
    if (source !== undefined && !regexes.has(source)) regexes.set(source, [])
    if (rank === undefined || !(match.conditions ?? []).every(each => holds(each, request))) continue
    const rate = rateOf(match, request)
    const fit = { match, index, rank, rate, takes: rate > 0 && takes(match.methods, request.method) }
    if (!fit.takes) missed.push(fit)
    if (source === undefined) plain.set(rank, [...(plain.get(rank) ?? []), fit])
    else regexes.get(source)?.push(fit)
  }
  const ranks = [...plain.keys()].sort(compare)
  const rank = ranks.find(each => answerOf(plain.get(each) ?? [], request) !== undefined)
  const best = rank === undefined ? undefined : answerOf(plain.get(rank) ?? [], request)
  if (rank !== undefined && !rank.endsWith('c')) return best
  for (const fits of regexes.values()) {
    const found = answerOf(fits, request)
    if (found !== undefined) return found
  }
  return best
}

/** What the routes on one path say: one of them, or the versions there are. */
function answerOf(fits: readonly Fit[], request: Request): Answer | undefined {
  const best = bestOf(
    fits.filter(fit => fit.takes),
    request
  )
  if (best !== undefined) return best.index
  const version = fits.some(({ match, rate }) => rate === 0 && takes(match.methods, request.method))
  return version && allowedBy(fits).length === 0 ? versionsOf(fits) : undefined
}

const allowedBy = (fits: readonly Fit[]): string[] =>
  [...new Set(fits.filter(({ rate }) => rate > 0).flatMap(({ match: { methods } }) => withHead(methods)))].sort()
const versionsOf = (fits: readonly Fit[]): string[] =>
  [...new Set(fits.filter(({ rate }) => rate === 0).map(({ match }) => `version ${match.version?.name}`))].sort()

function bestOf(fits: readonly Fit[], request: Request): Fit | undefined {
  const strictness = ({ match }: Fit) => keysOf(match).length + (match.version === undefined ? 0 : 1)
  const sorted = [...fits].sort(
    (a, b) =>
      compare(a.rank, b.rank) ||
      strictness(b) - strictness(a) ||
      Number(b.match.methods.length > 0) - Number(a.match.methods.length > 0) ||
      a.index - b.index
  )
  const [first] = sorted
  if (first === undefined) return undefined
  const equals = sorted.filter(
    fit =>
      fit.rank === first.rank &&
      keysOf(fit.match).join() === keysOf(first.match).join() &&
      (fit.match.version === undefined) === (first.match.version === undefined)
  )
  const rate = Math.max(...equals.map(each => each.rate))
  const wanted = equals.find(each => each.rate === rate)
  if (wanted === undefined || wanted.match.weight === undefined) return wanted
  const shares = equals
    .filter(({ match }) => match.weight !== undefined && match.version?.name === wanted.match.version?.name)
    .flatMap(fit => Array.from({ length: fit.match.weight ?? 0 }, () => fit))
  return shares[Math.floor(request.draw * shares.length)]
}

function keysOf({ conditions = [] }: RouteMatch): string[] {
  return [...new Set(conditions.map(each => JSON.stringify(each)))].sort()
}

function holds({ name, must, text }: MatchCondition, { headers }: Request): boolean {
  const value = headers[headers.indexOf(name) + 1] ?? ''
  if (must === 'absent' || !headers.includes(name)) return must === 'absent' && !headers.includes(name)
  return must === 'present' || value === text
}

function rateOf({ version }: RouteMatch, { headers }: Request): number {
  if (version === undefined) return 1
  const at = headers.indexOf(version.by.name)
  if (at === -1) return version.default ? 1 : 0
  return headers[at + 1] === version.name ? 2 : 0
}

const withHead = (methods: readonly string[]): string[] =>
  methods.includes('GET') ? [...methods, 'HEAD'] : [...methods]
const takes = (methods: readonly string[], method: string): boolean =>
  methods.length === 0 || withHead(methods).includes(method)

function rankOfHost(pattern: string, host: string): number | undefined {
  if (pattern === '') return 0
  if (pattern === host) return 1_000
  return pattern.startsWith('*.') && host.endsWith(pattern.slice(1)) && host.length >= pattern.length
    ? pattern.length
    : undefined
}

/** A letter for each segment, earlier in the alphabet when more specific; undefined when the pattern does not fit. */
function rankOfPath(pattern: string, path: string): string | undefined {
  const wanted = pattern.split('/').slice(1)
  const last = path.endsWith('/') ? [''] : []
  const given = [...path.split('/').filter(segment => segment !== ''), ...last]
  const tail = wanted.at(-1) === '*'
  if (tail) wanted.pop()
  if (tail ? given.length < wanted.length : given.length !== wanted.length) return undefined
  let rank = ''
  for (const [i, segment] of wanted.entries()) {
    if (segment === given[i]) rank += 'a'
    else if (segment.startsWith('{') && given[i] !== '') rank += 'b'
    else return undefined
  }
  return rank + (tail ? 'c' : '')
}

/** Segment by segment; where one ends exactly and the other goes on with "*", the exact one. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const segment = fc.constantFrom('a', 'b', '{x}', '{y}')
const pattern = fc.tuple(fc.array(segment, { maxLength: 4 }), fc.constantFrom('', '/', '/*')).map(([segments, end]) => {
  const named = segments.map((each, i) => (each.startsWith('{') ? `{${each.slice(1, -1)}${i}}` : each))
  return (named.length === 0 ? '' : `/${named.join('/')}`) + end || '/'
})
const condition: fc.Arbitrary<MatchCondition> = fc.record({
  of: fc.constant('header'),
  name: fc.constantFrom('x-a', 'x-b'),
  must: fc.constantFrom('present', 'absent', 'value'),
  text: fc.constantFrom('1', '2')
})
const version = fc.record({
  name: fc.constantFrom('1', '2'),
  by: fc.constant({ kind: 'header' as const, name: 'x-version' }),
  default: fc.boolean()
})
const routes = fc.array(
  fc.record(
    {
      hosts: fc.uniqueArray(fc.constantFrom('a.test', 'b.a.test', '*.test', '*.a.test'), { maxLength: 2 }),
      methods: fc.uniqueArray(fc.constantFrom('GET', 'POST', 'PUT'), { maxLength: 2 }),
      path: pattern,
      pathRegex: fc.oneof(
        { arbitrary: fc.constant(undefined), weight: 4 },
        { arbitrary: fc.constantFrom('/a/[ab]+', '/.*b', '(?:/a)+', '/.*'), weight: 1 }
      ),
      conditions: fc.array(condition, { maxLength: 2 }),
      version: fc.option(version, { nil: undefined, freq: 2 }),
      priority: fc.constantFrom(0, 0, 0, 1, -1),
      weight: fc.constantFrom(undefined, undefined, 0, 1, 3)
    },
    { requiredKeys: ['hosts', 'methods', 'path'] }
  ),
  { maxLength: 12 }
)
const path = fc
  .array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 5 })
  .map(segments => `/${segments.join('/')}`)
const host = fc.constantFrom('a.test', 'b.a.test', 'c.b.a.test', 'x.test', 'test', 'other')

const headers = fc
  .tuple(...['x-a', 'x-b', 'x-version'].map(name => fc.constantFrom([], [name, '1'], [name, '2'], [name, '3'])))
  .map(lists => lists.flat())
const request: fc.Arbitrary<Request> = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PATCH'),
  host,
  path,
  headers,
  draw: fc.constantFrom(0, 0.2, 0.49, 0.5, 0.75, 0.99)
})

t.test('the router finds what a naive search finds', async t => {
  const kinds = new Set<string>()
  fc.assert(
    fc.property(routes, request, (list, wanted) => {
      const router = new Router(
        list.map((match, route) => ({ match, route })),
        () => wanted.draw
      )
      const expected = naive(list, wanted)
      const found = outcome(router, wanted)
      kinds.add(typeof found === 'number' ? 'found' : Array.isArray(found) ? (found[0]?.split(' ')[0] ?? '') : found)
      return JSON.stringify(found) === JSON.stringify(expected)
    }),
    { numRuns: 8_000 }
  )
  for (const kind of ['found', 'none', 'version', 'GET']) t.ok(kinds.has(kind), `${kind} comes up`)
})

t.test('the router finds among many routes on few paths what a naive search finds', async t => {
  const crowded = fc.array(
    fc.record({
      hosts: fc.constant([]),
      methods: fc.constantFrom([], ['GET'], ['GET', 'POST']),
      path: fc.constantFrom('/a', '/{x}', '/*'),
      pathRegex: fc.constantFrom(undefined, undefined, '/a?'),
      conditions: fc.array(condition, { maxLength: 1 }),
      version: fc.option(version, { nil: undefined }),
      weight: fc.constantFrom(undefined, 1, 2)
    }),
    { minLength: 3, maxLength: 12 }
  )
  fc.assert(
    fc.property(crowded, request, (list, { path: _, ...rest }) => {
      const wanted = { ...rest, path: '/a' }
      const router = new Router(
        list.map((match, route) => ({ match, route })),
        () => wanted.draw
      )
      return JSON.stringify(outcome(router, wanted)) === JSON.stringify(naive(list, wanted))
    }),
    { numRuns: 8_000 }
  )
  t.pass('for every table of routes')
})

function outcome(router: Router<number>, { host: name, headers: list, ...rest }: Request): Answer {
  try {
    return router.match(name, { ...rest, headers: [...list], query: '' }).route
  } catch (thrown) {
    if (thrown instanceof MethodNotAllowed) return [...thrown.allow].sort()
    if (thrown instanceof Refusal && Array.isArray(thrown.members.versions)) {
      return thrown.members.versions.map(each => `version ${each}`).sort()
    }
    if (thrown instanceof GatewayError && thrown.code === 'GW_ROUTE_NOT_FOUND') return 'none'
    throw thrown
  }
}

const one = (path: string, hosts: string[] = []) => routing([{ hosts, methods: [], path }])

/** A router whose routes are called as their paths. */
function routing(matches: readonly RouteMatch[], random?: () => number) {
  const router = new Router(
    matches.map((match, i) => ({ match, route: match.path ?? match.pathRegex ?? String(i) })),
    random
  )
  return {
    match: (method: string, name: string, target: string, headers: string[] = []) =>
      router.match(name, { method, path: target, query: '', headers })
  }
}

t.test('parameters are what stands in the path', async t => {
  t.strictSame(one('/a/{x}/{y}/*').match('GET', '', '/a/1%2F2/%7B/more').params, ['x', '1%2F2', 'y', '%7B'])
  t.strictSame(one('/a/{x}').match('GET', '', '/a//b').params, ['x', 'b'], 'an empty segment is none')
  t.throws(() => one('/a/{x}').match('GET', '', '/a/'))
})

t.test('a pattern with needless percent-encoding matches the path without', async t => {
  t.equal(one('/%61%2f').match('GET', '', '/a%2F').route, '/%61%2f')
})

t.test(
  'a host matches in any case, with any port, with a final dot, and in every spelling of an IPv6 address',
  async t => {
    const exact = one('/', ['a.test'])
    for (const name of ['a.test', 'A.Test', 'a.test:80', 'a.test.', 'a.test.:8080']) {
      t.equal(exact.match('GET', name, '/').route, '/', name)
    }
    for (const name of ['xa.test', 'a.test.com', '', ':80', '[::1]', '[', '[::1']) {
      t.throws(() => exact.match('GET', name, '/'), { code: 'GW_ROUTE_NOT_FOUND' }, name)
    }
    for (const name of ['[::1]', '[::1]:80', '[0:0:0:0:0:0:0:1]', '[::0001]']) {
      t.equal(one('/', ['[::1]']).match('GET', name, '/').route, '/', name)
    }
  }
)

t.test('names of Object.prototype are names like any other', async t => {
  t.throws(() => one('/a').match('GET', 'constructor', '/__proto__'), { code: 'GW_ROUTE_NOT_FOUND' })
  t.equal(one('/__proto__/{x}').match('GET', '', '/__proto__/1').route, '/__proto__/{x}')
})

t.test('a regular expression must fit the whole path in its normal form, and its groups are parameters', async t => {
  const orders = routing([{ hosts: [], methods: [], pathRegex: '/orders/(?<id>[0-9]+)(/items)?' }])
  t.strictSame(orders.match('GET', '', '/orders/12').params, ['id', '12', '2', ''])
  t.strictSame(orders.match('GET', '', '//orders///12/items').params, ['id', '12', '2', '/items'])
  for (const target of ['/x/orders/12', '/orders/12/', '/orders/12x', '/orders/']) {
    t.throws(() => orders.match('GET', '', target), { code: 'GW_ROUTE_NOT_FOUND' }, target)
  }
})

t.test('a regular expression takes no more time than the path is long', async t => {
  const greedy = routing([{ hosts: [], methods: [], pathRegex: '/(a+)+b' }])
  t.throws(() => greedy.match('GET', '', `/${'a'.repeat(10_000)}`), { code: 'GW_ROUTE_NOT_FOUND' })
})

t.test('regular expressions go before a pattern that ends in "*", behind one that does not', async t => {
  const router = routing([
    { hosts: [], methods: [], path: '/a/*' },
    { hosts: [], methods: [], path: '/a/{x}' },
    { hosts: [], methods: [], pathRegex: '/a/.*' },
    { hosts: [], methods: [], pathRegex: '/a/b/.*' }
  ])
  t.equal(router.match('GET', '', '/a/b').route, '/a/{x}')
  t.equal(router.match('GET', '', '/a/b/c').route, '/a/.*', 'the first that fits')
  t.equal(router.match('GET', '', '/a').route, '/a/*')
})

t.test('routes with weights get their share of the requests', async t => {
  let drawn = 0
  const matches = [1, 3, 0].map(weight => ({ hosts: [], methods: [], path: '/a', weight }))
  const router = new Router(
    matches.map((match, route) => ({ match, route })),
    () => drawn
  )
  const counts = [0, 0, 0]
  for (let i = 0; i < 100; i++) {
    drawn = i / 100
    const { route } = router.match('', { method: 'GET', path: '/a', query: '', headers: [] })
    counts[route] = (counts[route] ?? 0) + 1
  }
  t.strictSame(counts, [25, 75, 0])
})

t.test('a route whose weight is 0 is not there', async t => {
  const router = routing([{ hosts: [], methods: [], path: '/a', weight: 0 }])
  t.throws(() => router.match('GET', '', '/a'), { code: 'GW_ROUTE_NOT_FOUND' })
})

t.test(
  'a version that a path does not have is refused there; a less specific route does not answer instead',
  async t => {
    const by = { kind: 'header', name: 'x-v' } as const
    const v1 = { hosts: [], methods: ['GET'], path: '/api/*', version: { name: '1', by, default: false } }
    const router = routing([v1, { hosts: [], methods: [], path: '/*' }])
    t.equal(router.match('GET', '', '/api/a', ['x-v', '1']).route, '/api/*')
    t.throws(() => router.match('GET', '', '/api/a', ['x-v', '2']), { code: 'GW_VERSION_UNKNOWN' })
    t.throws(() => router.match('GET', '', '/api/a'), { code: 'GW_VERSION_MISSING' })
    t.equal(router.match('POST', '', '/api/a', ['x-v', '2']).route, '/*', 'it is not for this path at all')
    const fallback = routing([v1, { hosts: [], methods: [], path: '/api/*', priority: 0 }])
    t.equal(
      fallback.match('GET', '', '/api/a', ['x-v', '2']).route,
      '/api/*',
      'a route without a version takes all others'
    )
    const inPath = { ...v1, path: '/{v}/a', version: { ...v1.version, by: { kind: 'path', name: 'v' } as const } }
    t.equal(
      routing([inPath, { hosts: [], methods: [], path: '/*' }]).match('GET', '', '/2/a').route,
      '/*',
      'a path is another'
    )
  }
)
