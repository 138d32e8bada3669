import type { HttpRequest } from 'uWebSockets.js'
import fc from 'fast-check'
import t from 'tap'
import { toGatewayError } from '../../core/base/errors.js'
import { normalPercents } from '../../core/base/http.js'
import { checkHead, checkReceived, type HeadLimits, readHead } from '../../core/server/accept.js'
import { addressText } from '../../core/server/address.js'

const LIMITS = { headerBytes: 1_000, headers: 20 }

function head(path: string, ...headers: string[]) {
  return { method: 'GET', scheme: 'http' as const, host: 'a', path, query: '', headers: ['host', 'a', ...headers] }
}

t.test('the framing of a request is read strictly', async t => {
  t.strictSame(checkHead(head('/'), LIMITS), { kind: 'none' })
  t.strictSame(checkHead(head('/', 'content-length', '0'), LIMITS), { kind: 'sized', length: 0 })
  t.strictSame(checkHead(head('/', 'content-length', '123'), LIMITS), { kind: 'sized', length: 123 })
  t.strictSame(checkHead(head('/', 'transfer-encoding', 'Chunked'), LIMITS), { kind: 'chunked' })
  for (const value of ['', ' ', '-1', '+1', '1.0', '1e3', '0x1', '1,1', '1 1', '9'.repeat(16)]) {
    t.throws(() => checkHead(head('/', 'content-length', value), LIMITS), { code: 'GW_BAD_REQUEST' }, value)
  }
  for (const value of ['', 'identity', 'gzip', 'gzip, chunked', 'chunked, chunked', 'chunked;q=1', 'xchunked']) {
    t.throws(() => checkHead(head('/', 'transfer-encoding', value), LIMITS), { code: 'GW_BAD_REQUEST' }, value)
  }
})

t.test('what is wrong is refused wherever something right stood before', async t => {
  const right = ['', 'a', 'b\tc', 'é', 'x'.repeat(300)]
  const wrong = ['\n', 'a\r', '\0', 'b\tc\x7f', `${'x'.repeat(300)}\n`]
  for (const value of right) {
    for (const after of wrong) {
      t.doesNotThrow(() => checkHead(head('/', 'x-a', value), LIMITS))
      t.throws(() => checkHead(head('/', 'x-a', after), LIMITS), { code: 'GW_BAD_REQUEST' })
      t.throws(() => checkHead(head('/', 'x-a', after), LIMITS), { code: 'GW_BAD_REQUEST' }, 'and again')
      t.doesNotThrow(() => checkHead(head('/', 'x-b', value), LIMITS))
    }
  }
})

t.test('paths that upstreams read differently are refused, others are not', async t => {
  const bad = [
    '/.',
    '/..',
    '/a/..',
    '/a/./b',
    '/a/%2e%2e/b',
    '/a%2F..%2fb',
    '/a%5c..',
    '/..;/a',
    '/.;x',
    '/%',
    '/%2',
    '/%g0'
  ]
  for (const path of bad) t.throws(() => checkHead(head(path), LIMITS), { code: 'GW_BAD_REQUEST' }, path)
  const good = [
    '/',
    '/...',
    '/.a',
    '/a.',
    '/..a',
    '/a..b',
    '/a/.well-known/x',
    '/%2F',
    '/a;b',
    '/%20',
    '/%C3%A9',
    '/a%2e'
  ]
  for (const path of good) t.doesNotThrow(() => checkHead(head(path), LIMITS), path)
})

t.test('a path is brought to its normal form', async t => {
  const request = head('/%7euser/%2f%c3%a9%41')
  checkHead(request, LIMITS)
  t.equal(request.path, '/~user/%2F%C3%A9A')
  t.equal(normalPercents('/plain'), '/plain')
})

t.test('a Host is a host and maybe a port', async t => {
  for (const host of ['', 'a', 'a.b:80', '127.0.0.1:1', '[::1]', '[::1]:80', 'a_b', 'xn--a']) {
    t.doesNotThrow(() => checkHead({ ...head('/'), host }, LIMITS), host)
  }
  for (const host of [
    'a b',
    'a/b',
    'a@b',
    'http://a',
    'a:b',
    'a:1:2',
    '[::1',
    '[::1]x',
    'a"b',
    'é',
    'a\\b',
    'a?b',
    'a#b'
  ]) {
    t.throws(() => checkHead({ ...head('/'), host }, LIMITS), { code: 'GW_BAD_REQUEST' }, host)
  }
})

