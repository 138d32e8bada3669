import type Anthropic from '@anthropic-ai/sdk'
import type OpenAI from 'openai'
import t from 'tap'
import { type Policed, policed, policedAt } from './policed.js'
import { scripted } from './scripted.js'

t.setTimeout(120_000)

const NAMES = ['get_time', 'find', 'delete_all']
const schema = { type: 'object' as const, properties: { limit: { type: 'integer' } } }
/** The mock's model calls the tools it is told to. */
const TOLD = 'call find with {"limit":5000} and get_time'

interface Call {
  readonly name: string
  readonly arguments: unknown
}

/** What came of a question with tools, in one way of asking. */
interface Way {
  readonly name: string
  ask(given: Policed, text: string): Promise<{ calls: Call[]; end: string | null }>
}

const openaiTools = NAMES.map((name): OpenAI.ChatCompletionTool => {
  return { type: 'function', function: { name, parameters: schema } }
})
const anthropicTools = NAMES.map((name): Anthropic.Tool => ({ name, input_schema: schema }))

const WAYS: readonly Way[] = [
  {
    name: 'OpenAI, whole',
    async ask({ openai }, content) {
      const messages = [{ role: 'user' as const, content }]
      const answer = await openai.chat.completions.create({ model: 'gpt-5', messages, tools: openaiTools })
      const [choice] = answer.choices
      const calls = (choice?.message.tool_calls ?? []).flatMap(call => {
        if (call.type !== 'function') return []
        return [{ name: call.function.name, arguments: JSON.parse(call.function.arguments) as unknown }]
      })
      return { calls, end: choice?.finish_reason ?? null }
    }
  },
  {
    name: 'OpenAI, streamed',
    async ask({ openai }, content) {
      const messages = [{ role: 'user' as const, content }]
      const stream = openai.chat.completions.stream({ model: 'gpt-5', messages, tools: openaiTools })
      const { choices } = await stream.finalChatCompletion()
      const calls = (choices[0]?.message.tool_calls ?? []).flatMap(call => {
        return [{ name: call.function.name, arguments: JSON.parse(call.function.arguments) as unknown }]
      })
      return { calls, end: choices[0]?.finish_reason ?? null }
    }
  },
  {
    name: 'Anthropic, whole',
    async ask({ anthropic }, content) {
      const messages = [{ role: 'user' as const, content }]
      const answer = await anthropic.messages.create({
        model: 'gpt-5',
        max_tokens: 99,
        messages,
        tools: anthropicTools
      })
      return { calls: callsOf(answer), end: answer.stop_reason }
    }
  },
  {
    name: 'Anthropic, streamed',
    async ask({ anthropic }, content) {
      const messages = [{ role: 'user' as const, content }]
      const stream = anthropic.messages.stream({ model: 'gpt-5', max_tokens: 99, messages, tools: anthropicTools })
      const answer = await stream.finalMessage()
      return { calls: callsOf(answer), end: answer.stop_reason }
    }
  }
]

function callsOf({ content }: Anthropic.Message): Call[] {
  return content.flatMap(part => (part.type === 'tool_use' ? [{ name: part.name, arguments: part.input }] : []))
}

function offered({ mock }: Policed): string[] {
  const sent: { tools?: { function: { name: string } }[] } = JSON.parse(mock.requests().at(-1)?.body.toString() ?? '')
  return (sent.tools ?? []).map(each => each.function.name)
}

for (const { name, ask } of WAYS) {
  t.test(`${name}: tools are taken out of the prompt, arguments brought within limits, calls dropped`, async t => {
    const given = await policed(t, {
      plugin: 'ai-tool-guard',
      settings: {
        deny: ['delete_*'],
        rules: [{ tools: ['find'], argument: '/limit', maximum: 100, action: 'set', value: 100 }],
        maxCalls: 1
      }
    })
    const { calls, end } = await ask(given, TOLD)
    t.strictSame(offered(given), ['get_time', 'find'])
    t.strictSame(calls, [{ name: 'find', arguments: { limit: 100 } }])
    t.equal(end, name.startsWith('OpenAI') ? 'tool_calls' : 'tool_use')
    const { tags } = await given.sluice.access()
    t.match(tags, { 'tool-guard.tools': 'delete_all', 'tool-guard.rule': 'maxCalls' })
  })

  t.test(
    `${name}: calls that may not be made end the answer where they are refused, and vanish where they are dropped`,
    async t => {
      const dropping = await policed(t, {
        plugin: 'ai-tool-guard',
        settings: { deny: ['find', 'get_time'], offered: 'keep' }
      })
      const { calls, end } = await ask(dropping, TOLD)
      t.strictSame(calls, [])
      t.equal(end, name.startsWith('OpenAI') ? 'stop' : 'end_turn')

      const settings = { deny: ['find'], offered: 'keep', calls: 'deny' }
      const denying = await policed(t, { plugin: 'ai-tool-guard', settings })
      await t.rejects(ask(denying, TOLD), /A tool may not be used like this/)
    }
  )
}

