import { once } from 'node:events'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import t, { type Test } from 'tap'
import type { Mock } from '../../../core/cli/mock/server.js'
import { running, SLUICE } from '../../command.js'
import { mockProvider } from '../../support/mock.js'
import { type ServedSluice, serve } from '../../support/serve.js'
import type { SluiceConfig } from '../../support/sluice.js'
import { httpUpstream } from '../../support/upstream.js'
import { aiConfig, ask, callers, get, say } from './parts.js'

t.setTimeout(300_000)

const MONTH = { name: 'all', count: 'tokens', limit: 1_000_000, every: 'month' }

interface BudgetLine {
  readonly budget: string
  readonly dimensions: Record<string, string>
  readonly spent: number
  readonly reserved: number
}

const adminOf = (lines: readonly string[]): string =>
  JSON.parse(lines.find(line => line.includes('"listening"')) ?? '{}').admin

async function budgetsAt(admin: string): Promise<readonly BudgetLine[]> {
  const page = await fetch(`${admin}/ai/budgets`)
  return ((await page.json()) as { budgets: BudgetLine[] }).budgets
}

/** Once nothing is held any more. */
async function spentAt(admin: string, name: string): Promise<number> {
  for (;;) {
    const found = (await budgetsAt(admin)).filter(({ budget }) => budget === name)
    if (found.every(({ reserved }) => reserved === 0)) return found.reduce((sum, { spent }) => sum + spent, 0)
  }
}

function replace({ file }: { readonly file: string }, config: SluiceConfig): void {
  writeFileSync(`${file}.new`, JSON.stringify({ listen: { port: 0 }, pluginThreads: 1, ...config }))
  renameSync(`${file}.new`, file)
}

const billed = (mock: { requests(): readonly { bill: { input: number; output: number } | undefined }[] }): number =>
  mock.requests().reduce((sum, { bill }) => sum + (bill === undefined ? 0 : bill.input + bill.output), 0)

/** The same configuration again, in a new process. */
async function again(t: Test, file: string) {
  const child = await running(t, [...SLUICE, 'serve', '-c', file], line => line.includes('"listening"'))
  const { url, admin } = JSON.parse(child.lines.find(line => line.includes('"listening"')) ?? '{}')
  return { ...child, port: Number(new URL(url).port), admin: String(admin) }
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  t.test(`what was spent outlives ${signal}`, async t => {
    const mock = await mockProvider(t)
    const sluice = await serve(t, aiConfig(mock, { ai: { budgets: [MONTH] }, admin: { port: 0 } }))
    for (const stream of [false, true]) await say(sluice.port, 'openai-chat', { stream })
    const spent = await spentAt(adminOf(sluice.lines), 'all')
    t.equal(spent, billed(mock))
    const ledger = join(dirname(sluice.file), 'sluice-ledger.jsonl')
    while (!readFileSync(ledger, 'utf8').includes(`,${spent}]`)) await new Promise(resolve => setImmediate(resolve))
    await sluice.end(signal)
    const next = await again(t, sluice.file)
    t.equal(await spentAt(next.admin, 'all'), spent)
    await say(next.port, 'openai-chat')
    t.equal(await spentAt(next.admin, 'all'), billed(mock), 'and it goes on from there')
    await next.end()
  })
}

t.test('two event loops have one ledger, to the token', async t => {
  const mock = await mockProvider(t)
  const limit = 40
  const sluice = await serve(
    t,
    aiConfig(mock, {
      threads: 2,
      admin: { port: 0 },
      ai: { budgets: [MONTH, { name: 'few', count: 'requests', limit, every: 'month' }], ledger: { file: false } }
    })
  )
  const replies = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      say(sluice.port, 'openai-chat', { stream: i % 2 === 0 }, { connection: 'close' })
    )
  )
  t.equal(replies.filter(({ status }) => status === 200).length, limit, 'exactly as many as there is room for')
  t.equal(replies.filter(({ status }) => status === 429).length, 60 - limit)
  const admin = adminOf(sluice.lines)
  t.equal(await spentAt(admin, 'all'), billed(mock))
  t.equal(await spentAt(admin, 'few'), limit)
})

