import t from 'tap'
import { HOOKS, type PhaseHook } from '../../core/base/hooks.js'
import type { Permissions } from '../../core/base/manifest.js'
import { EditOp, Verdict } from '../../core/plugin-host/abi.js'
import { PluginFault } from '../../core/plugin-host/fault.js'
import { grants } from '../../core/plugin-host/permissions.js'
import { readVerdict, resolveRenames } from '../../core/plugin-host/verdict.js'
import { ALL } from '../support/pool.js'

type VerdictInit = Parameters<typeof Verdict.encode>[0]

/** What the host says to a verdict: 'taken', or the reason and message of its refusal. */
function judged(verdict: VerdictInit, permissions: Permissions = ALL, hook: PhaseHook = 'on_request'): string {
  try {
    readVerdict(Verdict.encode(verdict).finish(), { grants: grants(permissions, 'asked', {}), hooks: HOOKS }, hook)
    return 'taken'
  } catch (thrown) {
    if (thrown instanceof PluginFault) return `${thrown.reason}: ${thrown.message}`
    throw thrown
  }
}

const WORDS = ['set', 'add', 'remove', 'rename']
const set = (name: string, value = 'v') => ({ op: EditOp.SET, name, value })
const without = (name: keyof Permissions): Permissions => {
  const { [name]: _left, ...rest } = ALL
  return rest
}

t.test('every field is taken with its grant and refused without it', async t => {
  const fields: [VerdictInit, keyof Permissions, PhaseHook][] = [
    [{ headers: [set('x-a')] }, 'requestHeaders', 'on_request'],
    [{ headers: [set('x-a')] }, 'requestHeaders', 'on_request_body'],
    [{ headers: [set('x-a')] }, 'responseHeaders', 'on_response'],
    [{ headers: [set('x-a')] }, 'responseHeaders', 'on_response_body'],
    [{ responseHeaders: [set('x-a')] }, 'responseHeaders', 'on_request'],
    [{ method: 'PUT' }, 'rewrite', 'on_request'],
    [{ path: '/b' }, 'rewrite', 'on_request'],
    [{ query: 'b=1' }, 'rewrite', 'on_request_body'],
    [{ status: 404 }, 'rewrite', 'on_response'],
    [{ upstream: 'other' }, 'route', 'on_request'],
    [{ consumer: 'ann' }, 'consumer', 'on_request'],
    [{ body: Buffer.from('new') }, 'requestBody', 'on_request_body'],
    [{ body: Buffer.from('new') }, 'responseBody', 'on_response_body']
  ]
  for (const [verdict, permission, hook] of fields) {
    const what = `${Object.keys(verdict).join()} in ${hook}`
    t.equal(judged(verdict, ALL, hook), 'taken', what)
    t.match(judged(verdict, without(permission), hook), /^denied: /, `${what} without ${permission}`)
    t.match(judged(verdict, {}, hook), /^denied: /, `${what} without any grant`)
  }
  t.equal(
    judged({ tags: ['a', 'b'], state: Buffer.from('s'), reply: { status: 403 } }, {}),
    'taken',
    'the rest is free'
  )
})

t.test('a field is refused in a hook it is not for', async t => {
  const wrong: [VerdictInit, PhaseHook][] = [
    [{ method: 'PUT' }, 'on_response'],
    [{ path: '/b' }, 'on_response_body'],
    [{ query: '' }, 'on_response'],
    [{ upstream: 'other' }, 'on_response'],
    [{ consumer: 'ann' }, 'on_response'],
    [{ status: 404 }, 'on_request'],
    [{ responseHeaders: [set('x-a')] }, 'on_response'],
    [{ body: Buffer.from('x') }, 'on_request'],
    [{ body: Buffer.from('x') }, 'on_response']
  ]
  for (const [verdict, hook] of wrong) {
    t.match(judged(verdict, ALL, hook), /^denied: /, `${Object.keys(verdict).join()} in ${hook}`)
  }
  const readOnly: Permissions = { ...ALL, requestBody: 'read' }
  t.match(judged({ body: Buffer.from('x') }, readOnly, 'on_request_body'), /^denied: /, 'reading is not writing')
})

