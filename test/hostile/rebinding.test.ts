import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { EffectInput } from '../../core/plugin-host/abi.js'
import { ROOT } from '../command.js'
import { pluginFolders } from '../support/plugins.js'
import { startSluice, toOne } from '../support/sluice.js'
import { guest, verdictAt } from '../support/wat.js'
import { field } from './harness.js'
import { REBOUND, rebind } from './rebound.js'

/** Makes the system's resolver answer these for the name, one list for each look-up, in turn. @returns what it was asked for */
function resolving(t: Test, answers: readonly (readonly string[])[]): readonly string[] {
  const { asked, undo } = rebind(answers)
  t.teardown(undo)
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
const CALLOUTS = { allowNetworks: ['127.0.0.1/32'] }

/** A plugin that calls the name, and replies with the answer. */
function asker(port: number) {
  const url = `http://${REBOUND}:${port}`
  const wasm = guest({
    hooks: { on_request: '(i32.const 1024)', on_effect: '(call $show (local.get $ptr) (local.get $len))' },
    more: verdictAt(1024, { effects: [{ id: 'a', http: { url } }] })
  })
  return { wasm, permissions: { callouts: [url] } }
}

/** The status of the answer that a reply shows, or its error. */
function answerIn(bytes: Uint8Array): string {
  const [answer] = EffectInput.decode(bytes).answers
  return answer?.error === '' ? String(answer.status) : (answer?.error ?? '')
}

async function asking(t: Test, port: number): Promise<() => Promise<string>> {
  const sluice = await startSluice(
    t,
    toOne(1, {
      callouts: CALLOUTS,
      plugins: pluginFolders(t, { asker: asker(port) }),
      routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies: [{ plugin: 'asker' }] }]
    })
  )
  return async () => {
    const reply = await fetch(`http://127.0.0.1:${sluice.port}/`)
    return answerIn(new Uint8Array(await reply.arrayBuffer()))
  }
}

// 34
t.test('a name that answers differently the second time gains nothing', async t => {
  const { port, reached } = await world(t)
  const asked = resolving(t, [['127.0.0.1'], ['127.0.0.2']])
  const ask = await asking(t, port)
  t.equal(await ask(), '200')
  t.strictSame(asked, [REBOUND], 'it was looked up once, and the connection went to what was found')
  t.equal(await ask(), 'denied', 'a new connection is checked anew')
  t.strictSame(reached, ['127.0.0.1'])
})

t.test('one forbidden address among several is enough', async t => {
  const { port, reached } = await world(t)
  resolving(t, [['127.0.0.1', '127.0.0.2']])
  t.equal(await (await asking(t, port))(), 'denied')
  t.strictSame(reached, [])
})

t.test('a name that answers differently every second time gains nothing while others are served', async t => {
  const { port, reached } = await world(t)
  const sluice = await field(t, {
    plugins: { asker: asker(port) },
    routes: { asks: [{ plugin: 'asker' }] },
    more: { callouts: CALLOUTS },
    env: {
      NODE_OPTIONS: `--import=${ROOT}build/test/hostile/rebound.js`,
      REBIND: JSON.stringify([['127.0.0.1'], ['127.0.0.2']])
    }
  })
  let allowed = 0
  await sluice.during(t, 'a name that is bound anew', async () => {
    for (let i = 0; i < 10; i++) {
      const { text } = await sluice.get('asks/x')
      t.equal(text.includes('denied'), i % 2 === 1)
    }
    allowed += 5
  })
  t.strictSame(
    reached,
    Array.from({ length: allowed }, () => '127.0.0.1')
  )
})
