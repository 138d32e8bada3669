import t from 'tap'
import { type UpstreamsAdmin, upstreamsPage } from '../../core/admin/upstreams.js'
import type { UpstreamReport } from '../../core/upstream/report.js'
import { keeper, open, policy } from '../upstream/targets.js'

function admin() {
  const { kept } = keeper()
  const { upstream } = open(kept, policy([{ url: 'http://a', weight: 3 }, { url: 'http://b' }]))
  const operated: UpstreamsAdmin = {
    reports: async () => [upstream.report()],
    change: async (_, url, change) => void upstream.change(url, change)
  }
  const { get, post } = upstreamsPage(operated)
  return {
    get,
    reports: () => [upstream.report()],
    put: async (name: string, body: object) => post({ upstream: name, ...body })
  }
}

t.test('the page is every report, as JSON', async t => {
  const { get } = admin()
  const { status, type, body } = (await get?.()) ?? { status: 0, type: '', body: '' }
  t.strictSame([status, type], [200, 'application/json'])
  t.match(JSON.parse(body), {
    upstreams: [
      { name: 'main', balance: 'round-robin', panic: false, targets: [{ url: 'http://a' }, { url: 'http://b' }] }
    ]
  })
})

t.test('weights and drains are set, and what is not named stays', async t => {
  const { put } = admin()
  const set = await put('main', { targets: [{ url: 'http://a', weight: 0 }] })
  t.equal(set.status, 200)
  const first: UpstreamReport = JSON.parse(set.body)
  t.match(first.targets, [
    { url: 'http://a', weight: 0, configuredWeight: 3, state: 'healthy' },
    { url: 'http://b', weight: 1, state: 'healthy' }
  ])
  const both = await put('main', {
    targets: [
      { url: 'http://a', weight: null },
      { url: 'http://b', drain: true, weight: 7 }
    ]
  })
  const second: UpstreamReport = JSON.parse(both.body)
  t.match(second.targets, [{ weight: 3 }, { weight: 7, state: 'draining', reason: 'drained by an operator' }])
  t.notOk(second.targets[0]?.configuredWeight)
})

t.test('a body with anything wrong changes nothing and says what', async t => {
  const { put, reports } = admin()
  const before = JSON.stringify(reports())
  const wrong: [object, RegExp][] = [
    [{}, /^The body is not what it should be; expected \{ "upstream"/],
    [{ targets: [] }, /^The body is not/],
    [{ targets: [{ url: 'http://a', weight: 1 }], more: 1 }, /^The body is not/],
    [{ targets: [1] }, /^targets\[0\] is no object/],
    [
      { targets: [{ url: 'http://c', weight: 1 }] },
      /^targets\[0\]\.url is no target .*one of http:\/\/a, http:\/\/b\.$/m
    ],
    [
      {
        targets: [
          { url: 'http://a', weight: 1 },
          { url: 'http://b', weight: -1 }
        ]
      },
      /^targets\[1\]\.weight is wrong/
    ],
    [{ targets: [{ url: 'http://a', weight: 1.5 }] }, /^targets\[0\]\.weight is wrong/],
    [{ targets: [{ url: 'http://a', drain: 'yes' }] }, /^targets\[0\]\.drain is wrong; expected true or false/],
    [{ targets: [{ url: 'http://a', wait: 1 }] }, /^targets\[0\] has the unknown key "wait"/],
    [{ targets: [{ url: 'http://a' }] }, /^targets\[0\] changes nothing/]
  ]
  for (const [body, message] of wrong) {
    const reply = await put('main', body)
    t.equal(reply.status, 400)
    t.match(JSON.parse(reply.body).error, message)
  }
  t.match((await put('other', { targets: [] })).body, /There is no upstream \\"other\\"/)
  t.equal(JSON.stringify(reports()), before)
})
