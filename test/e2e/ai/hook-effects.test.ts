import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import OpenAI from 'openai'
import t, { type Test } from 'tap'
import { MAX_ROUNDS } from '../../../core/gateway/effects.js'
import { readRecording } from '../../../core/plugin-host/record/format.js'
import { buildGuest } from '../../../plugin-sdk/conformance/build.js'
import { sluice } from '../../command.js'
import { mockProvider } from '../../support/mock.js'
import { pluginFolders } from '../../support/plugins.js'
import { ALL } from '../../support/pool.js'
import { recordingOf } from '../../support/recordings.js'
import { startSluice } from '../../support/sluice.js'
import { httpUpstream, read } from '../../support/upstream.js'

t.setTimeout(120_000)

/** It does in each hook what its settings say. */
const wasm = readFileSync(await buildGuest())

const judge = { id: 'judge', http: { upstream: 'judge', url: '/judge', method: 'POST', body: 'aGk=' } }
const kept = { id: 'kept', kv: { key: 'a' } }
const asks = { answer: { verdict: { effects: [judge, kept] } } }

interface Judge {
  answer(response: ServerResponse): void
}

const FAIR: Judge = { answer: response => response.writeHead(200, { 'x-score': '3' }).end('fine') }

/** An AI route with the guest, a server it asks, and a client. */
async function judged(t: Test, settings: object, { answer }: Judge = FAIR, more: object = {}) {
  const mock = await mockProvider(t, { rate: 200 })
  const asked: string[] = []
  const { port } = await httpUpstream(t, (request, response) => {
    void read(request).then(body => {
      asked.push(`${request.method} ${request.url} ${body.toString()}`)
      answer(response)
    })
  })
  const plugins = pluginFolders(t, {
    guest: {
      wasm,
      permissions: { ...ALL, callouts: ['judge'], prompt: 'write', answer: 'write' },
      settings: { type: 'object' }
    }
  })
  const sluice = await startSluice(t, {
    ...more,
    callouts: { allowNetworks: ['127.0.0.0/8'] },
    upstreams: { judge: { targets: [`http://127.0.0.1:${port}`] } },
    ai: { providers: { main: { provider: 'openai', baseUrl: `${mock.url}/v1`, keys: ['secret'] } } },
    plugins,
    routes: [{ name: 'ai', match: { path: '/*' }, ai: {}, policies: [{ plugin: 'guest', settings }] }]
  })
  const openai = new OpenAI({ apiKey: 'client', baseURL: `http://127.0.0.1:${sluice.port}/v1`, maxRetries: 0 })
  return { mock, asked, sluice, openai, plugin: plugins.guest?.path ?? '' }
}

/** Its answer takes several events. */
const SEA = 'Tell me of the sea. '.repeat(20)

type Judged = Awaited<ReturnType<typeof judged>>

const tools: OpenAI.ChatCompletionTool[] = [
  { type: 'function', function: { name: 'find', parameters: { type: 'object', properties: {} } } }
]

async function whole({ openai }: Judged, content: string): Promise<OpenAI.ChatCompletionMessage | undefined> {
  const { choices } = await openai.chat.completions.create({
    model: 'gpt-5',
    messages: [{ role: 'user', content }],
    tools
  })
  return choices[0]?.message
}

async function streamed({ openai }: Judged, content: string): Promise<OpenAI.ChatCompletionMessage | undefined> {
  const stream = openai.chat.completions.stream({ model: 'gpt-5', messages: [{ role: 'user', content }], tools })
  return (await stream.finalChatCompletion()).choices[0]?.message
}

async function statusOf(asking: Promise<unknown>): Promise<unknown> {
  return asking.then(
    () => 200,
    (thrown: unknown) => (thrown instanceof OpenAI.APIError ? thrown.status : thrown)
  )
}

/** What the guest was called with last, by the tag it leaves. */
async function seen({ sluice }: Judged) {
  const { tags } = (await sluice.access()) as { tags?: Record<string, string | string[]> }
  const last = [tags?.seen ?? '{}'].flat().at(-1)
  return JSON.parse(last ?? '{}') as Record<string, unknown>
}

t.test('what on_prompt asks for is there with the prompt, all together', async t => {
  const served = await judged(t, { on_prompt: asks, on_ai_effect: { see: true } })
  t.equal((await whole(served, 'Say hello'))?.content?.includes('Say hello'), true)
  t.match(await seen(served), {
    hook: 'on_prompt',
    answers: [{ id: 'judge', status: 200, body: Buffer.from('fine').toString('base64') }, { id: 'kept' }],
    prompt: { context: { route: 'ai' }, prompt: { model: 'gpt-5', messages: [{ role: 'user' }] } }
  })
  t.strictSame(served.asked, ['POST /judge hi'])
})

