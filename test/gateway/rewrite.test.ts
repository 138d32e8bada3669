import fc from 'fast-check'
import t from 'tap'
import { hasDotSegment, isPath, isQuery } from '../../core/base/request-target.js'
import { resolveRewrite } from '../../core/config/resolve-actions.js'
import { resolveMatch } from '../../core/config/resolve-match.js'
import { compileRewrite, type Routed, wireTarget } from '../../core/gateway/rewrite.js'
import { Router } from '../../core/gateway/router.js'

const matching = (more: { readonly path?: string; readonly pathRegex?: string }) =>
  resolveMatch({ hosts: [], methods: [], headers: [], query: [], cookies: [], priority: 0, ...more })

interface Rewriting {
  readonly path?: string
  readonly query?: { set?: Record<string, string>; add?: Record<string, string>; remove?: string[] }
}

/** What goes upstream for a request on a route with this match. */
function sent(match: Parameters<typeof matching>[0], rewrite: Rewriting, path: string, query = ''): string {
  const matched = matching(match)
  const entry = rewrite.query && { set: {}, add: {}, remove: [], ...rewrite.query }
  const compiled = compileRewrite(
    resolveRewrite({ ...(rewrite.path !== undefined && { path: rewrite.path }), ...(entry && { query: entry }) }),
    matched
  )
  return wireTarget(routed(match, path, query), { stripPrefix: '', rewrite: compiled })
}

function routed(match: Parameters<typeof matching>[0], path: string, query = ''): Routed {
  const router = new Router([{ match: matching(match), route: 0 }])
  const request = { method: 'GET', scheme: 'http' as const, host: 'a.test', path, query, headers: [] }
  return { request, params: router.match('a.test', request).params, routedPath: path }
}

t.test('a path is written anew from its parameters and its rest', async t => {
  t.equal(sent({ path: '/orders/{id}/*' }, { path: '/o/{*}/{id}' }, '/orders/7/lines/1'), '/o/lines/1/7')
  t.equal(sent({ path: '/a/*' }, { path: '/b/{*}' }, '/a'), '/b/')
  t.equal(sent({ path: '/a/*' }, { path: '/b/{*}' }, '/a/'), '/b/')
  t.equal(sent({ path: '/*' }, { path: '/b/{*}' }, '/x/y/'), '/b/x/y/')
  t.equal(sent({ path: '/a/*' }, { path: '/b/{*}' }, '//a///x//y'), '/b/x/y', 'empty segments go')
  t.equal(sent({ pathRegex: '/u-(?<user>[a-z]+)(/.*)?' }, { path: '/users/{user}{2}' }, '/u-ann/x'), '/users/ann/x')
  t.equal(sent({ path: '/a/{x}' }, { path: '/b/{x}' }, '/a/1%2F%3F'), '/b/1%2F%3F', 'encoded as it came')
  t.equal(
    sent({ pathRegex: '/a(?<x>.*)2F' }, { path: '/b/{x}61' }, '/a%2F'),
    '/b/%2561',
    'no encoding is made of pieces'
  )
})

t.test('a path that a policy wrote stays', async t => {
  const exchange = routed({ path: '/a/{x}' }, '/a/1')
  exchange.request.path = '/policy'
  const rewrite = compileRewrite(resolveRewrite({ path: '/b/{x}' }), matching({ path: '/a/{x}' }))
  t.equal(wireTarget(exchange, { stripPrefix: '', rewrite }), '/policy')
})

t.test('parameters of the query are removed, set and added; the others stay as they were written', async t => {
  const query = { remove: ['key'], set: { id: '{id}' }, add: { from: 'a b&c' } }
  t.equal(
    sent({ path: '/o/{id}' }, { query }, '/o/7%26', 'k%65y=1&id=x&b=%20+&key&&id=y&c'),
    '/o/7%26?b=%20+&c&id=7%26&from=a%20b%26c'
  )
  t.equal(sent({ path: '/o/{id}' }, { query: { remove: ['a'] } }, '/o/7', 'a=1'), '/o/7', 'no "?" without a query')
  t.equal(sent({ path: '/o/{id}' }, { query: { add: { a: '1' } } }, '/o/7', 'a=0'), '/o/7?a=0&a=1')
})

