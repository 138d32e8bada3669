import fc from 'fast-check'
import t from 'tap'
import type { ChatRequest } from '../../core/ai/chat.js'
import { customTool, unwrapInput, wrapInput } from '../../core/ai/custom-tools.js'
import { cohere } from '../../core/ai/dialects/cohere/index.js'
import { ollamaChat } from '../../core/ai/dialects/ollama-chat/index.js'

t.test('free text survives being an argument', async t => {
  fc.assert(fc.property(fc.string(), text => unwrapInput(wrapInput(text)) === text))
  t.end()
})

t.test('what a model wrote instead of the argument is taken as it is', async t => {
  for (const args of ['*** Begin Patch', '{"input":', '{"other":"x"}', '{"input":1}', '[]', ''])
    t.equal(unwrapInput(args), args)
})

t.test('a grammar is told to models that know only functions', async t => {
  const format = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' }
  t.match(customTool('t', 'T', format), {
    name: 't',
    description: 'T',
    parameters: { properties: { input: { description: /lark grammar:\nstart: "x"$/ } }, required: ['input'] },
    custom: { format }
  })
  t.strictSame(customTool('t', undefined, undefined).custom, {})
})

t.test('a call of a custom tool goes to Cohere and Ollama as one of the function that stands in', async t => {
  const call = { type: 'tool_call' as const, id: 'a', name: 't', arguments: '*** Begin', custom: true }
  const chat: ChatRequest = {
    model: 'm',
    stream: false,
    messages: [{ role: 'assistant', content: [call] }],
    tools: [customTool('t', undefined, undefined)],
    extra: new Map()
  }
  t.match(cohere.chat.writeRequest(chat, { drop: t.fail }), {
    messages: [{ tool_calls: [{ function: { name: 't', arguments: '{"input":"*** Begin"}' } }] }]
  })
  t.match(ollamaChat.chat.writeRequest(chat, { drop: t.fail }), {
    messages: [{ tool_calls: [{ function: { name: 't', arguments: { input: '*** Begin' } } }] }]
  })
})