/** A receiver of alerts. */
async function hook(t: Test) {
  const received: { headers: Record<string, string>; body: string }[] = []
  const answer = { status: 200 }
  let heard: () => void = () => undefined
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', piece => {
      body += piece
    })
    request.on('end', () => {
      received.push({ headers: request.headers as Record<string, string>, body })
      response.writeHead(answer.status).end()
      heard()
    })
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const until = (count: number) =>
    new Promise<void>(resolve => {
      heard = () => received.length >= count && resolve()
      heard()
    })
  return { received, answer, url: `http://127.0.0.1:${port}/alerts`, until }
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  t.test(`alerts that have not arrived outlive ${signal}, and come under the same ids`, async t => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    const { received, answer, url, until } = await hook(t)
    answer.status = 503
    const mock = await mockProvider(t)
    const budgets = [{ name: 'team', count: 'tokens', limit: 10, every: 'month', enforce: false }]
    const sluice = await serve(t, aiConfig(mock, { ai: { budgets, alerts: { webhook: { url, secret } } } }))
    await say(sluice.port, 'openai-chat')
    await until(3)
    const ledger = join(dirname(sluice.file), 'sluice-ledger.jsonl')
    while (readFileSync(ledger, 'utf8').split('["alert",').length < 4)
      await new Promise(resolve => setImmediate(resolve))
    await sluice.end(signal)

    answer.status = 200
    const next = await again(t, sluice.file)
    await until(6)
    const told = received.map(({ headers, body }) => {
      const { data } = new Webhook(secret).verify(body, headers) as { data: { threshold: number } }
      return `${headers['webhook-id']} ${data.threshold}`
    })
    t.strictSame(told.slice(3).sort(), told.slice(0, 3).sort())
    await say(next.port, 'openai-chat')
    await next.end()
    const last = await again(t, sluice.file)
    await last.end()
    t.equal(received.length, 6, 'once they have arrived they do not come again')
  })
}

t.test('an alert reaches the webhook, signed, and the log', async t => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const { received, url, until } = await hook(t)
  const mock = await mockProvider(t)
  const sluice = await serve(
    t,
    aiConfig(mock, {
      policies: [callers({ ann: {} })],
      ai: {
        budgets: [{ name: 'team', per: ['consumer'], count: 'requests', limit: 4, every: 'month' }],
        alerts: { webhook: { url, secret } },
        ledger: { file: false }
      }
    })
  )
  for (const _ of [1, 2, 3, 4]) {
    t.equal((await say(sluice.port, 'openai-chat', {}, { 'x-caller': 'ann' })).status, 200)
  }
  await until(3)
  const events = received.map(({ headers, body }) => new Webhook(secret).verify(body, headers)) as {
    type: string
    data: { budget: string; threshold: number; dimensions: object }
  }[]
  t.strictSame(
    events.map(({ data }) => data.threshold).sort((a, b) => a - b),
    [50, 80, 100]
  )
  t.match(events[0], { type: 'budget.threshold', data: { budget: 'team', dimensions: { consumer: 'ann' } } })
  t.match(await sluice.until(line => line.includes('budget threshold passed'), 3), /"threshold":100/)
})

t.test('a reload changes budgets while it runs, and keeps what was spent', async t => {
  const mock = await mockProvider(t)
  const config = (limit: number) =>
    aiConfig(mock, { ai: { budgets: [{ name: 'n', count: 'requests', limit, every: 'month' }] } })
  const sluice = await serve(t, config(1))
  const status = async () => (await say(sluice.port, 'openai-chat')).status
  t.strictSame([await status(), await status()], [200, 429])
  replace(sluice, config(2))
  await sluice.until(reloaded)
  t.strictSame([await status(), await status()], [200, 429], 'one more')
  replace(sluice, aiConfig(mock))
  await sluice.until(reloaded, 2)
  t.equal(await status(), 200, 'no budgets at all')
})

