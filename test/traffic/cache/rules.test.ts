import fc from 'fast-check'
import t from 'tap'
import { assess, freshFor } from '../../../core/traffic/cache/assess.js'
import { sameForRange, unchanged } from '../../../core/traffic/cache/conditional.js'
import { decide } from '../../../core/traffic/cache/decide.js'
import { noDirectives, parseDirectives } from '../../../core/traffic/cache/directives.js'
import { updatedHeaders } from '../../../core/traffic/cache/entry.js'
import { parseHttpDate } from '../../../core/traffic/cache/http-date.js'
import { cacheKey, dropUnkeyed, Keys, keyQuery } from '../../../core/traffic/cache/key.js'
import { placeOf, withoutDotSegments } from '../../../core/traffic/cache/place.js'
import { parseRange } from '../../../core/traffic/cache/range.js'
import { targetedDirectives } from '../../../core/traffic/cache/targeted.js'
import { selecting, selects } from '../../../core/traffic/cache/vary.js'
import { assessment, cacheRequest, cacheRules, entry, keyRules } from '../../support/cache-parts.js'

const NOW = Date.UTC(2026, 0, 1)
const TIMES = { requestedAt: NOW, receivedAt: NOW }
const ANYONE = { authorized: false, cookies: false }

function judged(
  headers: string[],
  more: { status?: number; rules?: Parameters<typeof cacheRules>[0]; facts?: typeof ANYONE } = {}
) {
  return assess({ status: more.status ?? 200, headers }, more.facts ?? ANYONE, cacheRules(more.rules), TIMES)
}

t.test('directives are read as RFC 9111 says', async t => {
  const read = (text: string) => {
    const plain: Record<string, unknown> = { ...noDirectives() }
    const found = Object.entries(parseDirectives(text)).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(plain[name])
    )
    return Object.fromEntries(found)
  }
  t.strictSame(read(''), {})
  t.strictSame(read(', ,no-store,,'), { noStore: true })
  t.strictSame(read('MAX-AGE=5, public'), { maxAge: 5, public: true })
  t.strictSame(read('no-cache="A, b", private="c"'), { withoutFields: ['a', 'b', 'c'] })
  t.strictSame(read('x="\\"max-age=1", s-maxage=2'), { sMaxAge: 2 })
  t.strictSame(read('x="max-age=1, no-store'), { noStore: true }, 'a quote that does not end hides nothing')
  t.strictSame(read('max-stale, min-fresh=3, only-if-cached'), { maxStale: Infinity, minFresh: 3, onlyIfCached: true })
  t.strictSame(read('max-age=99999999999999999999'), { maxAge: 2_147_483_648 })
  // In more than linear time these would take hours.
  for (const piece of [',', 'a ', 'a="', 'a ="', '"', 'a,', '\\', 'max-age="', ' '])
    parseDirectives(piece.repeat(1_000_000))
})

t.test('values that differ in blanks and lines alone select the same reply, however many blanks', async t => {
  const selected = selecting(['b', 'a', 'a'], ['a', '1,2', 'b', 'x'])
  t.strictSame(selected, ['a', '1,2', 'b', 'x'])
  t.ok(selects(selected, ['a', ' 1', 'b', ' x ', 'a', '2 ']))
  t.notOk(selects(selected, ['a', '1,2']))
  t.notOk(selects(selected, ['a', `1${' '.repeat(1_000_000)}2,3`, 'b', 'x'])) // in more than linear time: hours
})

t.test('what targets caches counts instead of Cache-Control', async t => {
  t.match(targetedDirectives(['cdn-cache-control', 'max-age=5']), { maxAge: 5 })
  t.match(targetedDirectives(['cdn-cache-control', 'max-age=5', 'surrogate-control', 'max-age=7']), { maxAge: 7 })
  t.match(targetedDirectives(['surrogate-control', 'max-age=60+30, content="ESI/1.0"']), {
    maxAge: 60,
    staleWhileRevalidate: 30,
    staleIfError: 30
  })
  for (const invalid of ['max-age=5,', 'Max-Age=5', 'max-age="5"', 'max-age', '', '&', 'max-age=5.5']) {
    t.equal(targetedDirectives(['cdn-cache-control', invalid]), undefined, invalid)
  }
})

