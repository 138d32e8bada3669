import t from 'tap'
import {
  type Context,
  type RequestInit,
  RequestInput,
  ResponseInput,
  type Verdict
} from '../../core/plugin-host/gen/policy.js'
import { fixtureGuest } from './guest.js'

const guest = await fixtureGuest('tools')

const context: Partial<Context> = {
  exchangeId: 'e-1',
  route: 'orders',
  upstream: 'api',
  consumer: 'ada',
  params: ['order', '1', 'item', '2'],
  tags: ['team', 'a', 'team', 'b'],
  state: Buffer.from('kept'),
  nowMs: 1_700_000_000_123
}

const request: RequestInit = {
  method: 'GET',
  scheme: 'https',
  host: 'example.org:8443',
  path: '/orders/1%202',
  query: 'q=a%20b+c&flag&a+b=odd&q=second',
  headers: ['x-one', '1', 'x-many', 'a', 'cookie', 'x=1; id=abc', 'x-many', 'b😀', 'cookie', 'other=2'],
  clientIp: '2001:db8::1'
}

t.test('a request is seen as it is', async t => {
  guest.configure({ ask: 'look' })
  const verdict = guest.verdict('on_request', RequestInput.encode({ context, request }).finish())
  t.equal(verdict.reply?.status, 200)
  t.strictSame(verdict.reply?.headers, ['content-type', 'application/json'])
  t.strictSame(replied(verdict), {
    method: 'GET',
    scheme: 'https',
    host: 'example.org:8443',
    path: '/orders/1%202',
    query: 'q=a%20b+c&flag&a+b=odd&q=second',
    clientIp: '2001:db8::1',
    header: '1',
    noHeader: '',
    hasHeader: true,
    headerIs: true,
    many: ['a', 'b😀'],
    visited: 'x-one=1;x-many=a;cookie=x=1; id=abc;x-many=b😀;cookie=other=2;',
    q: 'a b c',
    flag: true,
    odd: 'odd',
    cookie: 'abc',
    noCookie: '',
    param: '1',
    tag: 'b',
    hasTag: false,
    exchangeId: 'e-1',
    route: 'orders',
    upstream: 'api',
    consumer: 'ada',
    state: 'kept',
    nowMs: 1_700_000_000_123,
    body: ''
  })
})

t.test('nothing of one request is left in the next', async t => {
  guest.configure({ ask: 'look' })
  guest.verdict('on_request', RequestInput.encode({ context, request }).finish())
  const seen = replied(guest.verdict('on_request', RequestInput.encode({}).finish()))
  for (const [name, value] of Object.entries(seen)) {
    t.ok(value === '' || value === false || value === 0 || (Array.isArray(value) && value.length === 0), name)
  }
})

t.test('a hundred headers are seen, in order', async t => {
  guest.configure({ ask: 'look' })
  const headers = Array.from({ length: 100 }, (_, index) => [`x-${index}`, String(index)]).flat()
  const verdict = guest.verdict('on_request', RequestInput.encode({ request: { headers } }).finish())
  t.equal(replied(verdict).visited, Array.from({ length: 100 }, (_, index) => `x-${index}=${index};`).join(''))
})

t.test('a verdict carries every kind of change', async t => {
  guest.configure({ ask: 'edit' })
  const verdict = guest.verdict('on_request', RequestInput.encode({ request }).finish())
  t.strictSame(
    verdict.headers.map(({ op, name, value }) => [op, name, value]),
    [
      [0, 'x-set', '1'],
      [1, 'x-add', '2'],
      [2, 'x-remove', ''],
      [3, 'x-old', 'x-new']
    ]
  )
  t.strictSame(
    verdict.responseHeaders.map(({ op, name, value }) => [op, name, value]),
    [
      [0, 'x-later', '3'],
      [1, 'x-later', '4'],
      [2, 'server', ''],
      [3, 'x-a', 'x-b']
    ]
  )
  t.equal(verdict.method, 'PUT')
  t.equal(verdict.path, '/other')
  t.equal(verdict.query, '', 'an empty query is a change too')
  t.equal(verdict.upstream, 'blue')
  t.equal(verdict.consumer, 'ada')
  t.strictSame(verdict.tags, ['team', 'a', 'tier', 'gold'])
  t.equal(Buffer.from(verdict.state ?? []).toString(), 'kept')
  t.equal(verdict.status, null)
  t.equal(verdict.body, null)
  t.equal(verdict.reply, null)
})

