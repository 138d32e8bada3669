import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import fc from 'fast-check'
import t from 'tap'
import { sharedTableMemory } from '../../core/plugin-host/shared-table.js'
import { ROOT } from '../command.js'
import { Policy } from '../support/instance.js'
import { startSluice, toOne } from '../support/sluice.js'
import { recordingUpstream } from '../support/upstream.js'

const SECRET = 'a shared secret of the tests, 32+'
const keys = ['ada', 'bob'].map(consumer => ({ id: `${consumer}-1`, secret: SECRET, consumer }))
/** One for all requests, so that the same request has the same signature. */
const SECONDS = Math.floor(Date.now() / 1000)
const SIGN = ['method', 'path', 'query', 'timestamp', 'digest']

t.test('a timestamp is good for as long as the settings say, to both sides', async t => {
  const policy = await Policy.of('auth-hmac', { keys, sign: SIGN, clockSkew: 60, replay: 'off' })
  const signedAt = 1_700_000_000
  const at = (ms: number) => outcome(policy, { seconds: signedAt, nowMs: signedAt * 1000 + ms })
  t.equal(await at(0), 'ada')
  t.equal(await at(60_000), 'ada')
  t.equal(await at(60_001), 'clock')
  t.equal(await at(-60_000), 'ada')
  t.equal(await at(-60_001), 'clock')
})

t.test('no thread takes what another has taken', async t => {
  const shared = sharedTableMemory()
  const first = await Policy.of('auth-hmac', { keys, sign: SIGN }, shared)
  const second = await Policy.of('auth-hmac', { keys, sign: SIGN }, shared)
  t.equal(await outcome(first, {}), 'ada')
  t.equal(await outcome(second, {}), 'replay')
  t.equal(await outcome(second, { path: '/other' }), 'ada', 'another request is another signature')
})

t.test('the same signature written in another way is the same', async t => {
  const policy = await Policy.of('auth-hmac', { keys, sign: SIGN })
  t.equal(await outcome(policy, {}), 'ada')
  t.equal(await outcome(policy, { rewrite: text => text.replace('=', '') }), 'replay')
  t.equal(await outcome(policy, { rewrite: text => text.replaceAll('+', '-').replaceAll('/', '_') }), 'replay')
})

t.test('a nonce is good once for each key, whatever else is signed with it', async t => {
  const policy = await Policy.of('auth-hmac', { keys, sign: [...SIGN, 'nonce'], replay: 'nonce' })
  t.equal(await outcome(policy, { nonce: 'a' }), 'ada')
  t.equal(await outcome(policy, { nonce: 'a', path: '/other' }), 'replay')
  t.equal(await outcome(policy, { nonce: 'b' }), 'ada')
  t.equal(await outcome(policy, { nonce: 'a', id: 'bob-1' }), 'bob')
})

t.test('a request with a bad signature uses up no nonce', async t => {
  const policy = await Policy.of('auth-hmac', { keys, sign: [...SIGN, 'nonce'], replay: 'nonce' })
  t.equal(
    await outcome(policy, { nonce: 'a', rewrite: text => text.replace(/^./, c => (c === 'A' ? 'B' : 'A')) }),
    'signature'
  )
  t.equal(await outcome(policy, { nonce: 'a' }), 'ada')
})

t.test('any query is sorted by name as a stable sort does it', async () => {
  const policy = await Policy.of('auth-hmac', { keys, sign: SIGN, replay: 'off' })
  const part = fc.oneof(
    fc.constantFrom('a=1', 'a=2', 'a', 'b=1', 'A=1', '=1', '', 'a%20=1', 'ab=1', 'a=1=2'),
    fc.string({ unit: fc.constantFrom('a', 'b', '=', '%', '-', '~') })
  )
  const property = fc.asyncProperty(fc.array(part, { maxLength: 40 }), async parts => {
    const name = (text: string) => text.split('=', 1)[0] ?? ''
    const sorted = [...parts].sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0))
    return (await outcome(policy, { query: parts.join('&'), signedQuery: sorted.join('&') })) === 'ada'
  })
  await fc.assert(property, { numRuns: 1_000 })
})

