import fc from 'fast-check'
import t from 'tap'
import { GatewayError } from '../../core/base/errors.js'
import { MethodNotAllowed, type RouteMatch, Router } from '../../core/gateway/router.js'

/** What the router should find, written the slow and obvious way: rank every route that fits, take the best. */
function naive(routes: readonly RouteMatch[], method: string, host: string, path: string): number | 'none' | string[] {
  const fitting = routes.flatMap((match, index) => {
    const hostRank = rankOfHost(match.hosts, host)
    const pathRank = rankOfPath(match.path, path)
    return hostRank === undefined || pathRank === undefined ? [] : [{ match, index, hostRank, pathRank }]
  })
  const taking = fitting.filter(({ match: { methods } }) => takes(methods, method))
  taking.sort(
    (a, b) =>
      b.hostRank - a.hostRank ||
      compare(a.pathRank, b.pathRank) ||
      Number(b.match.methods.length > 0) - Number(a.match.methods.length > 0)
  )
  const [best] = taking
  if (best !== undefined) return best.index
  const allowed = new Set(fitting.flatMap(({ match: { methods } }) => withHead(methods)))
  return allowed.size > 0 ? [...allowed].sort() : 'none'
}

const withHead = (methods: readonly string[]): string[] =>
  methods.includes('GET') ? [...methods, 'HEAD'] : [...methods]
const takes = (methods: readonly string[], method: string): boolean =>
  methods.length === 0 || withHead(methods).includes(method)

function rankOfHost(hosts: readonly string[], host: string): number | undefined {
  if (hosts.length === 0) return 0
  const ranks = hosts.flatMap(pattern => {
    if (pattern === host) return [1_000]
    return pattern.startsWith('*.') && host.endsWith(pattern.slice(1)) && host.length >= pattern.length
      ? [pattern.length]
      : []
  })
  return ranks.length === 0 ? undefined : Math.max(...ranks)
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
const routes = fc.uniqueArray(
  fc.record({
    hosts: fc.uniqueArray(fc.constantFrom('a.test', 'b.a.test', '*.test', '*.a.test'), { maxLength: 2 }),
    methods: fc.uniqueArray(fc.constantFrom('GET', 'POST', 'PUT'), { maxLength: 2 }),
    path: pattern
  }),
  {
    maxLength: 12,
    // The configuration refuses two routes that could both serve a request equally well.
    comparator: (a, b) =>
      a.path.replace(/\{\w+\}/g, '{}') === b.path.replace(/\{\w+\}/g, '{}') &&
      (a.hosts.length + b.hosts.length === 0 || a.hosts.some(host => b.hosts.includes(host))) &&
      ((a.methods.length === 0 && b.methods.length === 0) || a.methods.some(method => b.methods.includes(method)))
  }
)
const path = fc
  .array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 5 })
  .map(segments => `/${segments.join('/')}`)
const host = fc.constantFrom('a.test', 'b.a.test', 'c.b.a.test', 'x.test', 'test', 'other')

t.test('the router finds what a naive search finds', async t => {
  fc.assert(
    fc.property(routes, fc.constantFrom('GET', 'HEAD', 'POST', 'PATCH'), host, path, (list, method, name, target) => {
      const router = new Router(list.map((match, route) => ({ match, route })))
      const expected = naive(list, method, name, target)
      let found: unknown
      try {
        found = router.match(method, name, target).route
      } catch (thrown) {
        if (thrown instanceof MethodNotAllowed) found = [...thrown.allow].sort()
        else if (thrown instanceof GatewayError && thrown.code === 'GW_ROUTE_NOT_FOUND') found = 'none'
        else throw thrown
      }
      return JSON.stringify(found) === JSON.stringify(expected)
    }),
    { numRuns: 5_000 }
  )
  t.pass('for every table of routes')
})

const one = (path: string, hosts: string[] = []) => new Router([{ match: { hosts, methods: [], path }, route: path }])

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