t.test('a ttl of the operator counts where the reply says nothing, and nowhere else', async t => {
  const rules = { ttlMs: 60_000, notFoundTtlMs: 5_000 }
  const lifetime = (headers: string[], status = 200) => judged(headers, { status, rules })?.lifetimeMs
  t.equal(lifetime([]), 60_000)
  t.equal(lifetime(['cache-control', 'max-age=1']), 1_000)
  t.equal(lifetime(['cache-control', 'no-store']), undefined)
  t.equal(lifetime([], 301), 60_000)
  t.equal(lifetime([], 302), undefined)
  t.equal(lifetime([], 404), 5_000)
  t.equal(lifetime([], 500), undefined)
  t.equal(lifetime(['set-cookie', 'a=b']), undefined)
  t.equal(lifetime(['content-type', 'text/event-stream; charset=utf-8']), undefined)
  t.equal(judged([], { rules, facts: { authorized: false, cookies: true } }), undefined)
  t.equal(judged([], { rules, facts: { authorized: true, cookies: false } }), undefined)
})

t.test('what may be used stale, and what never', async t => {
  const rules = { staleWhileRevalidateMs: 10_000, staleIfErrorMs: 20_000 }
  const windows = (control: string) => {
    const found = judged(['cache-control', control, 'etag', '"e"'], { rules })
    return [found?.staleWhileRevalidateMs, found?.staleIfErrorMs]
  }
  t.strictSame(windows('max-age=1'), [10_000, 20_000])
  t.strictSame(windows('max-age=1, stale-while-revalidate=0, stale-if-error=5'), [0, 5_000])
  t.strictSame(windows('s-maxage=1'), [0, 0])
  t.strictSame(windows('s-maxage=1, stale-while-revalidate=7'), [7_000, 0], 'as CDNs read it')
  for (const never of ['must-revalidate', 'proxy-revalidate', 'no-cache']) {
    t.strictSame(windows(`max-age=1, stale-if-error=5, stale-while-revalidate=5, ${never}`), [0, 0], never)
  }
})

t.test('what could neither be used nor validated is not stored', async t => {
  t.equal(judged(['cache-control', 'max-age=0']), undefined)
  t.equal(judged(['cache-control', 'no-cache']), undefined)
  t.ok(judged(['cache-control', 'max-age=0', 'etag', '"e"']))
  t.ok(judged(['cache-control', 'max-age=0, stale-if-error=5']))
})

t.test(
  'a reply that varies by the address the upstream is told is not stored: no header of a request tells it',
  async t => {
    for (const vary of ['X-Forwarded-For', 'accept, x-real-ip', 'Forwarded', '*'])
      t.equal(judged(['cache-control', 'max-age=60', 'vary', vary]), undefined, vary)
    for (const vary of ['Accept', 'X-Forwarded-Proto, X-Forwarded-Host'])
      t.ok(judged(['cache-control', 'max-age=60', 'vary', vary]), `${vary} is compared, or in the key`)
  }
)

t.test('the time a reply was under way counts as age', async t => {
  const times = { requestedAt: NOW - 3_000, receivedAt: NOW }
  const found = assess(
    { status: 200, headers: ['cache-control', 'max-age=60', 'age', '5'] },
    ANYONE,
    cacheRules(),
    times
  )
  t.equal(found && freshFor(found, NOW + 1_000), 51_000)
})

t.test('what a client asks decides between what is stored and the upstream', async t => {
  const at = (control: string, now: number, found = {}) => {
    const decision = decide(entry({ found }), control === '' ? undefined : parseDirectives(control), now)
    return decision.use === 'ask' ? `ask ${decision.fwd}` : decision.use === 'stale' ? decision.detail : 'fresh'
  }
  t.equal(at('', 59_999), 'fresh')
  t.equal(at('', 60_000), 'ask stale', 'at its end it is stale')
  t.equal(at('max-age=10', 10_000), 'fresh')
  t.equal(at('max-age=10', 10_001), 'ask request')
  t.equal(at('min-fresh=50', 20_000), 'ask request')
  t.equal(at('max-stale', 1e9), 'max-stale')
  t.equal(at('max-stale=5', 65_000), 'max-stale')
  t.equal(at('max-stale=5', 65_001), 'ask stale')
  t.equal(at('max-stale', 1e9, { strict: true }), 'ask stale')
  t.equal(at('', 61_000, { staleWhileRevalidateMs: 5_000 }), 'stale-while-revalidate')
  t.equal(at('no-cache', 61_000, { staleWhileRevalidateMs: 5_000 }), 'ask request')
  t.equal(at('', 1, { noCache: true }), 'ask stale')
})