t.test('a query of thousands of parameters takes no long time', async t => {
  const policy = await Policy.of('auth-hmac', { keys, sign: SIGN, replay: 'off' })
  const query = Array.from({ length: 8_000 }, (_, i) => (i % 2 === 0 ? 'b' : 'a')).join('&')
  const before = performance.now()
  t.equal(await outcome(policy, { query }), 'signature')
  t.ok(performance.now() - before < 200)
})

/** A row for each of the README's table: what is sent, and the path and the query that are signed. */
const FORMS = readFileSync(`${ROOT}plugins/auth-hmac/README.md`, 'utf8').matchAll(
  /^ {2}\| `(\/[^`?]*)\?([^`]*)` +\| `([^`]+)` +\| (?:`([^`]+)`)?/gm
)

t.test(
  'any form of the path is good for a signature of its normal form; the query is signed as it is sent',
  async t => {
    const upstream = await recordingUpstream(t)
    const policies = [{ plugin: 'auth-hmac', settings: { keys, sign: SIGN, replay: 'off' } }]
    const sluice = await startSluice(t, {
      ...toOne(upstream.port),
      routes: [{ name: 'a', match: { path: '/*' }, upstream: 'main', policies }]
    })
    const statusOf = async (target: string, path: string, query: string): Promise<number | undefined> => {
      const signature = signatureOf(['GET', path, query, String(SECONDS), ''])
      const headers = { 'x-key-id': 'ada-1', 'x-signature': signature, 'x-timestamp': SECONDS }
      const sent = request({ port: sluice.port, path: target, headers }).end()
      const [reply] = await once(sent, 'response')
      reply.resume()
      return reply.statusCode
    }
    let rows = 0
    for (const [, sentPath = '', sentQuery = '', path = '', query = ''] of FORMS) {
      rows++
      const target = `${sentPath}?${sentQuery}`
      t.equal(await statusOf(target, path, query), 200, target)
      t.equal(upstream.seen.at(-1)?.target.split('?')[0], path, 'what was signed is what the upstream gets')
      t.equal(await statusOf(`${path}?${sentQuery}`, path, query), 200, 'sent in normal form')
      t.equal(await statusOf(target, `${path}x`, query), 401)
      if (sentPath !== path) t.equal(await statusOf(target, sentPath, query), 401, 'another form is not what is signed')
    }
    t.equal(rows, 3)
    t.equal(await statusOf('/a%2fb', '/a/b', ''), 401, 'an encoded slash is none')
  }
)

interface Signed {
  readonly id?: string
  readonly path?: string
  readonly query?: string
  /** As it is signed. */
  readonly signedQuery?: string
  readonly nonce?: string
  readonly seconds?: number
  readonly nowMs?: number
  /** Writes the signature in another way. */
  readonly rewrite?: (signature: string) => string
}

/** Who calls, or why the request was refused. */
async function outcome(policy: Policy, signed: Signed): Promise<string> {
  const { id = 'ada-1', path = '/', query = '', signedQuery = query, nonce, rewrite = (text: string) => text } = signed
  const { seconds = SECONDS, nowMs = Date.now() } = signed
  const lines = ['GET', path, signedQuery, String(seconds), '', ...(nonce === undefined ? [] : [nonce])]
  const signature = rewrite(signatureOf(lines))
  const headers = ['x-key-id', id, 'x-signature', signature, 'x-timestamp', String(seconds)]
  if (nonce !== undefined) headers.push('x-nonce', nonce)
  const { reply, consumer, tags } = await policy.send({ path, query, headers, nowMs })
  return reply === null ? (consumer ?? '') : (tags[tags.indexOf('auth-hmac') + 1] ?? '')
}

function signatureOf(lines: readonly string[]): string {
  return createHmac('sha256', SECRET).update(lines.join('\n')).digest('base64')
}
