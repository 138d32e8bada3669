import fc from 'fast-check'
import t from 'tap'
import { header, isFieldValue } from '../../core/base/headers.js'
import { hasDotSegment, isPath, isQuery } from '../../core/base/request-target.js'
import { resolveRedirect, resolveReply } from '../../core/config/resolve-actions.js'
import { resolveMatch } from '../../core/config/resolve-match.js'
import { fixedReply, redirectReply } from '../../core/gateway/own-reply.js'
import { Router } from '../../core/gateway/router.js'

interface Asked {
  readonly path?: string
  readonly pathRegex?: string
  readonly to: string
  readonly request: string
  readonly query?: string
  readonly keepQuery?: boolean
  readonly host?: string
}

function location({
  to,
  request: path,
  query = '',
  keepQuery = true,
  host = 'Shop.test:8080',
  ...match
}: Asked): string | undefined {
  const matched = resolveMatch({ hosts: [], methods: [], headers: [], query: [], cookies: [], priority: 0, ...match })
  const request = { method: 'GET', scheme: 'http' as const, host, path, query, headers: [] }
  const { params } = new Router([{ match: matched, route: 0 }]).match('', request)
  const own = redirectReply(resolveRedirect({ to, status: 308, keepQuery }), matched)
  return header(own({ request, params, routedPath: path }).headers, 'location')
}

t.test('a redirect leads where its template says, with the query', async t => {
  t.equal(location({ path: '/a/{id}', to: '/b/{id}', request: '/a/7' }), '/b/7')
  t.equal(location({ path: '/a/{id}', to: '/b/{id}', request: '/a/7', query: 'x=1' }), '/b/7?x=1')
  t.equal(location({ path: '/a/{id}', to: '/b?id={id}#{id}', request: '/a/7%26', query: 'x=1' }), '/b?id=7%26&x=1#7%26')
  t.equal(location({ path: '/a/{id}', to: '/b?id={id}', request: '/a/7&x=2' }), '/b?id=7%26x%3D2', 'it stays one value')
  t.equal(location({ path: '/a', to: '/b', request: '/a', query: 'x=1', keepQuery: false }), '/b')
  t.equal(location({ path: '/*', to: 'https://{host}/{*}', request: '/a/b', query: 'x' }), 'https://shop.test/a/b?x')
  t.equal(location({ path: '/a/*', to: 'https://new.test', request: '/a/b' }), 'https://new.test/')
})

t.test('a Host that is no name is not redirected to', async t => {
  const to = { path: '/*', to: 'https://{host}/{*}', request: '/evil.test/a' }
  for (const host of ['', ':80', 'a%2Fb', 'a..b', "a'b", '.']) {
    t.throws(() => location({ ...to, host }), { code: 'GW_BAD_REQUEST' }, host)
  }
  t.equal(location({ ...to, host: '[::1]:80' }), 'https://[::1]/evil.test/a')
})

t.test('no request makes a redirect lead to another host', async t => {
  t.equal(location({ path: '/a/*', to: '/{*}', request: '/a//evil.test/x' }), '/evil.test/x')
  t.equal(location({ pathRegex: '/a(?<rest>.*)', to: '/{rest}', request: '/a/evil.test' }), '/evil.test')
  const piece = fc.constantFrom('a', '/', '//', '@', ':', '%2F', '%5C', '%0D%0A', '.', 'evil.test', '|', '^', '[', '`')
  const path = fc
    .array(piece, { maxLength: 8 })
    .map(pieces => `/a/${pieces.join('')}`)
    .filter(text => isPath(text) && !hasDotSegment(text))
  const query = fc
    .array(fc.constantFrom('a', '&', '=', '"', '{', '<', '\\', '/', '?'), { maxLength: 6 })
    .map(pieces => pieces.join(''))
  const to = fc.constantFrom('/{*}', '/x/{*}', 'https://shop.test/{*}', '/x?y={*}', 'https://shop.test/?y={*}#{*}')
  fc.assert(
    fc.property(path, query.filter(isQuery), to, (request, asked, target) => {
      const found = location({ path: '/a/*', to: target, request, query: asked }) ?? ''
      const url = new URL(found, 'https://shop.test')
      return url.host === 'shop.test' && isFieldValue(found) && /^[!#$%&'()*+,\-./:;=?@_~A-Za-z0-9]+$/.test(found)
    }),
    { numRuns: 5_000 }
  )
})

t.test('a fixed reply is the same each time, whatever was done to one of them', async t => {
  const own = fixedReply(resolveReply({ status: 503, headers: { 'Retry-After': '60' }, json: { down: true } }))
  const request = { method: 'GET', scheme: 'http' as const, host: '', path: '/', query: '', headers: [] }
  const first = own({ request, params: [], routedPath: '/' })
  first.headers.push('x-more', '1')
  const second = own({ request, params: [], routedPath: '/' })
  t.strictSame(second.headers, ['retry-after', '60', 'content-type', 'application/json'])
  t.strictSame([second.status, String(second.body)], [503, '{"down":true}'])
  t.strictSame(resolveReply({ status: 200, headers: {}, body: 'hi' }).headers, [
    ['content-type', 'text/plain; charset=utf-8']
  ])
  t.strictSame(resolveReply({ status: 204, headers: {} }).headers, [], 'no type of no body')
  t.strictSame(
    resolveReply({ status: 200, headers: { 'Content-Type': 'text/html' }, body: '<p>' }).headers,
    [['content-type', 'text/html']],
    'or the type one asks for'
  )
})