t.test('a refusal is a problem document', async t => {
  guest.configure({ ask: 'deny' })
  const verdict = guest.verdict('on_request', RequestInput.encode({ request }).finish())
  t.equal(verdict.reply?.status, 403)
  t.strictSame(verdict.reply?.headers, ['content-type', 'application/problem+json', 'x-why', 'because'])
  t.strictSame(replied(verdict), { type: 'about:blank', title: 'Forbidden', status: 403, detail: 'not "you"' })
})

t.test('a body is read and replaced', async t => {
  const input = RequestInput.encode({ request, body: Buffer.from('straße 😀') }).finish()
  t.equal(Buffer.from(guest.verdict('on_request_body', input).body ?? []).toString(), 'STRASSE 😀')
})

t.test('in a response hook there is one list of response headers', async t => {
  const response = { status: 200, headers: ['x-one', '1'] }
  const verdict = guest.verdict('on_response', ResponseInput.encode({ context, request, response }).finish())
  t.equal(verdict.status, 201)
  t.strictSame(
    verdict.headers.map(({ name, value }) => [name, value]),
    [
      ['x-first', '1'],
      ['x-second', '/orders/1%202']
    ]
  )
  t.strictSame(verdict.responseHeaders, [])
  t.strictSame(verdict.tags, ['state', 'kept'])
})

t.test('the body of a response is any bytes', async t => {
  const input = ResponseInput.encode({ body: Uint8Array.of(0, 255, 1) }).finish()
  t.strictSame([...(guest.verdict('on_response_body', input).body ?? [])], [1, 255, 0])
})

t.test('settings have types and fallbacks', async t => {
  const seen = (settings: object) => JSON.parse(guest.configure({ ask: 'settings', ...settings }))
  t.strictSame(seen({}), {
    string: 'none',
    bool: true,
    int: -1,
    float: -1.5,
    has: false,
    inner: 'none',
    count: 0,
    strings: [],
    names: ['ask']
  })
  const all = {
    string: 'é😀',
    bool: false,
    int: 7,
    float: 0.1,
    object: { inner: 'in' },
    array: [1, [], {}],
    strings: ['a', 1, 'b'],
    objects: [{ name: 'c' }, 'no']
  }
  t.strictSame(seen(all), {
    string: 'é😀',
    bool: false,
    int: 7,
    float: 0.1,
    has: true,
    inner: 'in',
    count: 3,
    strings: ['a', 'b', 'c'],
    names: ['ask', ...Object.keys(all)]
  })
  const wrong = { string: 1, bool: 'true', int: 1e12, float: '1', object: [], array: {}, strings: 'a', objects: 1 }
  const { names, ...rest } = seen(wrong)
  t.strictSame(rest, {
    string: 'none',
    bool: true,
    int: -1,
    float: -1.5,
    has: true,
    inner: 'none',
    count: 0,
    strings: []
  })
  t.equal(names.length, 9)
})

t.test('settings can be refused, and what is no object always is', async t => {
  t.equal(guest.configure({ refuse: 'because' }), 'because')
  t.equal(guest.configure({}), '')
  t.equal(guest.configure([]), 'the settings are not a JSON object')
  t.equal(guest.configure({}, { settings: Buffer.from('{') }), 'the settings are not a JSON object')
  t.equal(guest.configure({}, { settings: Buffer.alloc(0) }), '', 'no settings are none to refuse')
})

t.test('throwing ends the call with a log line that says what and where', async t => {
  const guest = await fixtureGuest('tools')
  guest.configure({ ask: 'throw' })
  t.throws(() => guest.verdict('on_request', RequestInput.encode({}).finish()), WebAssembly.RuntimeError)
  t.match(guest.logged, [[3, /^thrown on purpose \(assembly\/index\.ts:\d+:\d+\)$/]])
})

t.test('input that is no message ends the call and is never taken for an empty one', async t => {
  const guest = await fixtureGuest('tools')
  for (const hook of ['on_configure', 'on_request', 'on_request_body', 'on_response', 'on_response_body']) {
    t.throws(() => guest.run(hook, Uint8Array.of(0xff)), WebAssembly.RuntimeError, hook)
    t.match(guest.logged.pop()?.[1], /the input is not a (Configure|Request|Response)Input/)
  }
})

function replied(verdict: Verdict): Record<string, unknown> {
  return JSON.parse(Buffer.from(verdict.reply?.body ?? []).toString())
}