t.test('pieces that make a dot segment together are refused', async t => {
  const match = { pathRegex: '/a(?<dot>.*)/b' }
  t.throws(() => sent(match, { path: '/{dot}/b' }, '/a./b'), { code: 'GW_BAD_REQUEST' })
  t.throws(() => sent(match, { path: '/.{dot}' }, '/a./b'), { code: 'GW_BAD_REQUEST' })
})

const piece = fc.constantFrom('a', '.', '..', '/', '//', '%2F', '%2e', ';', '&', '=', '+', '|', '%0D%0A', "'")
const paths = fc
  .array(piece, { maxLength: 8 })
  .map(pieces => `/a${pieces.join('')}/z`)
  .filter(path => isPath(path) && !hasDotSegment(path))
const template = fc
  .array(fc.constantFrom('{x}', '/', 'b', '.', '%2e'), { maxLength: 5 })
  .map(parts => `/${parts.join('')}`)

t.test('whatever the parameters are, a valid target goes upstream, or none', async t => {
  let refused = 0
  fc.assert(
    fc.property(paths, template, (path, to) => {
      try {
        const target = sent({ pathRegex: '/a(?<x>.*)/z' }, { path: to, query: { set: { q: '{x}' } } }, path)
        const [written = '', query = ''] = target.split('?')
        const value = /^q=[A-Za-z0-9._~%-]*$/.test(query)
        return isPath(written) && !hasDotSegment(written) && !written.includes('//') && isQuery(query) && value
      } catch (thrown) {
        refused++
        return thrown instanceof Error && 'code' in thrown && thrown.code === 'GW_BAD_REQUEST'
      }
    }),
    { numRuns: 5_000 }
  )
  t.ok(refused > 0, 'some are refused')
})

t.test('a route that rewrites nothing sends what it got, without its prefix', async t => {
  const target = (path: string, stripPrefix: string, query = '') =>
    wireTarget(routed({ path: '/*' }, path, query), { stripPrefix })
  t.equal(target('/a/b', ''), '/a/b')
  t.equal(target('/a/b', '/a', 'x=1'), '/b?x=1')
  t.equal(target('/a', '/a'), '/')
  t.equal(target('/ab', '/a'), '/ab')
})

t.test('a prefix goes by segments, as the router sees them, and what is left begins with one "/"', async t => {
  const target = (path: string, stripPrefix = '/api') => wireTarget(routed({ path: '/*' }, path), { stripPrefix })
  t.equal(target('//api/x'), '/x')
  t.equal(target('/api//x/y'), '/x/y')
  t.equal(target('//api///x//y/'), '/x//y/', 'only before what is left')
  t.equal(target('/api//'), '/')
  t.equal(target('//api'), '/')
  t.equal(target('///api//v1//x', '/api/v1'), '/x')
  t.equal(target('//apix/y'), '//apix/y')
  t.equal(target('//ap'), '//ap')
})

t.test('whatever a pattern takes is sent on without its prefix', async () => {
  const slashes = fc.constantFrom('/', '//', '///')
  const rest = fc.array(fc.tuple(slashes, fc.constantFrom('', 'api', 'v1', 'x')), { maxLength: 4 })
  fc.assert(
    fc.property(slashes, slashes, rest, (first, second, more) => {
      const tail = more.flat().join('')
      const path = `${first}api${second}v1${tail}`
      const target = wireTarget(routed({ path: '/api/v1/*' }, path), { stripPrefix: '/api/v1' })
      return target === `/${tail.replace(/^\/+/, '')}`
    })
  )
})
