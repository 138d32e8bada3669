import t from 'tap'
import { wholeBody } from '../../../core/base/body.js'
import { GatewayError } from '../../../core/base/errors.js'
import { type HeaderList, header } from '../../../core/base/headers.js'
import type { Reply } from '../../../core/base/http.js'
import type { CacheRules } from '../../../core/config/resolve-cache.js'
import { HttpCache } from '../../../core/traffic/cache/http-cache.js'
import type { CacheRequest, Origin } from '../../../core/traffic/cache/request.js'
import { RouteCache } from '../../../core/traffic/cache/route-cache.js'
import { cacheRequest, cacheRules, keyRules } from '../../support/cache-parts.js'

type Answer = Reply | GatewayError

/** A route cache with a clock of the test, and an upstream whose calls wait until they are answered. */
function stage(rules: Partial<CacheRules> = {}, cache?: HttpCache) {
  let now = 1_000_000
  const kept = cache ?? new HttpCache({ bytes: 1_000_000, now: () => now })
  const route = new RouteCache(kept, cacheRules(rules), 'r')
  const calls: { headers: HeaderList; answer: (answer: Answer) => void; cancelled: boolean }[] = []
  const background: Promise<void>[] = []
  const gone: (() => void)[] = []
  const call = (headers: HeaderList) => {
    let answer: (answer: Answer) => void = () => undefined
    const reply = new Promise<Reply>((resolve, reject) => {
      answer = given => (given instanceof GatewayError ? reject(given) : resolve(given))
    })
    const made = { headers, answer, cancelled: false }
    calls.push(made)
    return {
      reply,
      cancel: () => {
        made.cancelled = true
        answer(new GatewayError('GW_CLIENT_GONE', 'cancelled'))
      }
    }
  }
  const ask = async (more: Partial<CacheRequest> = {}): Promise<Reply & { did: string }> => {
    const request = cacheRequest(more)
    const origin: Origin = {
      direct: () => call(request.headers).reply,
      shared: headers => call(headers),
      background: work => background.push(work),
      note: () => undefined,
      remembers: false,
      answered: () => undefined,
      onGone: leave => gone.push(leave)
    }
    const reply = await route.obtain(request, origin)
    return { ...reply, did: header(reply.headers, 'cache-status')?.replace('sluice; ', '') ?? '' }
  }
  return {
    ask,
    calls,
    background,
    gone,
    cache: kept,
    pass: (seconds: number) => {
      now += seconds * 1_000
    }
  }
}