t.test(
  'an answer in the background that is fetched while there are no budgets is booked to those that come back',
  async t => {
    let status = 'queued'
    const upstream = await httpUpstream(t, (_, response) => {
      const usage = status === 'completed' ? { input_tokens: 10, output_tokens: 500, total_tokens: 510 } : null
      const body = { id: 'resp_1', object: 'response', model: 'gpt-5', status, background: true, output: [], usage }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    const main = { provider: 'openai', baseUrl: `http://127.0.0.1:${upstream.port}/v1`, keys: ['k'] }
    const config = (budgets: readonly object[]): SluiceConfig => ({
      upstreams: {},
      routes: [{ name: 'ai', match: { path: '/*' }, ai: {} }],
      ai: { providers: { main }, budgets },
      admin: { port: 0 }
    })
    const sluice = await serve(t, config([MONTH]))
    const asked = { model: 'main/gpt-5', input: 'Hello there', background: true }
    t.equal((await ask(sluice.port, '/v1/responses', asked)).json.status, 'queued')
    replace(sluice, config([]))
    await sluice.until(reloaded)
    status = 'completed'
    t.equal((await get(sluice.port, '/v1/responses/resp_1')).json.status, 'completed')
    replace(sluice, config([MONTH]))
    await sluice.until(reloaded, 2)
    t.match(await budgetsAt(adminOf(sluice.lines)), [{ budget: 'all', spent: 510, reserved: 0 }])
  }
)

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  t.test(`an answer in the background that nobody has fetched outlives ${signal} with its prompt`, async t => {
    const { port } = await httpUpstream(t, (_, response) => {
      const body = { id: 'resp_1', object: 'response', model: 'gpt-5', status: 'queued', background: true, output: [] }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    const main = { provider: 'openai', baseUrl: `http://127.0.0.1:${port}/v1`, keys: ['k'] }
    const sluice = await serve(t, {
      upstreams: {},
      routes: [{ name: 'ai', match: { path: '/*' }, ai: {} }],
      ai: { providers: { main }, budgets: [MONTH] },
      admin: { port: 0 }
    })
    await ask(sluice.port, '/v1/responses', { model: 'main/gpt-5', input: 'Hello there', background: true })
    const [line] = await budgetsAt(adminOf(sluice.lines))
    t.ok(line !== undefined && line.spent > 0 && line.reserved > 0)
    const ledger = join(dirname(sluice.file), 'sluice-ledger.jsonl')
    while (!readFileSync(ledger, 'utf8').includes(`,${line?.spent}]`))
      await new Promise(resolve => setImmediate(resolve))
    await sluice.end(signal)
    const next = await again(t, sluice.file)
    t.match(await budgetsAt(next.admin), [{ budget: 'all', spent: line?.spent, reserved: 0 }])
    await next.end()
  })
}

const withFile = (mock: Mock, file: string | false, limit: number) =>
  aiConfig(mock, { ai: { budgets: [{ name: 'n', count: 'requests', limit, every: 'month' }], ledger: { file } } })

t.test(
  'the ledger stays where it is: another place refuses the reload, and the old configuration serves on',
  async t => {
    const mock = await mockProvider(t)
    const sluice = await serve(t, withFile(mock, 'spent.jsonl', 2))
    const status = async () => (await say(sluice.port, 'openai-chat')).status
    t.equal(await status(), 200)
    for (const [i, file] of (['elsewhere.jsonl', false] as const).entries()) {
      replace(sluice, withFile(mock, file, 100))
      t.match(await sluice.until(refused, i + 1), /ai\.ledger\.file {2}cannot change while Sluice runs: restart it/)
    }
    t.notOk(existsSync(join(dirname(sluice.file), 'elsewhere.jsonl')))
    t.strictSame([await status(), await status()], [200, 429], 'the two of before')
  }
)

t.test(
  'a ledger that is none refuses the reload that brings the first budgets, and the old configuration serves on',
  async t => {
    const mock = await mockProvider(t)
    const sluice = await serve(t, aiConfig(mock))
    const status = async () => (await say(sluice.port, 'openai-chat')).status
    writeFileSync(join(dirname(sluice.file), 'notes.txt'), 'This is\nno ledger.\n')
    for (const [i, file] of ['notes.txt', '.'].entries()) {
      replace(sluice, withFile(mock, file, 1))
      t.match(await sluice.until(refused, i + 1), /ai\.ledger\.file: .*cannot be opened/)
    }
    t.equal(
      readFileSync(join(dirname(sluice.file), 'notes.txt'), 'utf8'),
      'This is\nno ledger.\n',
      'nothing was written'
    )
    t.equal(await status(), 200, 'no budgets')
    replace(sluice, withFile(mock, 'spent.jsonl', 2))
    await sluice.until(reloaded)
    t.strictSame([await status(), await status(), await status()], [200, 200, 429])
  }
)

const reloaded = (line: string) => line.includes('"msg":"reloaded"')
const refused = (line: string) => line.includes('"msg":"reload refused"')

t.test('operators see how keys do, of both event loops, and never a key', async t => {
  const mock = await mockProvider(t, { keys: ['sk-claude-secret'] })
  const sluice: ServedSluice = await serve(t, aiConfig(mock, { threads: 2, admin: { port: 0 } }))
  const admin = Number(new URL(adminOf(sluice.lines)).port)
  for (const _ of [1, 2, 3]) await say(sluice.port, 'openai-chat', {}, { connection: 'close' })
  const { text, json } = await get(admin, '/ai/keys')
  t.match(json.accounts, [
    { account: 'main', provider: 'openai', keys: [{ state: 'refused' }] },
    { account: 'claude', provider: 'anthropic', keys: [{ state: 'ready', forMs: 0 }] },
    { account: 'google', provider: 'gemini', keys: [{ state: 'ready' }] }
  ])
  t.ok(json.accounts[0].keys[0].forMs > 0)
  t.notMatch(text, /secret/)
})
