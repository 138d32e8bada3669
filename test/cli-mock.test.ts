import { once } from 'node:events'
import { createServer } from 'node:net'
import t from 'tap'
import { FAULTS } from '../core/cli/mock/faults.js'
import { freePorts, ROOT, running, SLUICE, sluice } from './command.js'

t.setTimeout(600_000)

t.test('sluice mock serves until it is told to end', async t => {
  const [port = 0] = await freePorts(1)
  const args = [
    '--port',
    `${port}`,
    '--key',
    'a',
    '--key',
    'b',
    '--recordings',
    `${ROOT}test/fixtures/ai`,
    '--rate',
    '10000',
    '--seed',
    '7'
  ]
  const mock = await running(
    t,
    [...SLUICE, 'mock', ...args],
    line => line === `mock provider at http://127.0.0.1:${port}`
  )
  const ask = (key: string) =>
    fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: `Bearer ${key}` } })
  t.equal((await ask('b')).status, 200)
  t.equal((await ask('c')).status, 401)
  t.equal(await mock.end(), 0)
})

t.test('sluice mock --help says every option and every fault', async t => {
  const { code, stdout } = await sluice(['mock', '--help'])
  t.equal(code, 0)
  for (const option of ['port', 'host', 'key', 'recordings', 'rate', 'seed']) t.match(stdout, `--${option} `)
  for (const fault of Object.keys(FAULTS)) t.match(stdout, new RegExp(`^  ${fault} `, 'm'))
})

for (const [args, says] of [
  [['--port', 'http'], '--port is "http", expected a whole number from 0 to 65535'],
  [['--rate', '0'], '--rate is "0", expected a whole number from 1'],
  [['--recordings', 'nowhere'], '--recordings is "nowhere", expected a folder that is there'],
  [['--prot', '1'], "Unknown option '--prot'"],
  [['extra'], "Unexpected argument 'extra'"]
] as const) {
  t.test(`"sluice mock ${args.join(' ')}" is not understood: exit code 2 and a hint`, async t => {
    const { code, stdout, stderr } = await sluice(['mock', ...args])
    t.equal(code, 2)
    t.equal(stdout, '')
    t.match(stderr, says)
    t.match(stderr, 'Try: sluice mock --help')
  })
}

t.test('a port that is taken is said: exit code 1', async t => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  t.match(await sluice(['mock', '--port', `${port}`]), { code: 1, stderr: /EADDRINUSE/ })
})