t.test('a header edit cannot smuggle or frame', async t => {
  const names = ['', 'X-Upper', 'a b', 'a:b', 'a\r\nb', 'é', ':path', 'a\0', 'x-a\n']
  for (const name of names) t.match(judged({ headers: [set(name)] }), /^denied: /, `name ${JSON.stringify(name)}`)
  for (const name of ['content-length', 'transfer-encoding', 'host', 'connection', 'te', 'upgrade', 'via', 'expect']) {
    t.match(judged({ headers: [set(name)] }), /belongs to the gateway/, name)
    t.match(judged({ headers: [{ op: EditOp.REMOVE, name }] }), /belongs to the gateway/, `removing ${name}`)
    t.match(judged({ headers: [{ op: EditOp.RENAME, name: 'x-a', value: name }] }), /belongs to/, `renaming to ${name}`)
    t.match(judged({ responseHeaders: [set(name)] }), /belongs to the gateway/, `${name} of the response`)
    t.match(judged({ reply: { status: 200, headers: [name, '1'] } }), /belongs to the gateway/, `${name} of a reply`)
  }
  for (const value of ['a\rb', 'a\nb', 'a\0b', 'a\x7fb', 'a\r\nx-evil: 1']) {
    const shown = JSON.stringify(value)
    t.match(judged({ headers: [set('x-a', value)] }), /control character/, shown)
    t.match(judged({ headers: [{ op: EditOp.ADD, name: 'x-a', value }] }), /control character/, `adding ${shown}`)
    t.match(judged({ responseHeaders: [set('x-a', value)] }), /control character/, `${shown} for the response`)
    t.match(judged({ reply: { status: 200, headers: ['x-a', value] } }), /control character/, `${shown} in a reply`)
    t.match(
      judged({ headers: [{ op: EditOp.RENAME, name: 'x-a', value }] }),
      /not a header name/,
      `renaming to ${shown}`
    )
  }
  t.equal(judged({ headers: [set('x-a', 'tab\tand ünicode ☃')] }), 'taken')
})

t.test('hidden headers are written only when they are asked for by name', async t => {
  for (const name of ['authorization', 'proxy-authorization', 'cookie', 'set-cookie']) {
    t.match(judged({ headers: [set(name)] }), /not granted/, name)
    t.equal(judged({ headers: [set(name)] }, { requestHeaders: { write: [name] } }), 'taken', `${name} by name`)
  }
})

t.test('a rename needs to read the old name and to write both', async t => {
  const rename = { headers: [{ op: EditOp.RENAME, name: 'x-old', value: 'x-new' }] }
  const may = (read: string[], write: string[]) => judged(rename, { requestHeaders: { read, write } })
  t.equal(may(['x-old'], ['x-old', 'x-new']), 'taken')
  t.match(may([], ['x-old', 'x-new']), /readable/)
  t.match(may(['*'], ['x-old']), /writing x-new is not granted/)
  t.match(may(['*'], ['x-new']), /writing x-old is not granted/)
  const leak = { headers: [{ op: EditOp.RENAME, name: 'cookie', value: 'x-new' }] }
  t.match(judged(leak, { requestHeaders: { read: ['*'], write: ['cookie', '*'] } }), /readable/)
})

t.test('an edit that does not exist is refused', async t => {
  t.match(judged({ headers: [{ op: 4, name: 'x-a', value: 'v' }] }), /^denied: .*no edit 4/)
  t.match(judged({ responseHeaders: [{ op: 99, name: 'x-a', value: 'v' }] }), /^denied: .*no edit 99/)
})

t.test('a rewritten request is a clean request', async t => {
  for (const path of ['/', '/a/b', '/a%20b', '/.well-known/x', '/a..b', '/...', '/a;v=1', '/~x/(y)']) {
    t.equal(judged({ path }), 'taken', path)
  }
  const dots = ['/..', '/.', '/a/../b', '/a/./b', '/a/..', '/%2e%2e/a', '/.%2E/a', '/a/%2e', '/..;x=1/a', '/a%2f..%2fb']
  const chars = [
    '',
    'a',
    '*',
    'http://x/',
    '/a b',
    '/a?b',
    '/a#b',
    '/a\\b',
    '/a\r\nHost: x',
    '/é',
    '/a"b',
    '/<',
    '/\x7f'
  ]
  for (const path of [...dots, ...chars, `/${'a'.repeat(20_000)}`]) {
    t.match(judged({ path }), /^denied: /, path.slice(0, 20))
  }
  for (const query of ['', 'a=1&b=%20', 'q={"a":[1]}', '?']) t.equal(judged({ query }), 'taken', query)
  for (const query of ['a b', 'a#b', 'a\nb', 'é', 'a'.repeat(20_000)]) {
    t.match(judged({ query }), /^denied: /, query.slice(0, 20))
  }
  for (const method of ['GET', 'PROPFIND', 'get']) t.equal(judged({ method }), 'taken', method)
  for (const method of ['', 'A B', 'GET\r\n', 'CONNECT', 'TRACE', 'É', 'A'.repeat(2_000)]) {
    t.match(judged({ method }), /^denied: /, method.slice(0, 20))
  }
})

