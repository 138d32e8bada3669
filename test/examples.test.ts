import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { request as requestHttps } from 'node:https'
import type { ConnectionOptions } from 'node:tls'
import t from 'tap'
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { finished, freePorts, ROOT, running, SLUICE, sluice } from './command.js'
import { ExampleSocket, socketProblems } from './support/example-socket.js'

/** Every folder of examples/ is played: what its requests.json says must come out of the Sluice its sluice.yaml makes. */

// It starts many processes, and each takes a second of CPU time: on a busy machine that is long.
t.setTimeout(600_000)

const closed = { additionalProperties: false } as const
const Json = Type.Union([Type.Object({}, { additionalProperties: true }), Type.Array(Type.Unknown())])

const Requests = Type.Object(
  {
    upstream: Type.Optional(Type.String()),
    mock: Type.Optional(Type.String()),
    ports: Type.Array(Type.String()),
    tls: Type.Optional(Type.String()),
    requests: Type.Array(
      Type.Object(
        {
          title: Type.String(),
          client: Type.Optional(Type.String()),
          repeat: Type.Optional(Type.Integer({ minimum: 1 })),
          request: Type.Object(
            {
              method: Type.Optional(Type.String()),
              /** The variable with the port it goes to; left out: Sluice's. */
              port: Type.Optional(Type.String()),
              path: Type.String(),
              headers: Type.Optional(Type.Record(Type.String(), Type.String())),
              body: Type.Optional(Type.Union([Type.String(), Json]))
            },
            closed
          ),
          expect: Type.Object(
            {
              status: Type.Integer(),
              headers: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]))),
              body: Type.Optional(Type.Union([Type.String(), Json])),
              lacks: Type.Optional(Type.Array(Type.String()))
            },
            closed
          ),
          keep: Type.Optional(Type.Record(Type.String(), Type.String()))
        },
        closed
      ),
      { minItems: 1 }
    ),
    sockets: Type.Optional(Type.Array(ExampleSocket, { minItems: 1 }))
  },
  closed
)
type Requests = Static<typeof Requests>
const validator = Compile(Requests)

const EXAMPLES = `${ROOT}examples/`
const names = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name)

t.ok(names.length > 0, 'there are examples')

for (const name of names) {
  t.test(`examples/${name} does what it says`, async t => {
    const folder = `${EXAMPLES}${name}/`
    for (const file of ['README.md', 'sluice.yaml', 'requests.json']) {
      t.ok(existsSync(folder + file), `it has a ${file}`)
    }
    const plan = readPlan(`${folder}requests.json`)
    if (existsSync(`${folder}build.mjs`)) {
      const { code, stderr } = await finished([process.execPath, 'build.mjs'], { cwd: folder })
      t.equal(code, 0, `build.mjs builds it ${stderr}`)
    }
    for (const plugin of pluginsOf(folder)) {
      if (existsSync(`${plugin}/assembly`)) t.match(await sluice(['plugin', 'build', plugin]), { code: 0, stderr: '' })
      const { code, stdout, stderr } = await sluice(['plugin', 'test', plugin])
      t.equal(code, 0, `its plugin passes its cases\n${stdout}${stderr}`)
    }

    const variables = ['SLUICE_PORT', ...plan.ports, ...(plan.mock === undefined ? [] : [plan.mock])]
    const ports = await freePorts(variables.length)
    const env = Object.fromEntries(variables.map((variable, i) => [variable, String(ports[i])]))
    const config = `${folder}sluice.yaml`
    t.match(await sluice(['check', '-c', config], { env }), { code: 0, stdout: /: ok/ }, 'sluice check passes')
    t.match(await sluice(['check', '-c', config]), { code: 0 }, 'sluice check passes with nothing set')

    const listening = (line: string): boolean => line.includes('listening')
    if (plan.upstream !== undefined) {
      await running(t, [process.execPath, plan.upstream], listening, { cwd: folder, env })
    }
    if (plan.mock !== undefined) {
      await running(t, [...SLUICE, 'mock', '--port', env[plan.mock] ?? ''], line => line.startsWith('mock provider at'))
    }
    const served = await running(t, [...SLUICE, 'serve', '-c', config], listening, { env })
    const secure = plan.tls === undefined ? undefined : `${folder}${plan.tls}/`
    const origin = `${secure === undefined ? 'http' : 'https'}://127.0.0.1:${env.SLUICE_PORT}`
    const kept = new Map<string, string>()
    for (const each of plan.requests) {
      const options = secure === undefined ? undefined : certificates(secure, each.client)
      for (let i = 0; i < (each.repeat ?? 1); i++) {
        const { port } = each.request
        const at = port === undefined ? origin : `http://127.0.0.1:${env[port]}`
        t.strictSame(await problemsOf(at, each, options, kept), [], each.title)
      }
    }
    for (const each of plan.sockets ?? []) {
      t.strictSame(await socketProblems(`ws://127.0.0.1:${env.SLUICE_PORT}`, each), [], each.title)
    }
    t.equal(await served.end(), 0, 'it ends as it should')
  })
}

