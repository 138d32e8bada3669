import { join } from 'node:path'
import fc from 'fast-check'
import { RE2JS } from 're2js'
import t from 'tap'
import { hasDotSegment, isPath } from '../../core/base/request-target.js'
import { RequestInput, type Verdict } from '../../core/plugin-host/gen/policy.js'
import { type Guest, guestFrom, ROOT } from '../plugin-sdk/guest.js'

const GROUPS = 4

/** Patterns of letters that paths are made of. What can be empty is not repeated: engines disagree about that. */
const { pattern } = fc.letrec<{ pattern: string; piece: string; item: string }>(tie => ({
  item: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', '/', '.', '[ab]', '[^a/]', '\\w', '\\W', '\\d', '[^\\d-]', '^', '$', '\\b', '\\B', ''),
    fc.tuple(tie('pattern'), fc.boolean()).map(([text, plain]) => (plain ? `(?:${text})` : `(${text})`))
  ),
  piece: fc
    .tuple(tie('item'), fc.constantFrom('', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,2}?', '{1,}'))
    .map(([item, count]) => (canBeEmpty(item) ? item : item + count)),
  pattern: fc.oneof(
    { depthSize: 'small' },
    fc.array(tie('piece'), { maxLength: 4 }).map(pieces => pieces.join('')),
    fc.tuple(tie('pattern'), tie('pattern')).map(both => both.join('|'))
  )
}))
const path = fc.string({ unit: fc.constantFrom('a', 'b', '/', '1', '-', '_'), maxLength: 12 }).map(text => `/${text}`)

t.test('what is found, and its groups, are what RE2 finds', async t => {
  const four = pattern.filter(text => text !== '' && groupCount(text) === GROUPS)
  const property = fc.asyncProperty(four, fc.array(path, { minLength: 5, maxLength: 10 }), async (text, paths) => {
    const replace = [{ pattern: text, with: '/[{group.0}!{group.1}!{group.2}!{group.3}!{group.4}]' }]
    const guest = await transformPath({ mergeSlashes: false, replace })
    return paths.every(each => {
      const matcher = RE2JS.compile(text).matcher(each)
      if (!matcher.find()) return send(guest, each).path === null
      const groups = Array.from({ length: GROUPS + 1 }, (_, i) => matcher.group(i) ?? '')
      return (
        send(guest, each).path === `${each.slice(0, matcher.start())}/[${groups.join('!')}]${each.slice(matcher.end())}`
      )
    })
  })
  await t.resolves(fc.assert(property, { numRuns: 300, endOnFailure: true }))
})

t.test('a long path and a large pattern together are given up, and the next request is served', async t => {
  const guest = await transformPath({ replace: [{ pattern: '(a{1,30}b?){1,15}c', with: 'x', all: true }] })
  t.equal(send(guest, `/${'a'.repeat(15_000)}`).reply?.status, 414)
  t.equal(send(guest, '/aac').path, '/x')
})

t.test('whatever comes out is a path that the gateway takes', async t => {
  const odd = fc.string({
    unit: fc.constantFrom('/', '.', '%2e', '%2F', '%5c', '%', '2', 'e', ';', 'x', 'ü', '?', '#', ' ', '\\'),
    maxLength: 8
  })
  const guest = await transformPath({
    replace: [
      { pattern: 'x', with: '' },
      { pattern: '^/p', with: '/{query.q}' }
    ]
  })
  const property = fc.property(odd, odd, (before, value) => {
    const sent = `/p/${before}`
    if (!isPath(sent)) return true
    const { path, reply } = send(guest, sent, `q=${encodeURIComponent(value)}`)
    if (reply !== null) return path === null && reply.status === 400
    return path !== null && isPath(path) && !hasDotSegment(path)
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 5_000 }))
})

t.test('a value is one segment, whatever is in it', async t => {
  const guest = await transformPath({ path: '/a/{query.q}/b' })
  const property = fc.property(fc.string({ unit: 'binary', minLength: 1 }), value => {
    const { path } = send(guest, '/x', `q=${encodeURIComponent(value)}`)
    if (/^\.{1,2}(?:$|[/\\;])|[/\\]\.{1,2}(?:$|[/\\;])/.test(value)) return true
    const segments = path?.split('/') ?? []
    return segments.length === 4 && decodeURIComponent(segments[2] ?? '') === value
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2_000 }))
})

t.test('a query that is changed keeps every other byte', async t => {
  const guest = await transformPath({ query: { set: { k: 'v' }, remove: ['r'] } })
  const part = fc.oneof(
    fc.constantFrom('', 'k2=a', '=k', 'a=1', '%', '%zz=%', 'b=+%20', 'K=1', 'x=k'),
    fc.string({ unit: fc.constantFrom('a', '=', '%', '+', '/', '?', ';') })
  )
  const property = fc.property(fc.array(part), fc.array(part), (before, after) => {
    const { query } = send(guest, '/x', [...before, '%6b=1', 'r', ...after, '%72=2', 'k'].join('&'))
    return query === [...before, 'k=v', ...after].join('&')
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 1_000 }))
})

function canBeEmpty(text: string): boolean {
  return RE2JS.compile(`^(?:${text.replace(/[$^]|\\b/gi, '')})$`)
    .matcher('')
    .find()
}

function groupCount(text: string): number {
  try {
    return RE2JS.compile(text).groupCount()
  } catch {
    return -1 // such as a repetition of nothing
  }
}

async function transformPath(settings: object): Promise<Guest> {
  const guest = await guestFrom(join(ROOT, 'plugins/transform-path'))
  t.equal(guest.configure(settings), '')
  return guest
}

function send(guest: Guest, path: string, query = ''): Verdict {
  return guest.verdict('on_request', RequestInput.encode({ request: { method: 'GET', path, query } }).finish())
}