t.test('a status is one a client can be sent', async t => {
  for (const status of [200, 204, 304, 404, 599]) {
    t.equal(judged({ status }, ALL, 'on_response'), 'taken', `${status}`)
    t.equal(judged({ reply: { status } }), 'taken', `${status} of a reply`)
  }
  for (const status of [0, 99, 100, 101, 103, 199, 600, 999, 70_000]) {
    t.match(judged({ status }, ALL, 'on_response'), /^denied: /, `${status}`)
    t.match(judged({ reply: { status } }), /^denied: /, `${status} of a reply`)
  }
  t.match(judged({ reply: {} }), /^denied: /, 'a reply without a status')
})

t.test('the headers of a reply are pairs of names and values', async t => {
  t.equal(judged({ reply: { status: 200, headers: ['x-a', '1', 'set-cookie', 'a=b'] } }), 'taken')
  t.match(judged({ reply: { status: 200, headers: ['x-a'] } }), /not pairs/)
  t.match(judged({ reply: { status: 200, headers: ['X-A', '1'] } }), /bad header name/)
  t.match(judged({ reply: { status: 200, headers: ['x a', '1'] } }), /bad header name/)
})

t.test('no field can be made large enough to hurt', async t => {
  const long = 'x'.repeat(20_000)
  const many = Array.from({ length: 300 }, () => set('x-a'))
  t.match(judged({ headers: many }), /more than 256 edits/)
  t.match(judged({ responseHeaders: many }), /more than 256 edits/)
  t.match(judged({ headers: [set('x-a', long)] }), /longer than/)
  t.match(judged({ reply: { status: 200, headers: many.flatMap(() => ['x-a', 'v']) } }), /^denied: /)
  t.match(judged({ reply: { status: 200, headers: ['x-a', long] } }), /longer than/)
  t.match(judged({ tags: ['a'] }), /not pairs/)
  t.match(judged({ tags: Array.from({ length: 130 }, () => 'a') }), /more than 64 tags/)
  t.match(judged({ tags: ['a', long, 'b', long] }), /bytes of tags/)
  t.match(judged({ state: Buffer.alloc(70_000) }), /state is too large/)
  t.match(judged({ consumer: long }), /too long/)
  t.match(judged({ upstream: long }), /too long/)
  t.match(judged({ consumer: 'a\nb' }), /control character/)
})

t.test('what is not a verdict is refused as such', async t => {
  for (const bytes of [
    [0xff],
    [0x0a, 0x7f],
    [0x22, 0x05, 0x41],
    [0x0b],
    [0x00],
    Array.from({ length: 99 }, () => 0xff)
  ]) {
    const read = () =>
      readVerdict(Uint8Array.from(bytes), { grants: grants(ALL, 'asked', {}), hooks: HOOKS }, 'on_request')
    t.throws(read, { name: 'PluginFault', reason: 'output' }, bytes.join())
  }
})

t.test('a rename takes every value with it, in the order of the edits', async t => {
  const rename = (name: string, value: string) => ({ op: EditOp.RENAME, name, value })
  const decoded = (headers: NonNullable<VerdictInit['headers']>) => {
    const verdict = Verdict.decode(Verdict.encode({ headers }).finish())
    resolveRenames(verdict, ['x-a', '1', 'x-b', '2', 'x-a', '3'])
    return verdict.headers.map(({ op, name, value }) => `${WORDS[op]} ${name} ${value}`.trim())
  }

  t.strictSame(decoded([rename('x-a', 'x-c')]), ['remove x-a', 'add x-c 1', 'add x-c 3'])
  t.strictSame(decoded([rename('x-none', 'x-c')]), [], 'nothing to rename')
  t.strictSame(decoded([rename('x-a', 'x-a')]), [], 'to its own name')
  t.strictSame(
    decoded([set('x-a', '9'), rename('x-a', 'x-c'), rename('x-c', 'x-d')]),
    ['set x-a 9', 'remove x-a', 'add x-c 9', 'remove x-c', 'add x-d 9'],
    'each sees what the edits before it did'
  )
  t.strictSame(decoded([{ op: EditOp.REMOVE, name: 'x-a', value: '' }, rename('x-a', 'x-c')]), ['remove x-a'])
})