function readPlan(file: string): Requests {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (validator.Check(value)) return value
  throw new Error(
    validator
      .Errors(value)
      .map(error => `${error.instancePath} ${error.message}`)
      .join('; ')
  )
}

function pluginsOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && existsSync(`${folder}${entry.name}/plugin.json`))
    .map(entry => folder + entry.name)
}

/**
 * What is not as expected, with the reply.
 * @param kept - what was kept of earlier replies, by name; added to
 */
async function problemsOf(
  origin: string,
  { request, expect, keep = {} }: Requests['requests'][number],
  tls: ConnectionOptions | undefined,
  kept: Map<string, string>
): Promise<unknown[]> {
  const { method = 'GET', headers = {}, body } = request
  const filled = (text: string): string => text.replace(/<<(\w+)>>/g, (whole, name) => kept.get(name) ?? whole)
  const path = filled(request.path)
  const sent = body === undefined ? undefined : filled(typeof body === 'string' ? body : JSON.stringify(body))
  const init = { method, headers, ...(sent !== undefined && { body: sent }) }
  const reply =
    tls === undefined
      ? await fetch(origin + path, { ...init, redirect: 'manual' })
      : await ask(origin + path, init, tls)
  const text = await reply.text()
  const problems: string[] = []
  if (reply.status !== expect.status) problems.push(`status ${reply.status}, expected ${expect.status}`)
  for (const [name, wanted] of Object.entries(expect.headers ?? {})) {
    const value = reply.headers.get(name)
    if (value !== wanted) problems.push(`header ${name} is ${value}, expected ${wanted}`)
  }
  if (typeof expect.body === 'string' && !text.includes(expect.body)) problems.push(`the body lacks ${expect.body}`)
  for (const part of expect.lacks ?? []) if (text.includes(part)) problems.push(`the body has ${part}`)
  if (typeof expect.body === 'object') {
    const missing = difference(parsed(text), parsed(filled(JSON.stringify(expect.body))), '')
    if (missing !== undefined) problems.push(`body: ${missing}`)
  }
  for (const [name, pointer] of Object.entries(keep)) {
    const value = pointer.split('/').slice(1).reduce(member, parsed(text))
    if (typeof value === 'string') kept.set(name, value)
    else problems.push(`the body has no text at ${pointer}`)
  }
  return problems.length === 0 ? [] : [...problems, { status: reply.status, headers: [...reply.headers], text }]
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** The authority in a folder, and the certificate of one of its clients. */
function certificates(folder: string, client: string | undefined): ConnectionOptions {
  const ca = readFileSync(`${folder}ca.pem`)
  if (client === undefined) return { ca }
  return { ca, cert: readFileSync(`${folder}${client}.pem`), key: readFileSync(`${folder}${client}.key`) }
}

/** One request on a connection of its own. A connection that is refused has the status 0. */
function ask(
  url: string,
  {
    method,
    headers,
    body
  }: { readonly method: string; readonly headers: Record<string, string>; readonly body?: string },
  tls: ConnectionOptions
): Promise<{ readonly status: number; readonly headers: Headers; text(): Promise<string> }> {
  return new Promise(resolve => {
    const sent = requestHttps(url, { method, headers, ...tls, agent: false }, async reply => {
      const chunks: Buffer[] = []
      for await (const chunk of reply) chunks.push(chunk)
      const found = new Headers(Object.entries(reply.headers).map(([name, value]) => [name, String(value)]))
      resolve({ status: reply.statusCode ?? 0, headers: found, text: async () => Buffer.concat(chunks).toString() })
    })
    sent.on('error', () => resolve({ status: 0, headers: new Headers(), text: async () => '' }))
    sent.end(body)
  })
}

/** The first place where `actual` is not what `expected` says; more members than expected are fine, more elements not. */
function difference(actual: unknown, expected: unknown, path: string): string | undefined {
  if (typeof expected !== 'object' || expected === null) {
    return Object.is(actual, expected) ? undefined : `${path || '/'} is ${JSON.stringify(actual)}, expected ${expected}`
  }
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(expected)) {
    return `${path || '/'} is ${JSON.stringify(actual)}`
  }
  if (Array.isArray(actual) && Array.isArray(expected) && actual.length !== expected.length) {
    return `${path || '/'} has ${actual.length} elements, expected ${expected.length}`
  }
  for (const [key, value] of Object.entries(expected)) {
    const found = difference(Reflect.get(actual, key), value, `${path}/${key}`)
    if (found !== undefined) return found
  }
  return undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
