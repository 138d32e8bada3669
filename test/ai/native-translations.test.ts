import { Buffer } from 'node:buffer'
import t from 'tap'
import type { AssistantPart } from '../../core/ai/chat.js'
import { cohere } from '../../core/ai/dialects/cohere/index.js'
import type { Dialect } from '../../core/ai/dialects/dialect.js'
import { gemini } from '../../core/ai/dialects/gemini/index.js'
import { ollamaChat } from '../../core/ai/dialects/ollama-chat/index.js'
import type { ChatEvent } from '../../core/ai/events.js'
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
