import { Buffer } from 'node:buffer'
import t from 'tap'
import type { AssistantPart, ChatMessage, ChatRequest } from '../../core/ai/chat.js'
import { anthropic } from '../../core/ai/dialects/anthropic/index.js'
import { cohere } from '../../core/ai/dialects/cohere/index.js'
import { converse } from '../../core/ai/dialects/converse/index.js'
import type { Dialect } from '../../core/ai/dialects/dialect.js'
import { gemini } from '../../core/ai/dialects/gemini/index.js'
import { ollamaChat } from '../../core/ai/dialects/ollama-chat/index.js'
import { openaiChat } from '../../core/ai/dialects/openai-chat/index.js'
import type { ChatEvent } from '../../core/ai/events.js'
import type { JsonObject } from '../../core/ai/members.js'
import { eventsOf, recordingsOf, wishFor, written } from './support/replay.js'

const PROVIDERS: readonly [provider: string, dialect: Dialect][] = [
  ['gemini', gemini],
  ['cohere', cohere],
  ['ollama', ollamaChat]
]

for (const [provider, from] of PROVIDERS) {
  for (const { id, kind, stream, response } of recordingsOf(provider)) {
    if (response.status !== 200 || !['chat', 'generate'].includes(kind)) continue
    for (const [, to] of PROVIDERS) {
      t.test(`${id} says the same to clients of ${to.name}`, async t => {
        if (stream) {
          const events = eventsOf(from, [Buffer.from(response.text ?? '')])
          const again = eventsOf(to, [written(to, events, wishFor('m'))])
          t.strictSame(toldBy(again), toldBy(events))
        } else {
          const read = from.chat.readResponse(response.json ?? {})
          const again = to.chat.readResponse(JSON.parse(JSON.stringify(to.chat.writeResponse(read, wishFor('m')))))
          t.strictSame(told(again.choices[0]?.content ?? []), told(read.choices[0]?.content ?? []))
          t.equal(again.choices[0]?.finish_reason, read.choices[0]?.finish_reason)
          t.match(again.usage, { input: read.usage?.input, output: read.usage?.output })
        }
      })
    }
  }
}

const CALLS = ['a', 'b'].map(name => ({ functionCall: { name, args: {} } }))
const MIXED: readonly [dialect: Dialect, body: JsonObject][] = [
  [
    gemini,
    {
      contents: [
        { role: 'user', parts: [{ text: 'Look' }] },
        { role: 'model', parts: CALLS },
        {
          role: 'user',
          parts: [
            { text: 'before' },
            { functionResponse: { name: 'a', response: { result: 'a cat' } } },
            { text: 'between' },
            { functionResponse: { name: 'b', response: { result: 'a dog' } } }
          ]
        },
        { role: 'user', parts: [{ text: 'after' }] }
      ]
    }
  ],
  [
    converse,
    {
      messages: [
        { role: 'user', content: [{ text: 'Look' }] },
        { role: 'assistant', content: ['a', 'b'].map(name => ({ toolUse: { toolUseId: name, name, input: {} } })) },
        {
          role: 'user',
          content: [
            { text: 'before' },
            { toolResult: { toolUseId: 'a', content: [{ text: 'a cat' }] } },
            { text: 'between' },
            { toolResult: { toolUseId: 'b', content: [{ text: 'a dog' }] } },
            { text: 'after' }
          ]
        }
      ]
    }
  ]
]

for (const [from, body] of MIXED) {
  t.test(`what clients of ${from.name} say among results comes after them, in its order`, async t => {
    for (const to of [openaiChat, anthropic, converse, cohere, ollamaChat, gemini]) {
      const chat = from.chat.readRequest(structuredClone(body), { model: 'm', stream: false, headers: [] })
      const written = JSON.stringify(to.chat.writeRequest(chat, { drop: name => t.fail(name) }))
      const said = written.match(/Look|a cat|a dog|before|between|after/g)
      t.strictSame(said, ['Look', 'a cat', 'a dog', 'before', 'between', 'after'], to.name)
    }
    const chat = from.chat.readRequest(structuredClone(body), { model: 'm', stream: false, headers: [] })
    const { messages } = openaiChat.chat.writeRequest(chat, { drop: name => t.fail(name) })
    const roles = (messages as JsonObject[]).map(({ role }) => role).join()
    t.match(roles, /^user,assistant,tool,tool,user(,user)*$/)
  })
}

/** What every one of these dialects can say of an answer. */
function told(parts: readonly AssistantPart[]): unknown {
  return parts.map(part => {
    if (part.type === 'tool_call') return [part.id, part.name, JSON.parse(part.arguments)]
    return 'text' in part ? [part.type, part.text] : part.type
  })
}

function toldBy(events: readonly ChatEvent[]): unknown {
  let text = ''
  let thinking = ''
  const calls = new Map<number, { id: string; name: string; text: string }>()
  let finish: unknown
  let usage: unknown
  for (const event of events) {
    if (event.type === 'text') text += event.text
    else if (event.type === 'thinking') thinking += event.text
    else if (event.type === 'tool_call') calls.set(event.call, { id: event.id, name: event.name, text: '' })
    else if (event.type === 'arguments') {
      const call = calls.get(event.call)
      if (call !== undefined) call.text += event.text
    } else if (event.type === 'finish') finish = event.reason
    else if (event.type === 'usage') usage = [event.usage.input, event.usage.output]
  }
  const whole = [...calls.values()].map(each => ({ ...each, text: JSON.parse(each.text) }))
  return { text, thinking, calls: whole, finish, usage, last: events.at(-1)?.type }
}

t.test('texts that stood apart are on lines of their own where a message has but one', async t => {
  const text = (text: string) => ({ type: 'text' as const, text })
  const call = { type: 'tool_call' as const, id: 'a', name: 'f', arguments: '{}' }
  const asked = (messages: ChatMessage[]): ChatRequest => ({ model: 'm', messages, stream: false, extra: new Map() })
  const answer = { role: 'assistant' as const, content: [text('It is'), text(' so.'), call, text('Done.')] }
  t.match(cohere.chat.writeRequest(asked([answer]), { drop: t.fail }), {
    messages: [{ tool_plan: 'It is so.\nDone.' }]
  })
  const user = { role: 'user' as const, content: [text('look'), text('T'), text('\nend')] }
  t.match(ollamaChat.chat.writeRequest(asked([user, answer]), { drop: t.fail }), {
    messages: [{ content: 'look\nT\nend' }, { content: 'It is so.\nDone.' }]
  })
})