t.test('a reply to the answers keeps the prompt from the provider', async t => {
  const reply = { status: 403, headers: ['content-type', 'text/plain'], body: Buffer.from('no').toString('base64') }
  const served = await judged(t, { on_prompt: asks, on_ai_effect: { answer: { verdict: { reply } } } })
  t.equal(await statusOf(whole(served, 'Say hello')), 403)
  t.equal(served.mock.requests().length, 0)
})

t.test('the prompt, a tool call and the answer are changed by what is decided then', async t => {
  const message = (text: string) => ({ role: 'user', content: [{ type: 'text', text }] })
  const prompt = await judged(t, {
    on_prompt: asks,
    on_ai_effect: { answer: { messages: [{ op: 'REPLACE', at: 0, message: message('Say goodbye') }] } }
  })
  t.match((await whole(prompt, 'Say hello'))?.content, /Say goodbye/)

  const answer = await judged(t, {
    on_completion: asks,
    on_ai_effect: {
      answer: { messages: [{ op: 'REPLACE', at: 0, message: { ...message('Better'), role: 'assistant' } }] }
    }
  })
  t.equal((await whole(answer, 'Say hello'))?.content, 'Better')

  const call = await judged(t, { on_tool_call: asks, on_ai_effect: { answer: { arguments: '{"safe":true}' } } })
  for (const ask of [whole, streamed]) {
    const [made] = (await ask(call, 'call find with {"limit":5}'))?.tool_calls ?? []
    t.match(made, { function: { name: 'find', arguments: '{"safe":true}' } }, ask.name)
  }
})

t.test('a stream waits for what its policy asks for at each event, and loses nothing', async t => {
  const plain = await judged(t, {})
  const expected = (await streamed(plain, SEA))?.content
  const waiting = await judged(t, { on_delta: asks, on_ai_effect: {} })
  t.equal((await streamed(waiting, SEA))?.content, expected)
  t.ok(waiting.asked.length > 3, `${waiting.asked.length} questions`)
  const edited = await judged(t, { on_delta: asks, on_ai_effect: { answer: { text: '.' } } })
  t.match((await streamed(edited, SEA))?.content, /^\.+$/)
})

t.test('a policy that asks without end fails', async t => {
  const served = await judged(t, { on_prompt: asks, on_ai_effect: asks })
  t.equal(await statusOf(whole(served, 'Say hello')), 500)
  t.equal(served.asked.length, MAX_ROUNDS)
  t.equal(served.mock.requests().length, 0)
})

t.test('an answer at which a policy fails is booked: its provider has made it', async t => {
  const served = await judged(t, { on_completion: asks, on_ai_effect: asks })
  t.equal(await statusOf(whole(served, 'Say hello')), 500)
  const [bill] = served.mock.requests().flatMap(each => each.bill ?? [])
  const { ai } = (await served.sluice.access()) as { ai: object }
  t.match(ai, { input: bill?.input, output: bill?.output, microDollars: Number, estimated: undefined })
})

t.test('nobody waits for on_usage', async t => {
  const served = await judged(t, { on_usage: asks })
  t.match((await whole(served, 'Say hello'))?.role, 'assistant')
  await served.sluice.access()
  t.equal(served.asked.length, 0)
})

t.test('when the client goes away, what is waited for ends', async t => {
  let gone: Promise<unknown> | undefined
  let came = (): void => {}
  const arrived = new Promise<void>(resolve => {
    came = resolve
  })
  const served = await judged(
    t,
    { on_prompt: asks, on_ai_effect: {} },
    {
      answer: response => {
        gone = once(response, 'close')
        came()
      }
    }
  )
  const leave = new AbortController()
  const asking = served.openai.chat.completions.create(
    { model: 'gpt-5', messages: [{ role: 'user', content: 'Say hello' }] },
    { signal: leave.signal }
  )
  asking.catch(() => undefined)
  await arrived
  leave.abort()
  await gone
  t.match(await served.sluice.access(), { error: 'GW_CLIENT_GONE' })
  t.equal(served.mock.requests().length, 0)
})

t.test('what was recorded of it is the same when it is replayed', async t => {
  const folder = t.testdir()
  const record = { folder, sample: 1 }
  const settings = { on_prompt: asks, on_ai_effect: { see: true, calls: [['random', 8], ['now']] } }
  const served = await judged(t, settings, FAIR, { record })
  await whole(served, 'Say hello')
  const file = await recordingOf(await served.sluice.access())
  const { calls } = readRecording(readFileSync(file, 'utf8'))
  const steps = calls.map(({ hook, phase }) => `${hook} of ${phase}`)
  t.ok(steps.includes('on_ai_effect of on_prompt'), steps.join(', '))
  const replayed = await sluice(['plugin', 'replay', file, '--plugin', served.plugin])
  t.match(replayed, { code: 0, stdout: /on_ai_effect/ }, replayed.stdout + replayed.stderr)
})