t.test('limits count the request line, names, values and separators', async t => {
  const size = 'GET / HTTP/1.1\r\nhost: a\r\nx: y\r\n'.length
  t.doesNotThrow(() => checkHead(head('/', 'x', 'y'), { headerBytes: size + 1, headers: 2 }))
  t.throws(() => checkHead(head('/', 'x', 'y'), { headerBytes: size - 1, headers: 2 }), {
    code: 'GW_HEADERS_TOO_LARGE'
  })
  t.throws(() => checkHead(head('/', 'x', 'y'), { headerBytes: size, headers: 1 }), { code: 'GW_HEADERS_TOO_LARGE' })
})

/** A GET as uWebSockets.js shows it, with texts that are new each time. */
function received(path: string, headers: readonly string[]) {
  const copy = (text: string) => Buffer.from(text, 'latin1').toString('latin1')
  const request = {
    getUrl: () => copy(path),
    getQuery: () => '',
    forEach(each: (name: string, value: string) => void) {
      for (let i = 0; i < headers.length; i += 2) each(copy(headers[i] ?? ''), copy(headers[i + 1] ?? ''))
    }
  }
  return readHead(request as unknown as HttpRequest, 'GET', 'http')
}

function outcome<T>(check: () => T): T | string {
  try {
    return check()
  } catch (thrown) {
    return toGatewayError(thrown).code
  }
}

t.test('a head is judged the same whatever came before it, and also where its headers are known', async t => {
  const pair = fc.constantFrom(
    ...[
      ['x-a', '1'],
      ['x-a', '2'],
      ['x-b', '1'],
      ['content-length', '1'],
      ['content-length', 'x'],
      ['expect', 'x']
    ],
    ...[
      ['transfer-encoding', 'chunked'],
      ['x-a', '\n'],
      ['connection', 'close'],
      ['connection', 'x'],
      ['host', 'b']
    ]
  )
  const headers = fc.array(pair, { maxLength: 4 }).map(pairs => ['host', 'a', ...pairs.flat()])
  const path = fc.constantFrom('/', '/b', '/%41', '/..', `/${'x'.repeat(60)}`)
  const limits = fc.constantFrom<HeadLimits>({ headerBytes: 100, headers: 4 }, { headerBytes: 120, headers: 3 })
  let known = 0
  const requests = fc.array(fc.tuple(headers, path, limits), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(requests, requests => {
      for (const [headers, path, limits] of [...requests, ...requests]) {
        const head = received(path, headers)
        if (head.known !== undefined) known++
        const fresh = {
          method: 'GET',
          scheme: 'http' as const,
          host: head.host,
          path,
          query: '',
          headers: [...headers]
        }
        const expected = outcome(() => checkHead(fresh, limits))
        t.strictSame(head.headers, headers)
        t.equal(head.host, headers.lastIndexOf('host') > 0 ? 'b' : 'a')
        const found = outcome(() => checkReceived(head, limits))
        t.strictSame(typeof found === 'string' ? found : found.framing, expected)
        if (typeof found !== 'string') t.equal(found.last, headers.includes('close'))
        t.equal(head.path, fresh.path)
      }
    })
  )
  t.ok(known > 100, 'many were known')
})

t.test('headers that come again are known as the same, others and those that were wrong are not', async t => {
  const ask = (path: string, ...headers: string[]) => {
    const head = received(path, ['host', 'a', ...headers])
    outcome(() => checkReceived(head, LIMITS))
    return head.known
  }
  t.equal(ask('/', 'x-first', '1'), undefined)
  const first = ask('/', 'x-first', '1')
  t.ok(first)
  t.equal(ask('/elsewhere', 'x-first', '1'), first, 'the path is not in it')
  t.not(ask('/', 'x-first', '2'), first)
  t.not(ask('/', 'x-firsu', '1'), first)
  t.not(ask('/', 'x-first', '1', 'x', ''), first)
  for (let i = 0; i < 40; i++) t.equal(ask('/', 'x-wrong', 'a\n'), undefined)
})

t.test('the list of an exchange is its own to change', async t => {
  const ask = () => {
    const head = received('/', ['host', 'a', 'x-own', '1'])
    checkReceived(head, LIMITS)
    return head
  }
  ask()
  ask().headers.length = 0
  t.strictSame(ask().headers, ['host', 'a', 'x-own', '1'])
})

t.test('addresses are written as people write them', async t => {
  const text = (...bytes: number[]): string => addressText(new Uint8Array(bytes).buffer)
  t.equal(text(127, 0, 0, 1), '127.0.0.1')
  t.equal(text(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1), '192.0.2.1')
  t.equal(text(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), '::1')
  t.equal(text(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), '::')
  t.equal(text(0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1), '2001:db8:0:1::1')
  t.equal(text(0xfe, 0x80, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1), 'fe80:0:1:1:1:1:1:1', 'one zero is written')
  t.equal(text(), '')
})
