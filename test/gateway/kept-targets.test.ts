import { writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { ConfigError } from '../../core/config/problems.js'
import { buildSnapshot } from '../../core/gateway/build.js'
import { collect } from '../../core/gateway/collect.js'
import { readConfig } from '../../core/gateway/read-config.js'
import type { Snapshot } from '../../core/gateway/snapshot.js'
import { createLog } from '../../core/observe/log.js'
import { sendBy } from '../../core/upstream/http.js'
import { KeptTargets } from '../../core/upstream/kept-targets.js'
import { ANY_TARGET } from '../../core/upstream/upstream.js'
import { configFile, toOne } from '../support/sluice.js'
import { httpUpstream } from '../support/upstream.js'

const log = createLog('silent')

/** Sends one request by way of a snapshot's upstream. */
async function ask({ upstreams }: Snapshot): Promise<string> {
  const target = upstreams.get('main')?.pick(ANY_TARGET)
  if (target === undefined) return 'no target'
  const request = { method: 'GET', target: '/', headers: [], body: undefined }
  const reply = await sendBy(target.client, request, { connect: 5_000, headers: 5_000, idle: 5_000 })
  return (await collect(reply.body, 1_000, 'GW_UPSTREAM_BODY_TOO_LARGE')).toString()
}

const build = (t: Test, port: number, kept?: KeptTargets, more = {}) =>
  buildSnapshot(readConfig(configFile(t, toOne(port, more))), { log, ...(kept && { targets: kept }) })

t.test('snapshots built with the same kept targets use the same connections', async t => {
  const upstream = await httpUpstream(t, (_, response) => response.end('ok'))
  const kept = new KeptTargets()
  const first = await build(t, upstream.port, kept)
  // undici opens a second one while the first is not quite free.
  for (let i = 0; i < 3; i++) t.equal(await ask(first), 'ok')
  const before = upstream.connections()
  const second = await build(t, upstream.port, kept, { limits: { headers: 50 } })
  t.equal(second.upstreams.get('main')?.targets[0], first.upstreams.get('main')?.targets[0])
  await first.close()
  for (let i = 0; i < 3; i++) t.equal(await ask(second), 'ok')
  t.equal(upstream.connections(), before)
  await second.close()
  await t.rejects(ask(second), 'it is closed with the last one')
})

t.test('snapshots built without share nothing', async t => {
  const upstream = await httpUpstream(t, (_, response) => response.end('ok'))
  const [first, second] = [await build(t, upstream.port), await build(t, upstream.port)]
  t.equal(await ask(first), 'ok')
  t.equal(await ask(second), 'ok')
  t.equal(upstream.connections(), 2)
  await first.close()
  await second.close()
})

t.test('a snapshot whose targets file has a mistake is refused, naming the file and the place', async t => {
  const kept = new KeptTargets()
  const upstreams = { main: { discover: { file: 'targets.yaml' } } }
  const file = configFile(t, { upstreams })
  const targets = file.replace('sluice.yaml', 'targets.yaml')
  const message = async (): Promise<string> => {
    try {
      await (await buildSnapshot(readConfig(file), { log, ...(kept && { targets: kept }) })).close()
      return 'nothing'
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown
      return thrown.message
    }
  }
  t.match(await message(), `${targets}  the targets file cannot be read: there is no such file`)
  writeFileSync(targets, 'targets: [http://a,\n  nonsense]')
  t.match(await message(), `${targets}:2:3  targets[1]  "nonsense" does not begin with http`)
  writeFileSync(targets, 'targets: [http://a]')
  t.equal(await message(), 'nothing')
})
