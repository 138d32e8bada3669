import { renameSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { Mock } from '../../../core/cli/mock/server.js'
import { connect } from '../../support/client.js'
import { mockProvider } from '../../support/mock.js'
import { memory, type ServedSluice, serve } from '../../support/serve.js'
import { httpUpstream } from '../../support/upstream.js'
import { bodyOf, dialectOf, pathOf, readStream } from './clients.js'
import { type Asked, configOf } from './gateway.js'

const WANTED = { client: 'openai-chat', model: 'main/m+tokens=100+slow=100', stream: true } as const

async function served(t: Test, asked: Asked = {}): Promise<{ mock: Mock; sluice: ServedSluice; asked: Asked }> {
  const mock = await mockProvider(t)
  return { mock, sluice: await serve(t, configOf(mock, asked)), asked }
}

const open = ({ port }: ServedSluice) =>
  fetch(`http://127.0.0.1:${port}${pathOf(WANTED)}`, { method: 'POST', body: bodyOf(WANTED) })

async function rest(response: Response) {
  return readStream(dialectOf('openai-chat'), await response.text())
}

t.test('a stream that is open when the gateway is told to end is sent to its end', async t => {
  const { mock, sluice } = await served(t)
  const response = await open(sluice)
  const exit = sluice.end('SIGTERM')
  await sluice.until(line => line.includes('"draining"'))
  const got = await rest(response)
  t.ok(got.ended && got.failure === undefined)
  t.equal(await exit, 0)
  t.equal(mock.requests()[0]?.outcome, 'done')
})

t.test(
  'a provider that is heard after its client left is heard to its end, also by a gateway that is to end',
  async t => {
    const { mock, sluice } = await served(t, { route: { clientGone: { drain: '1m' } } })
    const leave = new AbortController()
    await fetch(`http://127.0.0.1:${sluice.port}${pathOf(WANTED)}`, {
      method: 'POST',
      body: bodyOf(WANTED),
      signal: leave.signal
    })
    leave.abort()
    await sluice.until(line => line.includes('GW_CLIENT_GONE'))
    t.equal(await sluice.end('SIGTERM'), 0)
    t.equal(mock.requests()[0]?.outcome, 'done')
  }
)

t.test('a stream goes on under the configuration it began with', async t => {
  const { mock, sluice } = await served(t)
  const response = await open(sluice)
  const config = configOf(mock, { accounts: { other: {} } })
  writeFileSync(`${sluice.file}.new`, JSON.stringify({ listen: { port: 0 }, pluginThreads: 1, ...config }))
  renameSync(`${sluice.file}.new`, sluice.file)
  await sluice.until(line => line.includes('"msg":"reloaded"'))
  const after = await open(sluice)
  t.equal(after.status, 404, 'what comes now is served by the new one')
  await after.text()
  const got = await rest(response)
  t.ok(got.ended && got.failure === undefined)
})

t.test('a client that reads slowly holds its provider back: nothing piles up in between', async t => {
  const MIB = 1024 * 1024
  const TOTAL = 400
  const text = 'x'.repeat(8_000)
  const event = `data: {"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`
  const last = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
  const events = Math.floor((TOTAL * MIB) / event.length)
  let sent = 0
  const upstream = await httpUpstream(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const more = (): void => {
      while (sent < events) {
        sent++
        if (!response.write(event)) return void response.once('drain', more)
      }
      response.end(last)
    }
    more()
  })
  const accounts = { main: { baseUrl: `http://127.0.0.1:${upstream.port}/v1`, timeouts: { idle: '1m' } } }
  for (const [name, more] of [
    ['untouched', { stream_options: { include_usage: true } }],
    ['without usage', {}]
  ] as const) {
    sent = 0
    const { sluice } = await served(t, { accounts, route: { streams: { bytes: '1GiB' } } })
    const before = memory(sluice.pid).now
    const client = await connect(t, sluice.port)
    client.socket.removeAllListeners('data')
    let got = 0
    let end = ''
    // As much as one turn of the event loop brings, then a rest: slower than the provider, which is in this process too.
    client.socket.on('data', piece => {
      got += piece.length
      end = (end + piece.toString('latin1')).slice(-100)
      client.socket.pause()
      setImmediate(() => client.socket.resume())
    })
    const body = bodyOf({ ...WANTED, model: 'main/m', more })
    client.send(`POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    await new Promise<void>(resolve => {
      client.socket.on('data', () => {
        if (end.endsWith('0\r\n\r\n')) resolve()
      })
    })
    t.ok(got > TOTAL * MIB * 0.99, `${name}: all of it came`)
    const grown = (memory(sluice.pid).peak - before) / MIB
    t.ok(grown < TOTAL / 2, `${name}: ${grown.toFixed(0)} MiB more than before, of ${TOTAL}`)
    client.socket.destroy()
  }
})
