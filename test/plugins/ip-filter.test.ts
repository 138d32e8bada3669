import t from 'tap'
import { exchange, request } from '../support/client.js'
import { startSluice } from '../support/sluice.js'
import { recordingUpstream } from '../support/upstream.js'

t.test('who hides behind what a trusted proxy wrote is refused, and has not the address of the proxy', async t => {
  const upstream = await recordingUpstream(t)
  const policies = [{ plugin: 'ip-filter', settings: { deny: ['198.51.100.0/24'] } }]
  const sluice = await startSluice(t, {
    trustedProxies: ['127.0.0.0/8'],
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    routes: [{ name: 'open', match: { path: '/' }, upstream: 'main', policies }]
  })
  const status = async (line: string) =>
    (await exchange(t, sluice.port, request('GET', '/', `x-forwarded-for: ${line}`))).status
  for (const line of ['198.51.100.7', '198.51.100.7, garbage', '198.51.100.7,', '198.51.100.07', 'unknown']) {
    t.equal(await status(line), 403, line)
  }
  t.equal(await status('198.51.100.7, 203.0.113.9'), 200, 'what the client wrote itself says nothing')
  t.strictSame(upstream.seen[0]?.all('x-real-ip'), ['203.0.113.9'])
})

t.test('an upstream is told no address that cannot be read', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, {
    trustedProxies: ['127.0.0.0/8'],
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    routes: [{ name: 'open', match: { path: '/' }, upstream: 'main' }]
  })
  await exchange(t, sluice.port, request('GET', '/', 'x-forwarded-for: unknown'))
  t.strictSame(upstream.seen[0]?.all('x-real-ip'), [])
  t.equal((await sluice.access()).client, '')
})
