import t, { type Test } from 'tap'
import { idleSettings } from '../../core/gateway/idle-settings.js'
import { readConfig } from '../../core/gateway/read-config.js'
import { sluice } from '../command.js'
import { configFile, type SluiceConfig } from '../support/sluice.js'

const ONE = ['http://127.0.0.1:9001']
const TWO = [...ONE, 'http://127.0.0.1:9002']
const weights = (...all: number[]) => all.map((weight, i) => ({ url: `http://127.0.0.1:${9001 + i}`, weight }))
const route = (name: string, match: object, more: object = {}) => ({ name, match, upstream: 'main', ...more })

/** Where something is said of a configuration. */
function places(t: Test, config: SluiceConfig): string[] {
  return idleSettings(readConfig(configFile(t, config)).config).map(({ path }) => path.join('.'))
}

t.test('an upstream whose targets all have weight 0', async t => {
  t.strictSame(places(t, { upstreams: { main: { targets: weights(0, 0) } } }), ['upstreams.main.targets'])
  t.strictSame(places(t, { upstreams: { main: { targets: weights(0, 1) } } }), [], 'blue/green')
})

t.test('a route with weight 0 beside which none has another', async t => {
  const upstreams = { main: { targets: TWO } }
  const blue = route('blue', { path: '/a/{id}', weight: 0 })
  t.strictSame(places(t, { upstreams, routes: [blue] }), ['routes.0.match.weight'])
  t.strictSame(places(t, { upstreams, routes: [blue, route('green', { path: '/a/{name}', weight: 1 })] }), [])
  t.strictSame(places(t, { upstreams, routes: [blue, route('green', { path: '/a/{name}', weight: 0 })] }), [
    'routes.0.match.weight',
    'routes.1.match.weight'
  ])
  const others = [
    { path: '/b/{id}', weight: 1 },
    { path: '/a/{id}', weight: 1, priority: 1 },
    { path: '/a/{id}', weight: 1, headers: [{ name: 'x-canary' }] }
  ]
  for (const other of others) {
    t.strictSame(places(t, { upstreams, routes: [blue, route('other', other)] }), ['routes.0.match.weight'])
  }
})

t.test('a hedge where there is no other target to ask', async t => {
  const hedged = (targets: object, more: object = {}) =>
    places(t, {
      upstreams: { main: targets },
      routes: [route('r', { path: '/*' }, { hedge: { after: '1s' }, ...more })]
    })
  t.strictSame(hedged({ targets: ONE }), ['routes.0.hedge'])
  t.strictSame(hedged({ targets: TWO }), [])
  t.strictSame(hedged({ discover: { dns: 'shop.test', port: 80 } }), [], 'nobody knows how many there will be')
  const policies = [{ plugin: 'routing-split', settings: { splits: [] } }]
  t.strictSame(hedged({ targets: ONE }, { policies }), [], 'a policy may choose another upstream')
})

t.test('check warns of it', async t => {
  const { code, stdout, stderr } = await sluice([
    'check',
    '-c',
    configFile(t, { upstreams: { main: { targets: weights(0) } } })
  ])
  t.match({ code, stderr }, { code: 0, stderr: '' })
  t.match(stdout, /warning: upstreams\.main\.targets {2}all have weight 0/)
})
