import t from 'tap'
import { Policy } from '../support/instance.js'
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

t.test('a value that is too long is refused, whatever was asked before', async t => {
  const twice = { 'x-out': '{header.x-in}{header.x-in}' }
  const read = { request: ['x-in'] }
  const long = 'x'.repeat(6_000)
  for (const request of [{ set: twice }, { add: twice }]) {
    for (const settings of [
      { read, request },
      { read, response: request }
    ]) {
      for (const before of [[], ['', '', ''], ['b'], ['b', 'b', ''], ['', '', long], [long, ''], [long, 'b', 'b']]) {
        const policy = await Policy.of('transform-headers', settings)
        const send = (value: string) => policy.send({ headers: value === '' ? [] : ['x-in', value] })
        for (const value of before) await send(value)
        t.equal((await send(long)).reply?.status, 431, `after ${before.map(value => value.slice(0, 3))}`)
        for (const value of ['', '', 'b', 'b', '']) {
          const { reply, headers, responseHeaders } = await send(value)
          t.equal(reply, null)
          const edit = [...headers, ...responseHeaders].find(({ name }) => name === 'x-out')
          t.equal(edit?.value ?? '', value + value)
        }
      }
    }
  }
})