const ok = (control: string, body = 'the body', more: HeaderList = []): Reply => ({
  status: 200,
  headers: ['cache-control', control, ...more],
  body: wholeBody(Buffer.from(body))
})
const failure = () => new GatewayError('GW_UPSTREAM_REFUSED', 'refused')
const bytes = ({ body }: Reply): string | undefined => (Buffer.isBuffer(body) ? body : body.takeWhole())?.toString()
/** All that follows at once has followed. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

t.test('a stale reply is used while one call validates it', async t => {
  const { ask, calls, background, pass } = stage()
  const first = ask()
  calls[0]?.answer(ok('max-age=1, stale-while-revalidate=60', 'old', ['etag', '"1"']))
  await first
  pass(5)
  const stale = await Promise.all([ask(), ask(), ask()])
  for (const reply of stale) t.match([reply.did, bytes(reply)], [/^hit; ttl=-4; detail=stale-while-revalidate$/, 'old'])
  t.equal(calls.length, 2)
  t.equal(header(calls[1]?.headers ?? [], 'if-none-match'), '"1"')
  calls[1]?.answer(ok('max-age=60', 'new'))
  await Promise.all(background)
  t.match([(await ask()).did, bytes(await ask())], [/^hit; ttl=60$/, 'new'])
  pass(3_600)
  void ask().catch(() => undefined)
  t.equal(calls.length, 3, 'past its time it waits')
})

t.test('while an upstream fails, one request a second tries it, and the others get the stale reply', async t => {
  const { ask, calls, pass } = stage({ staleIfErrorMs: 60_000 })
  const first = ask()
  calls[0]?.answer(ok('max-age=1', 'old'))
  await first
  pass(5)
  const second = ask()
  calls[1]?.answer(failure())
  t.match((await second).did, /^hit; ttl=-4; detail=stale-if-error$/)
  t.match((await ask()).did, /stale-if-error/)
  t.equal(calls.length, 2)
  pass(2)
  const third = ask()
  calls[2]?.answer(ok('max-age=60', 'new'))
  t.equal(bytes(await third), 'new')
  pass(3_600)
  const late = ask()
  calls[3]?.answer(failure())
  await t.rejects(late, { code: 'GW_UPSTREAM_REFUSED' })
})

t.test('HEAD gets the stale reply too when the upstream fails, for as long as it may be used', async t => {
  const { ask, calls, pass } = stage({ staleIfErrorMs: 60_000 })
  const first = ask()
  calls[0]?.answer(ok('max-age=1', 'old'))
  await first
  for (const bad of [failure(), { status: 503, headers: [], body: wholeBody(Buffer.from('down')) }]) {
    pass(5)
    const head = ask({ method: 'HEAD' })
    calls.at(-1)?.answer(bad)
    t.match(await head, { status: 200, did: /stale-if-error/ })
  }
  const count = calls.length
  t.match((await ask({ method: 'HEAD' })).did, /stale-if-error/)
  t.equal(calls.length, count, 'the upstream need not fail for each')
  pass(3_600)
  const late = ask({ method: 'HEAD' })
  calls.at(-1)?.answer(failure())
  await t.rejects(late, { code: 'GW_UPSTREAM_REFUSED' })
  const refused = ask({ method: 'HEAD' })
  calls.at(-1)?.answer({ status: 503, headers: [], body: wholeBody(Buffer.alloc(0)) })
  t.match(await refused, { status: 503 })
})

t.test('what is invalidated while it is under way is not stored, and nobody new waits for it', async t => {
  const { ask, calls, cache } = stage()
  const before = ask()
  cache.invalidate(['a.test/a'])
  const after = ask()
  t.equal(calls.length, 2, 'it asks for itself')
  calls[0]?.answer(ok('max-age=60', 'before'))
  calls[1]?.answer(ok('max-age=60', 'after'))
  t.strictSame([bytes(await before), bytes(await after)], ['before', 'after'])
  await settled()
  t.equal(bytes(await ask()), 'after')
  t.equal(calls.length, 2)
})

t.test('the reply to an unsafe request waits until other event loops know what it changed', async t => {
  const told: (readonly string[])[] = []
  let known = (): void => undefined
  const tellOthers = (places: readonly string[]): Promise<void> => {
    told.push(places)
    return new Promise(resolve => {
      known = resolve
    })
  }
  const { ask, calls } = stage({}, new HttpCache({ bytes: 1_000_000, tellOthers }))
  let answered = false
  const asked = ask({ method: 'POST' }).then(() => {
    answered = true
  })
  calls[0]?.answer({ status: 201, headers: ['location', '/a/7'], body: Buffer.alloc(0) })
  await settled()
  t.strictSame(told, [['a.test/a', 'a.test/a/7']])
  t.notOk(answered)
  known()
  await asked
  const read = ask()
  calls[1]?.answer(ok('max-age=60', 'x'))
  await read
  t.equal(told.length, 1, 'what changes nothing is nobody’s business')
})

t.test('a 304 for what was purged meanwhile answers those who wait, and is not stored', async t => {
  const { ask, calls, cache } = stage()
  const first = ask()
  calls[0]?.answer(ok('no-cache', 'old', ['etag', '"1"']))
  await first
  const waiting = ask()
  cache.purge({ all: true })
  calls[1]?.answer({
    status: 304,
    headers: ['cache-control', 'max-age=60', 'etag', '"1"'],
    body: wholeBody(Buffer.alloc(0))
  })
  t.equal(bytes(await waiting), 'old')
  t.equal(cache.store.entries, 0)
})

t.test('a 304 without a Date was said when it came: what it confirms is fresh again', async t => {
  const { ask, calls, pass } = stage()
  const first = ask()
  calls[0]?.answer(ok('max-age=10', 'old', ['etag', '"1"', 'date', new Date(1_000_000).toUTCString()]))
  await first
  pass(15)
  const second = ask()
  calls[1]?.answer({ status: 304, headers: ['etag', '"1"'], body: wholeBody(Buffer.alloc(0)) })
  t.equal(header((await second).headers, 'age'), '0')
  pass(5)
  const third = await ask()
  t.match(third.did, /^hit; ttl=5$/)
  t.equal(header(third.headers, 'date'), new Date(1_015_000).toUTCString())
})

t.test('a 304 with the tag of another reply is not believed: all of it is asked for', async t => {
  const { ask, calls } = stage()
  const first = ask()
  calls[0]?.answer(ok('no-cache', 'old', ['etag', '"1"']))
  await first
  const second = ask()
  calls[1]?.answer({ status: 304, headers: ['etag', '"2"'], body: wholeBody(Buffer.alloc(0)) })
  await settled()
  t.equal(header(calls[2]?.headers ?? [], 'if-none-match'), undefined)
  calls[2]?.answer(ok('max-age=60', 'new', ['etag', '"2"']))
  t.equal(bytes(await second), 'new')
})

t.test('a 304 that says private is for the one who asked, and ends what was stored', async t => {
  const { ask, calls, cache } = stage()
  const first = ask()
  calls[0]?.answer(ok('no-cache', 'old', ['etag', '"1"']))
  await first
  const both = [ask(), ask()]
  t.equal(calls.length, 2)
  const { body } = ok('')
  calls[1]?.answer({ status: 304, headers: ['cache-control', 'private, max-age=60', 'etag', '"1"'], body })
  t.equal(bytes((await both[0]) as Reply), 'old')
  await settled()
  t.equal(calls.length, 3, 'the other asks for itself')
  t.equal(cache.store.entries, 0)
  calls[2]?.answer(ok('private', 'its own'))
  t.equal(bytes((await both[1]) as Reply), 'its own')
})

t.test('what a 304 no longer calls public is not shared by consumers any more', async t => {
  const { ask, calls } = stage({ key: keyRules({ shareAcrossConsumers: true }) })
  const first = ask({ consumer: 'ada' })
  calls[0]?.answer(ok('public, no-cache', 'old', ['etag', '"1"']))
  await first
  const both = [ask({ consumer: 'ada' }), ask({ consumer: 'bob' })]
  t.equal(calls.length, 2, 'they share one call')
  calls[1]?.answer({ status: 304, headers: ['cache-control', 'max-age=60', 'etag', '"1"'], body: ok('').body })
  t.equal(bytes((await both[0]) as Reply), 'old')
  await settled()
  t.equal(calls.length, 3)
  calls[2]?.answer(ok('max-age=60', 'for bob'))
  t.equal(bytes((await both[1]) as Reply), 'for bob')
})

t.test('fields that are for one client are not in what is stored or shared', async t => {
  const { ask, calls } = stage()
  const both = [ask(), ask()]
  calls[0]?.answer(ok('max-age=60, private="x-user"', 'the body', ['x-user', 'ada']))
  const named = [...(await Promise.all(both)), await ask()].map(({ headers }) => header(headers, 'x-user'))
  t.strictSame(named, ['ada', undefined, undefined])
})

t.test('purges take out what they name, by URL, tag and route', async t => {
  const { ask, calls, cache } = stage()
  const fill = async (path: string, query: string, tags: string): Promise<void> => {
    const reply = ask({ path, query })
    calls.at(-1)?.answer(ok('max-age=60', path, ['surrogate-key', tags]))
    await reply
  }
  const refill = async (): Promise<void> => {
    cache.purge({ all: true })
    for (const [path, query, tags] of [
      ['/a', '', 'x'],
      ['/a', 'p=1', 'x y'],
      ['/a/b', '', 'z'],
      ['/c', '', '']
    ] as const) {
      await fill(path, query, tags)
    }
  }
  const purged = async (what: Parameters<typeof cache.purge>[0]): Promise<[number, number]> => {
    await refill()
    return [cache.purge(what), cache.store.entries]
  }
  t.strictSame(await purged({ url: 'http://a.test/a' }), [1, 3])
  t.strictSame(await purged({ url: 'https://A.TEST/a?p=1' }), [1, 3])
  t.strictSame(await purged({ url: 'http://a.test/a*' }), [3, 1])
  t.strictSame(await purged({ url: 'http://a.test/*' }), [4, 0])
  t.strictSame(await purged({ url: 'http://b.test/a' }), [0, 4])
  t.strictSame(await purged({ tags: ['x'] }), [2, 2])
  t.strictSame(await purged({ tags: ['y', 'z'] }), [2, 2])
  t.strictSame(await purged({ route: 'r' }), [4, 0])
  t.strictSame(await purged({ route: 'other' }), [0, 4])
  t.throws(() => cache.purge({ url: 'a.test/a' }), RangeError)
})

t.test('purges find what is meant, however its URL is spelled', async t => {
  const { ask, calls, cache } = stage()
  const purged = async (stored: Partial<CacheRequest>, url: string): Promise<number> => {
    cache.purge({ all: true })
    const reply = ask(stored)
    calls.at(-1)?.answer(ok('max-age=60'))
    await reply
    return cache.purge({ url })
  }
  for (const host of ['a.test', 'A.test', 'a.test.', 'a.test:80']) {
    t.equal(await purged({ host }, 'https://a.test./a'), 1, host)
    t.equal(await purged({ host }, 'http://A.TEST:80/x/../%61#here'), 1, host)
    t.equal(await purged({ host }, 'https://a.test:443/./%61*'), 1, host)
    t.equal(await purged({ host }, 'https://a.test*'), 1, host)
  }
  t.equal(await purged({ query: 'q=%7ea&p=%7c' }, 'http://a.test/a?q=~a&p=|'), 1)
  t.equal(await purged({ query: 'q=%7ea' }, 'http://a.test/a?q=%7E*'), 1)
  for (const url of [
    'http://a.test//a',
    'http://a.test/a/',
    'http://a.test:8080/a',
    'http://a.test/a?b',
    'http://a.tes*'
  ]) {
    t.equal(await purged({}, url), 0, url)
  }
  t.throws(() => cache.purge({ url: 'http://a.test*x' }), RangeError)
})

t.test(
  'an unsafe request takes out what was stored of its place under another spelling, and what its reply names',
  async t => {
    const changed = async (stored: Partial<CacheRequest>, unsafe: Partial<CacheRequest>, location?: string) => {
      const { ask, calls, cache } = stage()
      const read = ask(stored)
      calls[0]?.answer(ok('max-age=60'))
      await read
      const write = ask({ ...unsafe, method: 'POST' })
      const headers = location === undefined ? [] : ['location', location]
      calls[1]?.answer({ status: 201, headers, body: Buffer.alloc(0) })
      await write
      return cache.store.entries === 0
    }
    for (const host of ['a.test', 'A.test', 'a.test.', 'a.test:80']) {
      t.ok(await changed({ host }, {}), host)
      t.ok(await changed({}, { host }), host)
      t.ok(await changed({}, { host, path: '/' }, 'http://a.test/b/../a'), `${host} and its location`)
    }
    t.ok(await changed({ path: '/|`' }, { path: '/' }, '/|`'), 'what must be encoded and is not')
    t.ok(await changed({ host: 'a.test:443', scheme: 'https' }, { path: '/' }, 'https://a.test:443/a'))
    t.notOk(await changed({}, { path: '//a' }))
    t.notOk(await changed({}, { host: 'b.test', path: '/' }, 'http://a.test/a'), 'of another host')
  }
)

t.test('after a soft purge a reply is validated, and used when that fails', async t => {
  const { ask, calls, cache } = stage({ staleIfErrorMs: 60_000 })
  const first = ask()
  calls[0]?.answer(ok('max-age=60', 'old', ['etag', '"1"', 'surrogate-key', 'x']))
  await first
  t.equal(cache.purge({ tags: ['x'] }, true), 1)
  const second = ask()
  t.equal(header(calls[1]?.headers ?? [], 'if-none-match'), '"1"')
  calls[1]?.answer(failure())
  t.match((await second).did, /stale-if-error/)
})

t.test('stored replies outlive the configuration they came under, unless what keys mean has changed', async t => {
  const cache = new HttpCache({ bytes: 1_000_000, now: () => 0 })
  const one = stage({}, cache)
  const first = one.ask()
  one.calls[0]?.answer(ok('max-age=60', 'kept'))
  await first
  const two = stage({}, cache)
  t.match((await two.ask()).did, /^hit/)
  const other = new RouteCache(cache, cacheRules(), 'r', 'r with another prefix')
  const nothing = {
    direct: async () => ok('no-store'),
    background: () => undefined,
    note: () => undefined,
    remembers: false,
    answered: () => undefined,
    onGone: () => undefined
  }
  const asked = other.obtain(cacheRequest(), {
    ...nothing,
    shared: () => ({ reply: nothing.direct(), cancel: () => undefined })
  })
  t.match(header((await asked).headers, 'cache-status'), /uri-miss/)
})

t.test(
  'what an upstream is told of a certificate are credentials, unless its consumer has replies of its own',
  async t => {
    const of = (name: string) => ({ headers: ['x-client-cert-fingerprint', name] })
    const { ask, calls } = stage()
    const first = ask(of('ann'))
    calls[0]?.answer(ok('max-age=60', 'for ann'))
    t.equal(bytes(await first), 'for ann')
    const second = ask(of('bob'))
    calls[1]?.answer(ok('public, max-age=60', 'for all'))
    t.equal(bytes(await second), 'for all')
    t.equal(bytes(await ask(of('ann'))), 'for all', 'it says that it is')

    const known = stage()
    const third = known.ask({ ...of('ann'), consumer: 'ann' })
    known.calls[0]?.answer(ok('max-age=60', 'for ann'))
    await third
    t.equal(bytes(await known.ask({ ...of('ann'), consumer: 'ann' })), 'for ann')
    t.equal(known.calls.length, 1)

    const keyed = stage({ key: keyRules({ headers: ['x-client-cert-fingerprint'] }) })
    for (const name of ['ann', 'bob']) {
      const reply = keyed.ask(of(name))
      keyed.calls.at(-1)?.answer(ok('max-age=60', name))
      t.equal(bytes(await reply), name)
    }
    t.equal(bytes(await keyed.ask(of('ann'))), 'ann')
  }
)

t.test('only-if-cached is answered with what is stored, or not at all', async t => {
  const { ask, calls } = stage()
  await t.rejects(ask({ headers: ['cache-control', 'only-if-cached'] }), { code: 'GW_NOT_CACHED' })
  t.equal(calls.length, 0)
  const deaf = stage({ clientControl: false })
  const reply = deaf.ask({ headers: ['cache-control', 'only-if-cached'] })
  deaf.calls[0]?.answer(ok('max-age=60'))
  t.match((await reply).did, /uri-miss/, 'unless nobody listens to clients')
})

t.test('a client that has the newest already gets 304, and the reply is stored for others', async t => {
  const { ask, calls, cache } = stage()
  const reply = ask({ headers: ['if-none-match', '"1"'] })
  t.strictSame(calls[0]?.headers, [])
  calls[0]?.answer(ok('max-age=60', 'the body', ['etag', '"1"']))
  t.match(await reply, { status: 304, did: 'fwd=uri-miss; stored' })
  await settled()
  t.equal(cache.store.entries, 1)
  t.equal(bytes(await ask()), 'the body')
})

t.test('a range that is not stored goes on as it is; one that is, is a part of it', async t => {
  const { ask, calls } = stage()
  const part = ask({ headers: ['range', 'bytes=0-2'] })
  t.strictSame(calls[0]?.headers, ['range', 'bytes=0-2'])
  calls[0]?.answer({
    status: 206,
    headers: ['cache-control', 'max-age=60', 'content-range', 'bytes 0-2/8'],
    body: wholeBody(Buffer.from('the'))
  })
  t.match(await part, { status: 206, did: 'fwd=uri-miss' })
  const whole = ask()
  calls[1]?.answer(ok('max-age=60', 'the body', ['etag', '"1"']))
  await whole
  const stored = await ask({ headers: ['range', 'bytes=4-', 'if-range', '"1"'] })
  t.match([stored.status, bytes(stored), header(stored.headers, 'content-range')], [206, 'body', 'bytes 4-7/8'])
  t.match(await ask({ headers: ['range', 'bytes=4-', 'if-range', '"0"'] }), { status: 200 })
  t.match(await ask({ headers: ['range', 'bytes=99-'] }), { status: 416 })
})

t.test('a reply to HEAD that is about another body takes out what is stored', async t => {
  for (const [headers, kept] of [
    [['etag', '"1"'], 1],
    [['etag', '"2"'], 0],
    [['content-length', '8'], 1],
    [['content-length', '9'], 0]
  ] as const) {
    const { ask, calls, cache } = stage()
    const first = ask()
    calls[0]?.answer(ok('no-cache', 'the body', ['etag', '"1"']))
    await first
    const head = ask({ method: 'HEAD' })
    calls[1]?.answer({ status: 200, headers: [...headers], body: Buffer.alloc(0) })
    await head
    t.equal(cache.store.entries, kept, headers.join(' '))
  }
})

t.test('a client that has a reply that is for it alone gets 304, and the rest of it is not read', async t => {
  const { ask, calls } = stage()
  const reply = ask({ headers: ['if-none-match', '"1"'] })
  let cancelled = false
  const body = {
    ...wholeBody(Buffer.from('the body')),
    cancel: () => {
      cancelled = true
    }
  }
  calls[0]?.answer({ status: 200, headers: ['cache-control', 'private', 'etag', '"1"'], body })
  t.match(await reply, { status: 304 })
  t.ok(cancelled)
  const again = ask({ headers: ['if-none-match', '"1"'] })
  t.strictSame(calls[1]?.headers, ['if-none-match', '"1"'], 'from now on the upstream is asked that')
  calls[1]?.answer({ status: 304, headers: [], body: wholeBody(Buffer.alloc(0)) })
  t.match(await again, { status: 304, did: 'fwd=uri-miss' })
})

t.test('a reply that is too large is passed on and not stored', async t => {
  const { ask, calls, cache } = stage({ entryBytes: 10 })
  const reply = ask()
  calls[0]?.answer(ok('max-age=60', 'x'.repeat(11)))
  t.match([bytes(await reply), (await reply).did], ['x'.repeat(11), 'fwd=uri-miss'])
  t.equal(cache.store.entries, 0)
})

t.test('when the last who waits for a head goes away, the call ends', async t => {
  const { ask, calls, gone } = stage()
  const both = [ask(), ask()]
  gone[0]?.()
  t.equal(calls[0]?.cancelled, false)
  gone[1]?.()
  t.equal(calls[0]?.cancelled, true)
  for (const each of both) await t.rejects(each, { code: 'GW_CLIENT_GONE' })
})

t.test('what surrogates are told is passed on, or taken off', async t => {
  for (const stripSurrogate of [false, true]) {
    const { ask, calls } = stage({ stripSurrogate })
    const first = ask()
    calls[0]?.answer(ok('no-store', 'the body', ['surrogate-control', 'max-age=60', 'surrogate-key', 'x']))
    const replies = [await first, await ask()]
    t.equal(calls.length, 1)
    for (const { headers } of replies) {
      for (const name of ['surrogate-key', 'surrogate-control'])
        t.equal(header(headers, name) === undefined, stripSurrogate)
      t.equal(header(headers, 'cache-control'), 'no-store')
    }
  }
})

t.test('when there is no room for what arrives it is passed on all the same', async t => {
  const cache = new HttpCache({ bytes: 2_000, now: () => 0 })
  const { ask, calls } = stage({}, cache)
  const reply = ask()
  calls[0]?.answer(ok('max-age=60', 'x'.repeat(5_000)))
  t.equal(bytes(await reply)?.length ?? (await read(await reply)).length, 5_000)
  t.strictSame([cache.store.entries, cache.store.reserved], [0, 0])
})

async function read({ body }: Reply): Promise<string> {
  if (Buffer.isBuffer(body)) return body.toString()
  return new Promise((resolve, reject) => {
    let text = ''
    body.pipe({
      write: chunk => {
        text += chunk.toString()
        return true
      },
      end: () => resolve(text),
      fail: reject
    })
  })
}
