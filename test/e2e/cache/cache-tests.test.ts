import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { plainRequest } from '../../support/cached.js'
import { clock } from '../../support/clock.js'
import { startSluice } from '../../support/sluice.js'
import { recordingUpstream, type Seen } from '../../support/upstream.js'
import type { Case, Fields, Step } from './cases/case.js'
import { CHANGES } from './cases/changes.js'
import { CONDITIONAL } from './cases/conditional.js'
import { DIRECTIVES } from './cases/directives.js'
import { FRESHNESS } from './cases/freshness.js'
import { STORED_FIELDS } from './cases/stored-fields.js'
import { SURROGATES } from './cases/surrogates.js'
import { VARIANTS } from './cases/variants.js'

// The cases of the public cache-tests, as our own table. See README.md for those that are not here.

t.setTimeout(300_000)

const SUITES = {
  freshness: FRESHNESS,
  directives: DIRECTIVES,
  variants: VARIANTS,
  conditional: CONDITIONAL,
  'stored fields': STORED_FIELDS,
  surrogates: SURROGATES,
  changes: CHANGES
}

t.test('every case has a name of its own', async t => {
  const ids = Object.values(SUITES).flatMap(cases => cases.map(({ id }) => id))
  t.ok(ids.length > 250, `${ids.length} cases`)
  t.strictSame(
    ids.filter((id, i) => ids.indexOf(id) !== i),
    []
  )
})

for (const [name, cases] of Object.entries(SUITES)) {
  t.test(`cache-tests: ${name}`, async t => {
    const pass = clock(t)
    const { play } = await stage(t)
    for (const one of cases) {
      const wrong = await play(one, pass)
      t.equal(wrong, '', `${one.id} (${one.kind})`)
    }
  })
}

/** A gateway with a route for each kind of cache, and an upstream that answers what the step says. */
async function stage(t: Test) {
  let step: Step = {}
  const upstream = await recordingUpstream(t, (request, response) => answer(step, request, response))
  const route = (name: string, cache: Record<string, unknown>) => ({
    name,
    match: { path: `/${name}/*` },
    upstream: 'main',
    cache
  })
  const { port } = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`], retries: { attempts: 0 } } }, // each try would count
    log: { access: false },
    routes: [
      route('plain', {}),
      route('heuristic', { heuristic: true }),
      route('lenient', { staleIfError: '60s', staleWhileRevalidate: '0s' })
    ]
  })
  const play = async ({ id, route: name = 'plain', steps }: Case, pass: (seconds: number) => void): Promise<string> => {
    for (const [i, next] of steps.entries()) {
      step = next
      upstream.seen.length = 0
      const path = `/${name}/${id}${next.suffix ?? ''}`
      const reply = await plainRequest(port, path, written(next.ask ?? {}), next.method)
      const wrong = problem(next, reply, upstream.seen)
      if (wrong !== undefined) return `step ${i + 1}: ${wrong} ${JSON.stringify(reply.headers)}`
      pass(next.pass ?? 0)
    }
    return ''
  }
  return { play }
}

const DATES = new Set(['date', 'expires', 'last-modified', 'if-modified-since'])

function written(fields: Fields): Record<string, string | string[]> {
  const entries = Object.entries(fields).map(([name, value]): [string, string | string[]] => {
    if (typeof value === 'string') return [name, value]
    if (typeof value !== 'number') return [name, [...value]]
    return [name, DATES.has(name) ? new Date(Date.now() + value * 1_000).toUTCString() : String(value)]
  })
  return Object.fromEntries(entries)
}

function answer({ reply = {}, from }: Step, request: Seen, response: ServerResponse): void {
  if (reply === 'cut') {
    response.destroy()
    return
  }
  const { status = 200, fields = {}, body = 'the body' } = reply
  response.setHeader('date', new Date(Date.now()).toUTCString()) // Node's own does not notice a test's clock
  response.sendDate = false
  const validated =
    (from === 'validated by etag' && request.all('if-none-match').length > 0) ||
    (from === 'validated by date' && request.all('if-modified-since').length > 0)
  for (const [name, value] of Object.entries(written(fields))) response.setHeader(name, value)
  response.statusCode = validated ? 304 : status
  response.end(validated || status === 204 ? undefined : body)
}

/** What of a step is not as it says; undefined: nothing. */
function problem(
  { from, status, text, has = {}, lacks = [], sent = {} }: Step,
  reply: Awaited<ReturnType<typeof plainRequest>>,
  seen: readonly Seen[]
): string | undefined {
  const [request] = seen
  const conditional = request?.all(from === 'validated by date' ? 'if-modified-since' : 'if-none-match') ?? []
  if (from === 'cache' && seen.length > 0) return 'the upstream was asked'
  if (from !== undefined && from !== 'cache' && seen.length !== 1) return `the upstream was asked ${seen.length} times`
  if (from?.startsWith('validated') && conditional.length === 0) return 'it was not validated'
  if (status !== undefined && reply.status !== status) return `status ${reply.status}, not ${status}`
  if (text !== undefined && reply.text !== text) return `"${reply.text}", not "${text}"`
  for (const [name, wanted] of Object.entries(has)) {
    const value = String(reply.headers[name] ?? '')
    if (wanted instanceof RegExp ? !wanted.test(value) : value !== wanted) return `${name} is "${value}"`
  }
  for (const name of lacks) if (reply.headers[name] !== undefined) return `there is ${name}`
  for (const [name, wanted] of Object.entries(sent)) {
    const value = name === ':method' ? request?.method : request?.all(name)[0]
    if (value !== wanted) return `the upstream got ${name} "${value}"`
  }
  return undefined
}
