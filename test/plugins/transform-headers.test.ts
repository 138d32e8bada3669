import t from 'tap'
import { startSluice, toOne } from '../support/sluice.js'
import { recordingUpstream } from '../support/upstream.js'

t.test('each request gets its own values, whatever the one before it had', async t => {
  const upstream = await recordingUpstream(t)
  const settings = {
    read: { request: ['x-tenant'] },
    request: { set: { 'x-copy': '{header.x-tenant}' } },
    response: { set: { 'x-echo': 'for {header.x-tenant}' } }
  }
  const sluice = await startSluice(t, {
    ...toOne(upstream.port),
    routes: [
      { name: 'a', match: { path: '/*' }, upstream: 'main', policies: [{ plugin: 'transform-headers', settings }] }
    ]
  })
  for (const tenant of ['a', 'a', 'a', 'b', 'a', '', 'b', 'b', 'x'.repeat(9_000), 'b', 'b']) {
    const reply = await fetch(`http://127.0.0.1:${sluice.port}/`, {
      headers: { 'x-tenant': tenant, 'x-copy': 'forged' }
    })
    await reply.arrayBuffer()
    if (tenant.length > 8_192) {
      t.equal(reply.status, 431)
      continue
    }
    t.equal(reply.headers.get('x-echo')?.trim(), `for ${tenant}`.trim())
    t.strictSame(upstream.seen.at(-1)?.all('x-copy'), tenant === '' ? [] : [tenant])
  }
})
