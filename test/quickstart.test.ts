import { once } from 'node:events'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { finished, freePorts, ROOT, type Running, running } from './command.js'

/** What `npm start` runs, as somebody meets it who has just cloned the repository. */

// It starts many processes, and each takes a second of CPU time: on a busy machine that is long.
t.setTimeout(600_000)

const START = [process.execPath, `${ROOT}examples/quickstart/start.mjs`]

const hasCurl = (await finished(['sh', '-c', 'command -v curl'])).code === 0

async function ports(): Promise<Record<string, string>> {
  const [sluice, api, mock] = await freePorts(3)
  return { SLUICE_PORT: String(sluice), DEMO_API_PORT: String(api), MOCK_PORT: String(mock) }
}

async function started(t: Test, env: Record<string, string>): Promise<Running> {
  return running(t, START, line => line.includes('Ctrl-C'), { env })
}

t.test('the curl lines it prints work as printed', { skip: !hasCurl && 'there is no curl' }, async t => {
  const env = await ports()
  const { lines, end } = await started(t, env)
  const commands = lines.filter(line => line.startsWith('curl '))
  t.equal(commands.length, 4)
  const replies: string[] = []
  for (const command of commands) {
    const { code, stdout } = await finished(['sh', '-c', command])
    t.equal(code, 0, command)
    replies.push(stdout)
  }
  const [open, refused, admitted, model] = replies
  t.match(open, /^HTTP\/1\.1 200 OK\r\n[\s\S]*Tea pot/, 'the open route')
  t.match(refused, /^HTTP\/1\.1 401 [\s\S]*content-type: application\/problem\+json/i, 'without a key')
  t.match(admitted, /^HTTP\/1\.1 200 OK\r\n[\s\S]*x-exchange: /i, 'with the key')
  t.match(admitted, /"x-client": "curl[\s\S]*"x-customer": "alice"/, 'the transformed headers are to be seen')
  t.notMatch(admitted, /demo-key|x-powered-by/, 'what the policies take out is not')
  t.match(model, /^HTTP\/1\.1 200 OK\r\n[\s\S]*x-sluice-cost: 0\.0000\d\d[\s\S]*You said: Hello/, 'the model')
  t.equal(await end(), 0, 'it ends when it is asked to')
  await t.rejects(fetch(`http://127.0.0.1:${env.SLUICE_PORT}/catalog`), 'Sluice has ended with it')
  await t.rejects(fetch(`http://127.0.0.1:${env.DEMO_API_PORT}/catalog`), 'and the demo API')
  await t.rejects(fetch(`http://127.0.0.1:${env.MOCK_PORT}/`), 'and the mock provider')
})

t.test('Ctrl-C ends it, and what it started', async t => {
  const env = await ports()
  const { end } = await started(t, env)
  t.equal((await fetch(`http://127.0.0.1:${env.SLUICE_PORT}/catalog`)).status, 200)
  t.equal(await end('SIGINT'), 0)
  await t.rejects(fetch(`http://127.0.0.1:${env.SLUICE_PORT}/catalog`))
  await t.rejects(fetch(`http://127.0.0.1:${env.DEMO_API_PORT}/catalog`))
})

for (const [variable, name] of [
  ['SLUICE_PORT', 'Sluice'],
  ['DEMO_API_PORT', 'The demo API'],
  ['MOCK_PORT', 'The mock provider']
] as const) {
  t.test(`a taken port is said, with what to do: ${variable}`, async t => {
    const env = await ports()
    const server = createServer().listen(Number(env[variable]), '127.0.0.1')
    t.teardown(() => server.close())
    await once(server, 'listening')
    const { code, stderr, stdout } = await finished(START, { env })
    t.equal(code, 1)
    t.match(stderr, /port(?: \d+)? is in use|EADDRINUSE/)
    t.match(stderr, `${name} ended. If its port is taken, choose another: ${variable}=… npm start`)
    t.notMatch(stderr + stdout, /\n {4}at /, 'no stack trace')
    const other = variable === 'SLUICE_PORT' ? env.DEMO_API_PORT : env.SLUICE_PORT
    await t.rejects(fetch(`http://127.0.0.1:${other}/catalog`), 'nothing is left running')
  })
}
