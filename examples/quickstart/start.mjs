/**
 * What `npm start` runs: the demo API, a mock AI provider, and Sluice in front of both. When they answer it says what to
 * try; Ctrl-C ends all.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const ports = {
  SLUICE_PORT: process.env.SLUICE_PORT ?? '8080',
  DEMO_API_PORT: process.env.DEMO_API_PORT ?? '9001',
  MOCK_PORT: process.env.MOCK_PORT ?? '4010'
}
const sluice = file('../../build/bin/main.js')
const env = { ...process.env, ...ports }
const origin = `http://127.0.0.1:${ports.SLUICE_PORT}`

// Each leads a process group of its own: Ctrl-C then reaches this process alone, which ends them in order.
const children = []
let ending = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0))
process.on('exit', () => signalAll('SIGKILL'))

await start('The demo API', 'DEMO_API_PORT', [file('demo-api.mjs')])
await start('The mock provider', 'MOCK_PORT', [sluice, 'mock', '--port', ports.MOCK_PORT])
await start('Sluice', 'SLUICE_PORT', [sluice, 'serve', '-c', file('sluice.yaml')])
await answers(`${origin}/catalog`)
tell()

/** Starts a Node program, passes on what it prints, and waits until that says it is there. */
async function start(name, portVariable, args) {
  const child = spawn(process.execPath, args, { env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  child.once('exit', () => {
    if (ending) return
    console.error(`\n${name} ended. If its port is taken, choose another: ${portVariable}=… npm start`)
    void end(1)
  })
  // Should it end before, this is never resolved, and the lines above end the process.
  await new Promise(resolve => {
    createInterface({ input: child.stdout }).on('line', line => {
      console.log(line)
      if (/listening|^mock provider at/.test(line)) resolve()
    })
  })
}

async function answers(url) {
  const reply = await fetch(url)
  if (reply.ok) return
  console.error(`${url} answers ${reply.status}, 200 was expected`)
  await end(1)
}

function tell() {
  console.log(`
Sluice listens on ${origin}; behind it are a small demo API on port ${ports.DEMO_API_PORT} and
an AI provider that is none on port ${ports.MOCK_PORT}, started beside it. The configuration is examples/quickstart/sluice.yaml. Try:

  An open route: 200
curl -i ${origin}/catalog

  A route with policies, without a key: 401
curl -i ${origin}/orders

  With the key: 200, and "headers" shows what the policies made of the request
curl -i -H 'x-api-key: demo-key' ${origin}/orders

  A model, by OpenAI's API: the provider behind it repeats what it is told
curl -i ${origin}/v1/chat/completions -H 'content-type: application/json' -d '{"model": "demo", "messages": [{"role": "user", "content": "Hello"}]}'

Ctrl-C ends all of it.
`)
}

async function end(code) {
  if (ending) return signalAll('SIGKILL') // asked twice: at once
  ending = true
  signalAll('SIGTERM')
  await Promise.all(children.map(child => running(child) && once(child, 'exit')))
  process.exit(code)
}

function signalAll(signal) {
  for (const child of children) if (running(child)) child.kill(signal)
}

function running(child) {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

function file(name) {
  return fileURLToPath(new URL(name, import.meta.url))
}
