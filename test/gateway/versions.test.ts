import t from 'tap'
import { Refusal } from '../../core/base/refusal.js'
import type { VersionSource } from '../../core/config/resolve-match.js'
import { Router } from '../../core/gateway/router.js'

/** Version 1 is the default, except where paths hold versions. */
function served(by: VersionSource, headers: string[], { query = '', path = '/a', withDefault = true } = {}): string {
  const router = new Router(
    ['1', '2', '2026-01-01'].map(name => ({
      match: {
        hosts: [],
        methods: [],
        path: by.kind === 'path' ? '/{version}/a' : '/a',
        version: { name, by, default: withDefault && by.kind !== 'path' && name === '1' }
      },
      route: name
    }))
  )
  try {
    return router.match('', { method: 'GET', path, query, headers }).route
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    t.strictSame(thrown.members, { versions: ['1', '2', '2026-01-01'] })
    return [thrown.code, ...thrown.headers].join(' ')
  }
}

t.test('a version named in a header', async t => {
  const by = { kind: 'header', name: 'x-api-version' } as const
  t.equal(served(by, ['x-api-version', '2']), '2')
  t.equal(served(by, ['x-api-version', 'v2']), '2')
  t.equal(served(by, ['x-api-version', 'V2']), '2')
  t.equal(served(by, ['x-api-version', '2026-01-01']), '2026-01-01')
  t.equal(served(by, []), '1', 'the default')
  t.equal(served(by, ['x-api-version', '']), '1')
  t.equal(served(by, ['x-api-version', '3']), 'GW_VERSION_UNKNOWN vary x-api-version')
  t.equal(served(by, ['x-api-version', '1', 'x-api-version', '2']), 'GW_VERSION_UNKNOWN vary x-api-version')
  t.equal(served(by, [], { withDefault: false }), 'GW_VERSION_MISSING vary x-api-version')
})

t.test('a version named in the query', async t => {
  const by = { kind: 'query', name: 'api-version' } as const
  t.equal(served(by, [], { query: 'a=1&api-version=2' }), '2')
  t.equal(served(by, [], { query: 'a=1' }), '1')
  t.equal(served(by, [], { query: 'api-version=9' }), 'GW_VERSION_UNKNOWN')
})

t.test('a version named in the path', async t => {
  const by = { kind: 'path', name: 'version' } as const
  t.equal(served(by, [], { path: '/v2/a' }), '2')
  t.equal(served(by, [], { path: '/2026-01-01/a' }), '2026-01-01')
  t.equal(served(by, [], { path: '/v3/a' }), 'GW_VERSION_UNKNOWN')
})

t.test('a version named in a media type that is accepted', async t => {
  const by = { kind: 'mediaType', name: 'application/vnd.x+json' } as const
  const accepting = (accept: string, more = {}) => served(by, ['accept', accept], more)
  t.equal(accepting('application/vnd.x.v2+json'), '2')
  t.equal(accepting('Application/vnd.X.v2+JSON'), '2')
  t.equal(accepting('application/vnd.x+json; version=2'), '2')
  t.equal(accepting('application/vnd.x+json; version="2"'), '2')
  t.equal(accepting('application/vnd.x.2026-01-01+json'), '2026-01-01')
  t.equal(accepting('application/vnd.x.v1+json;q=0.5, application/vnd.x.v2+json'), '2', 'what is wanted most')
  t.equal(accepting('application/vnd.x.v2+json, */*'), '2', 'by name before the default')
  t.equal(accepting('application/vnd.x.v9+json, */*;q=0.1'), '1', 'the default, where any will do')
  t.equal(accepting('application/vnd.x.v2+json;q=0, application/*'), '1')
  t.equal(accepting('application/vnd.x+json'), '1')
  t.equal(accepting('text/html'), '1', 'who speaks of other types only has no wish')
  t.equal(accepting('*/*'), '1')
  t.equal(served(by, []), '1')
  t.equal(accepting('application/vnd.x.v9+json'), 'GW_VERSION_NOT_ACCEPTABLE vary accept')
  t.equal(accepting('application/vnd.x.v9+json, text/html'), 'GW_VERSION_NOT_ACCEPTABLE vary accept')
  t.equal(accepting('application/json', { withDefault: false }), 'GW_VERSION_MISSING vary accept')
})