t.test('a 304 to If-None-Match compares weakly, a range to If-Range strongly', async t => {
  const stored = { etag: '"a,b"', lastModified: 'Thu, 01 Jan 2026 00:00:00 GMT', receivedAt: NOW }
  const same = (name: string, value: string) => unchanged([name, value], stored, NOW)
  t.ok(same('if-none-match', 'W/"a,b"'))
  t.ok(same('if-none-match', '"x", "a,b"'))
  t.ok(same('if-none-match', '*'))
  t.notOk(same('if-none-match', '"a"'), 'a comma in a tag separates nothing')
  t.ok(same('if-modified-since', 'Thu, 01 Jan 2026 00:00:00 GMT'))
  t.notOk(same('if-modified-since', 'Wed, 31 Dec 2025 23:59:59 GMT'))
  t.notOk(same('if-modified-since', 'tomorrow'))
  t.ok(sameForRange('"a,b"', stored))
  t.notOk(sameForRange('W/"a,b"', { ...stored, etag: 'W/"a,b"' }))
  t.ok(sameForRange('Thu, 01 Jan 2026 00:00:00 GMT', stored))
})

t.test('one range is served, several or malformed ones are ignored', async t => {
  t.strictSame(parseRange('bytes=0-1', 10), { from: 0, to: 2 })
  t.strictSame(parseRange('bytes=5-', 10), { from: 5, to: 10 })
  t.strictSame(parseRange('bytes=5-99', 10), { from: 5, to: 10 })
  t.strictSame(parseRange('bytes=-3', 10), { from: 7, to: 10 })
  t.strictSame(parseRange('bytes=-99', 10), { from: 0, to: 10 })
  for (const text of ['bytes=10-', 'bytes=10-20', 'bytes=-0']) t.equal(parseRange(text, 10), 'unsatisfiable', text)
  for (const text of ['bytes=0-1,3-4', 'bytes=5-4', 'bytes=-', 'bytes', 'lines=1-2', '']) {
    t.equal(parseRange(text, 10), undefined, text)
  }
})

t.test('dates are those of HTTP, and no others', async t => {
  const at = Date.UTC(1994, 10, 6, 8, 49, 37)
  for (const text of ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994']) {
    t.equal(parseHttpDate(text, NOW), at, text)
  }
  for (const text of [
    '1994-11-06',
    '784111777',
    '0',
    '',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT'
  ]) {
    t.equal(parseHttpDate(text, NOW), undefined, text)
  }
  t.equal(parseHttpDate('Thursday, 18-Aug-50 02:01:18 GMT', NOW), Date.UTC(2050, 7, 18, 2, 1, 18))
})

t.test('a key tells apart what may differ, and nothing else', async t => {
  const key = (more = {}, rules = keyRules()) => cacheKey('r', cacheRequest(more), rules, 'own')
  const same = key()
  t.equal(key({ host: 'A.TEST' }), same)
  t.equal(key({ headers: ['accept', 'x'] }), same)
  const differing = [
    { path: '/b' },
    { query: 'a' },
    { scheme: 'https' },
    { host: 'b.test' },
    { upstream: 'canary' },
    { consumer: 'ada' },
    { consumer: 'public' },
    { forwarded: 'https evil.test' }
  ].map(more => key(more))
  t.equal(new Set([same, ...differing]).size, 9)
  const rules = keyRules({ headers: ['x-tenant'] })
  t.not(key({ headers: ['x-tenant', 'a'] }, rules), key({ headers: ['x-tenant', 'b'] }, rules))
  t.notMatch(key({ headers: ['x-tenant', 'secret'] }, rules), /secret/, 'values of headers are not kept')
  t.equal(
    cacheKey('r', cacheRequest({ consumer: 'a' }), rules, 'public'),
    cacheKey('r', cacheRequest({ consumer: 'b' }), rules, 'public')
  )
})

t.test('a place is one text for all spellings of one resource, and for no other', async t => {
  const place = placeOf('a.test', '/~a/%7C')
  const spellings = [
    ['A.Test', '/~a/%7C'],
    ['a.test.', '/%7Ea/%7c'],
    ['a.test:80', '/%7e%61/|'],
    ['a.test:', '/~a/%7C'],
    ['a.test.:443', '/~a/%7C']
  ] as const
  for (const [host, path] of spellings) t.equal(placeOf(host, path), place, `${host}${path}`)
  t.equal(placeOf('[0:0:0:0:0:0:0:1]:80', '/'), placeOf('[::1]', '/'))
  t.equal(placeOf('a.test:08080', '/'), placeOf('a.test:8080', '/'))
  t.equal(placeOf('a.test', '/%C3%BC'), placeOf('a.test', '/ü'))
  const others = ['/', '//', '/a', '/A', '/a/', '/a//b', '/a/b', '/a%2Fb', '/a%2fb', '/a;b', '/a%3Bb', '/a%', '/\ud800']
  t.equal(new Set(others.map(path => placeOf('a.test', path))).size, others.length - 1, '%2F and %2f alone are one')
  t.equal(new Set(['a.test', 'b.test', 'a.test:8080', 'a.test:81', '[::1]'].map(host => placeOf(host, '/'))).size, 5)
})

