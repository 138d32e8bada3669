import t from 'tap'
import type { Permissions } from '../../core/base/manifest.js'
import { bodyGrant } from '../../core/plugin-host/binding.js'
import { allows, grants, isReserved } from '../../core/plugin-host/permissions.js'

const readable = (
  asked: readonly string[],
  granted: readonly string[] | 'asked',
  names: string,
  settings: unknown = {}
): string => {
  const limit: Permissions | 'asked' = granted === 'asked' ? 'asked' : { requestHeaders: { read: [...granted] } }
  const { read } = grants({ requestHeaders: { read: [...asked] } }, limit, settings).requestHeaders
  return names
    .split(' ')
    .filter(name => allows(read, name))
    .join(' ')
}

t.test('a plugin gets what it asks for and is granted, and nothing else', async t => {
  t.equal(readable(['a', 'b'], 'asked', 'a b c'), 'a b')
  t.equal(readable(['a', 'b'], ['b', 'c'], 'a b c'), 'b')
  t.equal(readable(['a'], [], 'a'), '')
  t.equal(readable([], ['a'], 'a'), '')
  t.equal(readable(['*'], ['b', 'c'], 'a b c'), 'b c')
  t.equal(readable(['a', 'b'], ['*'], 'a b c'), 'a b')
})

t.test('"*" is every header but the ones that carry credentials', async t => {
  const hidden = 'authorization proxy-authorization cookie set-cookie'
  t.equal(readable(['*'], 'asked', `accept ${hidden} x-anything`), 'accept x-anything')
  t.equal(readable(['*', 'cookie'], 'asked', `accept ${hidden}`), 'accept cookie')
  t.equal(readable(['cookie'], ['*'], hidden), '', 'what is hidden must be granted by name')
  t.equal(readable(['*'], ['cookie', 'accept'], `accept ${hidden}`), 'accept', 'and asked for by name')
  t.equal(readable(['*', 'cookie'], ['*', 'cookie'], `accept ${hidden}`), 'accept cookie')
})

t.test('"$/pointer" names headers that stand in the settings', async t => {
  const settings = {
    header: 'X-Key',
    list: ['X-A', 'x-b', 7, null],
    rules: [{ name: 'X-One' }, { name: 'x-two' }, { other: 'x-no' }],
    rename: { 'X-Old': 'x-new', 'x-older': 'x-newer' },
    deep: { a: { b: 'x-deep' } }
  }
  const all = 'x-key x-a x-b x-one x-two x-no x-old x-new x-older x-newer x-deep'
  t.equal(readable(['$/header'], 'asked', all, settings), 'x-key')
  t.equal(readable(['$/list'], 'asked', all, settings), 'x-a x-b')
  t.equal(readable(['$/list/*'], 'asked', all, settings), 'x-a x-b')
  t.equal(readable(['$/rules/*/name'], 'asked', all, settings), 'x-one x-two')
  t.equal(readable(['$/rename/~keys'], 'asked', all, settings), 'x-old x-older')
  t.equal(readable(['$/rename/*'], 'asked', all, settings), 'x-new x-newer')
  t.equal(readable(['$/deep/a/b'], 'asked', all, settings), 'x-deep')
  t.equal(readable(['$/deep/*/*'], 'asked', all, settings), 'x-deep')
  t.equal(readable(['$/header'], ['x-a'], all, settings), '', 'the grant limits them too')
  t.equal(readable(['$/header'], ['$/header'], all, settings), 'x-key')
})

t.test('a pointer that leads nowhere names nothing', async t => {
  const settings = { text: 'x-a', number: 1, nothing: null }
  for (const pointer of [
    '$/absent',
    '$/text/deeper',
    '$/number',
    '$/nothing/a',
    '$/constructor/name',
    '$/__proto__/x'
  ]) {
    t.equal(readable([pointer], 'asked', 'x-a object function name', settings), '', pointer)
  }
  t.equal(readable(['$/a'], 'asked', 'x', undefined), '')
  t.equal(readable(['$/a'], 'asked', 'x', 'text'), '')
})

t.test('bodies and switches are granted by the lesser of the two', async t => {
  const asked: Permissions = { requestBody: 'write', responseBody: 'read', rewrite: true, log: true }
  const all = grants(asked, 'asked', {})
  t.match(all, { requestBody: 'write', responseBody: 'read', rewrite: true, consumer: false, log: true })
  const some = grants(asked, { requestBody: 'read', responseBody: 'write', rewrite: true, consumer: true }, {})
  t.match(some, { requestBody: 'read', responseBody: 'read', rewrite: true, consumer: false, log: false })
  const none = grants(asked, {}, {})
  t.match(none, { requestBody: 'none', responseBody: 'none', rewrite: false, log: false })
  t.equal(bodyGrant(all, 'on_request_body'), 'write')
  t.equal(bodyGrant(all, 'on_response_body'), 'read')
  t.equal(bodyGrant(all, 'on_request'), 'none', 'a hook of heads has no body')
})

t.test('upstreams are any, those named, or those in the settings; both sides must agree', async t => {
  const settings = { targets: [{ upstream: 'Blue' }, { upstream: 'green' }] }
  const named = (asked: Permissions['route'], granted: Permissions['route'] | 'asked'): string => {
    const limit = granted === 'asked' ? 'asked' : granted === undefined ? {} : { route: granted }
    const { route } = grants(asked === undefined ? {} : { route: asked }, limit, settings)
    return route === 'any' ? 'any' : [...route].join()
  }
  t.equal(named(undefined, 'asked'), '')
  t.equal(named(true, 'asked'), 'any')
  t.equal(named(true, false), '')
  t.equal(named(['$/targets/*/upstream'], 'asked'), 'Blue,green', 'names keep their case')
  t.equal(named(true, ['green', 'red']), 'green,red')
  t.equal(named(['$/targets/*/upstream', 'red'], ['green', 'red']), 'green,red')
  t.equal(named(['$/nowhere'], true), '')
})

t.test('headers that frame a message belong to the gateway', async t => {
  for (const name of ['content-length', 'transfer-encoding', 'host', 'connection', 'te', 'upgrade', 'via', 'expect']) {
    t.ok(isReserved(name), name)
  }
  t.notOk(isReserved('content-type'))
})
