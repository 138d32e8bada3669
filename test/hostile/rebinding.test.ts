import dns from 'node:dns'
import { createServer } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { EffectInput } from '../../core/plugin-host/abi.js'
import { pluginFolders } from '../support/plugins.js'
import { startSluice, toOne } from '../support/sluice.js'
import { guest, verdictAt } from '../support/wat.js'

const NAME = 'rebound.example'
type Done = (error: NodeJS.ErrnoException | null, found: dns.LookupAddress[]) => void

/** Makes the system's resolver answer these for the name, one list for each look-up; the last for ever. @returns what it was asked for */
function resolving(t: Test, answers: readonly (readonly string[])[]): string[] {
  const asked: string[] = []
  const real = dns.lookup
  const fake = (host: string, options: dns.LookupAllOptions, done: Done): void => {
    if (host !== NAME) {
      real(host, options, done)
      return
    }
    const found = answers[Math.min(asked.push(host), answers.length) - 1] ?? []
    done(
      null,
      found.map(address => ({ address, family: 4 }))
    )
  }
  Object.assign(dns, { lookup: fake })
  syncBuiltinESMExports()
  t.teardown(() => {
    Object.assign(dns, { lookup: real })
    syncBuiltinESMExports()
  })
  return asked
}

/** A server on every address of this machine that says on which it was reached, and closes each connection. */
async function world(t: Test): Promise<{ port: number; reached: string[] }> {
  const reached: string[] = []
  const server = createServer((request, response) => {
    reached.push(request.socket.localAddress ?? '')
    response.writeHead(200, { connection: 'close' }).end()
  })
  await new Promise<void>(resolve => server.listen(0, '0.0.0.0', resolve))
  t.teardown(() => server.close())
  return { port: (server.address() as AddressInfo).port, reached }
}

/** 127.0.0.1 stands for the public address, 127.0.0.2 for one that no plugin may call. */
async function asking(t: Test, port: number): Promise<() => Promise<string>> {
  const origin = `http://${NAME}:${port}`
  const asker = guest({
    hooks: { on_request: '(i32.const 1024)', on_effect: '(call $show (local.get $ptr) (local.get $len))' },
    more: verdictAt(1024, { effects: [{ id: 'a', http: { url: origin } }] })
  })
  const sluice = await startSluice(
    t,
    toOne(1, {
      callouts: { allowNetworks: ['127.0.0.1/32'] },
      plugins: pluginFolders(t, { asker: { wasm: asker, permissions: { callouts: [origin] } } }),
      routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies: [{ plugin: 'asker' }] }]
    })
  )
  return async () => {
    const reply = await fetch(`http://127.0.0.1:${sluice.port}/`)
    const [answer] = EffectInput.decode(new Uint8Array(await reply.arrayBuffer())).answers
    return answer?.error === '' ? String(answer.status) : (answer?.error ?? '')
  }
}

// 34
t.test('a name that answers differently the second time gains nothing', async t => {
  const { port, reached } = await world(t)
  const asked = resolving(t, [['127.0.0.1'], ['127.0.0.2']])
  const ask = await asking(t, port)
  t.equal(await ask(), '200')
  t.strictSame(asked, [NAME], 'it was looked up once, and the connection went to what was found')
  t.equal(await ask(), 'denied', 'a new connection is checked anew')
  t.strictSame(reached, ['127.0.0.1'])
})

t.test('one forbidden address among several is enough', async t => {
  const { port, reached } = await world(t)
  resolving(t, [['127.0.0.1', '127.0.0.2']])
  t.equal(await (await asking(t, port))(), 'denied')
  t.strictSame(reached, [])
})