t.test('dot segments are resolved as RFC 3986 has it', async t => {
  const resolved = {
    '/a/b/c/./../../g': '/a/g',
    '/a/..': '/',
    '/..': '/',
    '/a/b/..': '/a/',
    '/a/.': '/a/',
    '//a/../b': '//b',
    '/a//../b': '/a/b',
    '/.well-known/..a/b.': '/.well-known/..a/b.'
  }
  for (const [path, expected] of Object.entries(resolved)) t.equal(withoutDotSegments(path), expected, path)
})

t.test('the keys of a route are those of each request, however many came before', async t => {
  const one = <T>(...these: T[]) => fc.constantFrom(...these)
  const asked = fc.record({
    path: one('/a', '/b'),
    query: one('', 'x', 'y'),
    scheme: one('http', 'https'),
    host: one('a.test', 'A.test', 'b.test'),
    upstream: one('a', 'b'),
    consumer: one('', 'ada', 'public'),
    forwarded: one('', 'https a.test'),
    headers: one<string[]>([], ['x-tenant', 'a'], ['x-tenant', 'b'], ['cookie', 'c=1'], ['cookie', 'c=2'])
  })
  const rules = one(
    keyRules(),
    keyRules({ headers: ['x-tenant'] }),
    keyRules({ cookies: new Set(['c']) }),
    keyRules({ shareAcrossConsumers: true })
  )
  fc.assert(
    fc.property(rules, fc.array(asked, { maxLength: 20 }), (rules, requests) => {
      const keys = new Keys('r', rules)
      for (const request of requests.map(cacheRequest)) {
        t.equal(keys.own(request), cacheKey('r', request, rules, 'own'))
        const shared = rules.shareAcrossConsumers ? cacheKey('r', request, rules, 'public') : undefined
        t.equal(keys.public(request), shared)
      }
    })
  )
  const keys = new Keys('r', keyRules())
  for (let n = 0; n < 5_000; n++) keys.own(cacheRequest({ path: `/${n}` }))
  const long = cacheRequest({ path: `/${'a'.repeat(2_000)}` })
  for (const request of [cacheRequest({ path: '/1' }), long, long, cacheRequest({ path: '/4999' })]) {
    t.equal(keys.own(request), cacheKey('r', request, keyRules(), 'own'), 'more than are kept')
  }
})

t.test('parameters that do not count are taken off, the others keep every byte', async t => {
  const rules = keyRules({ queryIgnore: new Set(['utm', 'f b']), sortQuery: true })
  t.equal(keyQuery('b=2&utm=1&a=%20&a=1&f+b=x&f%20b=y', rules), 'a=%20&a=1&b=2')
  t.equal(keyQuery('%zz=1&b', rules), '%zz=1&b')
  t.equal(keyQuery('z&a=1', keyRules({ queryOnly: new Set(['a']) })), 'a=1')
  const request = { query: 'utm=1&b', headers: ['cookie', 'a=1; b=2', 'cookie', 'c=3'] }
  dropUnkeyed(request, keyRules({ queryIgnore: new Set(['utm']), cookies: new Set(['c', 'a']) }))
  t.strictSame(request, { query: 'b', headers: ['cookie', 'a=1; c=3'] })
  const listed = { query: '', headers: ['cookie', 'a=[1, 2]; b=3'] }
  dropUnkeyed(listed, keyRules({ cookies: new Set(['a']) }))
  t.strictSame(listed.headers, ['cookie', 'a=[1, 2]'], 'a comma is a part of a value')
  dropUnkeyed(request, keyRules({ cookies: new Set() }))
  t.strictSame(request.headers, [])
})

t.test('fields of a 304 take the place of stored ones, but for those of the body', async t => {
  t.strictSame(
    updatedHeaders(
      ['a', '1', 'a', '2', 'b', '3', 'content-encoding', 'gzip'],
      ['a', '4', 'content-encoding', 'br', 'content-length', '0']
    ),
    ['b', '3', 'content-encoding', 'gzip', 'a', '4']
  )
})

t.test('an assessment of a reply that says little is the default one', async t => {
  t.match(judged(['cache-control', 'max-age=60']), { ...assessment(), receivedAt: NOW })
})