for (const stream of [false, true]) {
  t.test(
    `a tool is guarded by the client's name where it has another at the provider${stream ? ', streamed' : ''}`,
    async t => {
      const long = `mcp__files__${'delete_everything_'.repeat(5)}`
      const tools: Anthropic.Tool[] = [{ name: long, input_schema: schema }]
      const asked = async ({ anthropic }: Policed) => {
        const body = { model: 'gpt-5', max_tokens: 99, tools, tool_choice: { type: 'any' as const } }
        const messages = [{ role: 'user' as const, content: 'Hello' }]
        if (!stream) return callsOf(await anthropic.messages.create({ ...body, messages }))
        return callsOf(await anthropic.messages.stream({ ...body, messages }).finalMessage())
      }
      const rule = { tools: [long], argument: '/limit', minimum: 1_000_000, action: 'set', value: 7 }
      const changing = await policed(t, { plugin: 'ai-tool-guard', settings: { rules: [rule] } })
      t.strictSame(await asked(changing), [{ name: long, arguments: { limit: 7 } }])
      t.match(offered(changing), [/^mcp__files__.{43}_[0-9a-f]{8}$/])
      const dropping = await policed(t, { plugin: 'ai-tool-guard', settings: { deny: [long], offered: 'keep' } })
      t.strictSame(await asked(dropping), [])
    }
  )
}

for (const stream of [false, true]) {
  t.test(`each choice of an answer may have as many calls${stream ? ', streamed' : ''}`, async t => {
    const guarded = { policies: [{ plugin: 'ai-tool-guard', settings: { maxCalls: 2 } }] }
    const { says, post } = await scripted(t, { guarded })
    const call = (index: number) => ({
      index,
      id: `c${index}`,
      type: 'function',
      function: { name: 'f', arguments: '{}' }
    })
    const tool_calls = [0, 1, 2].map(call)
    const head = { id: 'c', model: 'm', created: 1 }
    const choices = [0, 1].map(index => ({ index, finish_reason: 'tool_calls' }))
    const whole = choices.map(choice => ({ ...choice, message: { role: 'assistant', content: null, tool_calls } }))
    const pieces = choices.map(choice => ({ ...choice, delta: { role: 'assistant', tool_calls } }))
    if (stream) says(pieces.map(piece => ({ ...head, object: 'chat.completion.chunk', choices: [piece] })))
    else says({ ...head, object: 'chat.completion', choices: whole })
    const messages = [{ role: 'user', content: 'Hello' }]
    const { text } = await post('guarded', '/v1/chat/completions', { model: 'openai/gpt-5', messages, n: 2, stream })
    t.equal(text.match(/"name":"f"/g)?.length, 4, text)
  })
}

t.test('tools that come with the items of a conversation are guarded like those of the request', async t => {
  const tool = (name: string) => ({ type: 'function' as const, name, parameters: schema, strict: false })
  const input = (names: readonly string[]): OpenAI.Responses.ResponseInput => [
    { role: 'user', content: 'Hello' },
    { type: 'tool_search_call', call_id: 'c1', execution: 'client', arguments: {} },
    { type: 'tool_search_output', call_id: 'c1', execution: 'client', tools: names.map(tool) },
    { type: 'additional_tools', role: 'developer', tools: names.map(name => tool(`more_${name}`)) },
    { role: 'user', content: 'Go on' }
  ]
  const asked = ({ openai }: Policed) =>
    openai.responses.create({ model: 'gpt-5', input: input(NAMES), tools: [{ type: 'tool_search' }] })
  const removing = await policed(t, { plugin: 'ai-tool-guard', settings: { deny: ['*delete_*'] } })
  await asked(removing)
  const sent = JSON.parse(removing.mock.requests().at(-1)?.body.toString() ?? '')
  const found = ['get_time', 'find'].map(tool)
  const added = ['more_get_time', 'more_find'].map(tool)
  t.strictSame([sent.input[2].tools, sent.input[3].tools], [found, added])
  t.strictSame(sent.tools, [{ type: 'tool_search' }])

  const refusing = await policed(t, { plugin: 'ai-tool-guard', settings: { deny: ['more_*'], offered: 'deny' } })
  await t.rejects(asked(refusing), /A tool may not be used like this/)
  const counting = await policed(t, { plugin: 'ai-tool-guard', settings: { maxTools: 6 } })
  await t.rejects(asked(counting), /A tool may not be used like this/)
})

t.test('a search that a parameter asks for is guarded and counted as a tool', async t => {
  const asked = ({ sluice }: Policed, more: object) =>
    fetch(`http://127.0.0.1:${sluice.port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'main/gpt-5', messages: [{ role: 'user', content: 'Hi' }], ...more })
    })
  const removing = await policedAt(t, 'openrouter', { plugin: 'ai-tool-guard', settings: { deny: ['web_search'] } })
  const counting = await policed(t, { plugin: 'ai-tool-guard', settings: { maxTools: 0 } })
  const limiting = await policed(t, { plugin: 'ai-prompt-guard', settings: { limits: { tools: 0 } } })
  for (const more of [
    { plugins: [{ id: 'web' }] },
    { search_parameters: { mode: 'on' } },
    { enable_search: true },
    { web_search_options: {} }
  ]) {
    const [name = ''] = Object.keys(more)
    t.equal((await asked(removing, more)).status, 200, name)
    const sent = JSON.parse(removing.mock.requests().at(-1)?.body.toString() ?? '')
    t.notOk(name in sent, name)
    t.match((await removing.sluice.access()).tags, { 'tool-guard': 'removed', 'tool-guard.tools': 'web_search' })
    t.equal((await asked(counting, more)).status, 403, name)
    t.equal((await asked(limiting, more)).status, 422, name)
  }
  await asked(removing, { plugins: [{ id: 'file-parser' }, { id: 'web' }] })
  t.match(removing.mock.requests().at(-1)?.body.toString(), /"plugins":\[\{"id":"file-parser"\}\]/)
})
