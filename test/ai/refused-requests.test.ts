import t from 'tap'
import type { AssistantPart, ChatMessage, ChatRequest } from '../../core/ai/chat.js'
import { dialects } from '../../core/ai/dialects/index.js'
import { providers } from '../../core/ai/providers/index.js'
import { dropped, HINTS } from './dialect-parts.js'

/** What providers refuse of chats that others take. */

// biome-ignore lint/suspicious/noExplicitAny: what was written is looked into freely
function sent(provider: string, model: string, chat: Partial<ChatRequest>): { body: any; names: string[] } {
  const found = providers.find(({ name }) => name === provider)
  const dialect = found?.dialects('chat', model)[0]
  if (found === undefined || dialect === undefined) throw new Error(provider)
  const drop = dropped()
  const whole: ChatRequest = { model, messages: [user('a')], stream: false, extra: new Map(), ...structuredClone(chat) }
  whole.extra = new Map()
  found.adapt?.(whole, drop, dialect)
  return { body: dialects.get(dialect)?.chat.writeRequest(whole, drop), names: drop.names }
}

function user(text: string): ChatMessage {
  return { role: 'user', content: [{ type: 'text', text }] }
}

const call = (id: string): AssistantPart => ({ type: 'tool_call', id, name: 'f', arguments: '' })
const result = (id: string): ChatMessage => ({ role: 'tool', tool_call_id: id, content: [{ type: 'text', text: 'x' }] })
const tools = [{ name: 'f', parameters: { type: 'object', properties: {} } }]

t.test('ids of calls that are longer than OpenAI takes have others there, the same in call and result', async t => {
  const long = `call_${'x'.repeat(80)}`
  const messages: ChatMessage[] = [user('a'), { role: 'assistant', content: [call(long)] }, result(long)]
  const { body } = sent('openai', 'gpt-5', { messages, tools })
  const id = body.messages[1].tool_calls[0].id
  t.ok(id.length <= 40)
  t.equal(body.messages[2].tool_call_id, id)
  const { input } = sent('openai', 'gpt-5-pro', { messages, tools }).body
  t.ok(input[1].call_id.length <= 64)
  t.equal(input[2].call_id, input[1].call_id)
  t.equal(input[1].arguments, '{}', 'a call without arguments has none')
  const known = sent('openai', 'gpt-5', {
    messages: [user('a'), { role: 'assistant', content: [call('c')] }, result('c')]
  })
  t.equal(known.body.messages[1].tool_calls[0].id, 'c')
})

t.test('Gemini hears of no call before the user has said something', async t => {
  const messages: ChatMessage[] = [{ role: 'assistant', content: [call('c')] }, result('c')]
  t.match(sent('gemini', 'gemini-2.5-pro', { messages, tools }).body.contents, [
    { role: 'user', parts: [{ text: '.' }] },
    { role: 'model' },
    { role: 'user' }
  ])
})

t.test('instructions that say nothing do not go to Cohere', async t => {
  const messages: ChatMessage[] = [{ role: 'system', content: [{ type: 'text', text: '' }] }, user('a')]
  t.strictSame(sent('cohere', 'command-a-03-2025', { messages }).body.messages, [{ role: 'user', content: 'a' }])
})

t.test('an image has the registered name of its type, and OpenAI gets none of a type that it refuses', async t => {
  const image = (mimeType: string) => ({ inlineData: { mimeType, data: 'AAAA' } })
  const contents = [{ role: 'user', parts: [image('image/jpg'), image('image/heic'), { text: 'a' }] }]
  const read = () => dialects.get('gemini')?.chat.readRequest({ contents }, { ...HINTS, model: 'm' })
  const openai = sent('openai', 'gpt-5', { messages: read()?.messages ?? [] })
  t.match(openai.body.messages[0].content, [{ image_url: { url: 'data:image/jpeg;base64,AAAA' } }, { type: 'text' }])
  t.strictSame(openai.names, ['messages[0].content[1]'])
  const claude = sent('anthropic', 'claude-sonnet-4-5', { messages: read()?.messages ?? [] })
  t.match(claude.body.messages[0].content, [{ source: { media_type: 'image/jpeg' } }, { type: 'text' }])
  const source = { type: 'base64', media_type: 'image/jpg', data: 'AAAA' }
  const messages = [{ role: 'user', content: [{ type: 'image', source }] }]
  t.match(dialects.get('anthropic')?.chat.readRequest({ model: 'm', messages }, HINTS).messages, [
    { content: [{ source: { media_type: 'image/jpeg' } }] }
  ])
})

t.test('an answer that is to be a list, or one of several, is asked of OpenAI in words', async t => {
  const list = { type: 'array', items: { type: 'string' } }
  for (const schema of [list, { anyOf: [list, { type: 'object' }] }]) {
    const response_format = { type: 'json_schema' as const, name: 'response', schema }
    for (const model of ['gpt-5', 'gpt-5-pro']) {
      const { body, names } = sent('openai', model, { response_format })
      t.strictSame([body.response_format, body.text], [undefined, undefined])
      t.match(JSON.stringify(body), JSON.stringify(JSON.stringify(schema)).slice(1, -1))
      t.strictSame(names, ['response_format'])
    }
  }
})

t.test(
  'an answer that is to be a list is asked of Claude in words where only a tool could hold it to a schema',
  async t => {
    const schema = { type: 'array', items: { type: 'string' } }
    const response_format = { type: 'json_schema' as const, name: 'response', schema }
    for (const [provider, model] of [
      ['anthropic', 'claude-3-7-sonnet-20250219'],
      ['bedrock', 'anthropic.claude-3-7-sonnet-20250219-v1:0'],
      ['bedrock', 'amazon.nova-pro-v1:0'],
      ['vertex', 'claude-sonnet-4@20250514']
    ] as const) {
      const { body, names } = sent(provider, model, { response_format })
      t.strictSame([body.tools, body.toolConfig, body.output_config], [undefined, undefined, undefined], model)
      t.match(JSON.stringify(body.system), 'fits this JSON schema', model)
      t.strictSame(names, ['response_format'], model)
    }
    const native = sent('anthropic', 'claude-sonnet-4-5', { response_format })
    t.match(native.body.output_config.format.schema, schema)
    t.strictSame(native.names, [])
  }
)

t.test('the schemas of Nova’s tools have at their root what it takes', async t => {
  const parameters = {
    $schema: 'x',
    title: 'F',
    description: 'Both.',
    type: 'object',
    properties: {},
    additionalProperties: false
  }
  const { body } = sent('bedrock', 'amazon.nova-pro-v1:0', { tools: [{ name: 'f', parameters }] })
  const spec = body.toolConfig.tools[0].toolSpec
  t.strictSame(spec, { name: 'f', inputSchema: { json: { type: 'object', properties: {} } }, description: 'Both.' })
})
