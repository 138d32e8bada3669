import fc from 'fast-check'
import t from 'tap'
import type { Wish } from '../../../core/ai/dialects/dialect.js'
import { openaiChat } from '../../../core/ai/dialects/openai-chat/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { usageOf } from '../../../core/ai/usage.js'
import { GatewayError } from '../../../core/base/errors.js'
import { wish } from '../dialect-parts.js'
import { eventsOf, joined } from '../recordings.js'

const frame = (body: unknown) => ({ event: '', data: typeof body === 'string' ? body : JSON.stringify(body) })
const chunk = (delta: JsonObject, more: JsonObject = {}) =>
  frame({ id: 'x', model: 'm', created: 1, choices: [{ index: 0, delta, finish_reason: null, ...more }] })
const finished = (reason: string) => chunk({}, { finish_reason: reason })
const DONE = frame('[DONE]')

const read = (...frames: { event: string; data: string }[]) => eventsOf(openaiChat, frames)
const piece = (call: JsonObject) => chunk({ tool_calls: [call] })

/** The chunks that are written for events; "[DONE]" as it is. */
function written(events: ChatEvent[], wanted: Wish = wish()): unknown[] {
  const writer = openaiChat.chat.streamWriter(wanted)
  return events
    .flatMap(event => writer.write(event))
    .map(({ data }) => (data.startsWith('{') ? JSON.parse(data) : data))
}

t.test('calls are told apart however a provider numbers their pieces', async t => {
  const calls = (...pieces: JsonObject[]) =>
    joined(read(...pieces.map(piece), finished('stop'), DONE)).calls.map(call => [call.id, call.name, call.arguments])
  const expected = [
    ['a', 'f', '{"x":1}'],
    ['b', 'g', '{}']
  ]
  const f = (args: string, more = {}) => ({ function: { name: 'f', arguments: args }, ...more })
  const g = (args: string, more = {}) => ({ function: { name: 'g', arguments: args }, ...more })
  const rest = (args: string, more = {}) => ({ function: { arguments: args }, ...more })
  t.strictSame(
    calls(f('', { index: 0, id: 'a' }), rest('{"x":1}', { index: 0 }), g('{}', { index: 1, id: 'b' })),
    expected,
    'by index'
  )
  t.strictSame(calls(f('{"x":1}', { index: 0, id: 'a' }), g('{}', { index: 0, id: 'b' })), expected, 'index 0 for all')
  t.strictSame(calls(f('{"x":', { id: 'a' }), rest('1}'), g('{}', { id: 'b' })), expected, 'no index')
  t.strictSame(
    calls(f('{"x":', { index: 0, id: 'a' }), f('1}', { index: 0, id: 'a' }), g('{}', { index: 1, id: 'b' })),
    expected,
    'id and name with every piece'
  )
  t.strictSame(
    calls(f('', { index: 0, id: 'a' }), g('{}', { index: 1, id: 'b' }), rest('{"x":1}', { index: 0, id: '' })),
    expected,
    'side by side'
  )
  t.strictSame(
    calls(rest('{"x":', { index: 0, id: 'a' }), f('1}', { index: 0 }), g('{}', { index: 3, id: 'b' })),
    expected,
    'the name late, an index left out'
  )
  const object = calls({ index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } })
  t.strictSame(object, [['a', 'f', '{"x":1}']], 'arguments as an object')
  const [nameless] = calls(f('{}', { index: 0 }))
  t.match(nameless, [/^call_[0-9a-f]{30}$/, 'f', '{}'], 'an id is made where there is none')
})

t.test('an answer with calls ended for them, whatever the provider says', async t => {
  t.equal(
    joined(read(piece({ index: 0, id: 'a', function: { name: 'f' } }), finished('stop'), DONE)).finish,
    'tool_calls'
  )
})

t.test('a stream without its end is whole when every answer has its reason', async t => {
  t.equal(read(chunk({ content: 'x' }), finished('stop')).at(-1)?.type, 'end')
  t.notOk(
    read(chunk({ content: 'x' })).some(event => event.type === 'end'),
    'broken off'
  )
  t.strictSame(read(), [])
})

t.test('several answers are told side by side', async t => {
  const second = (delta: JsonObject, finish_reason: unknown = null) =>
    frame({ id: 'x', model: 'm', created: 1, choices: [{ index: 1, delta, finish_reason }] })
  const frames = [chunk({ content: 'a' }), second({ content: 'b' }), finished('stop'), second({}, 'length'), DONE]
  const events = read(...frames)
  t.match(joined(events, 0), { text: 'a', finish: 'stop' })
  t.match(joined(events, 1), { text: 'b', finish: 'length' })
})

t.test('a stream without an end of its own is whole when every choice of it that was seen has finished', async t => {
  const of = (index: number, delta: JsonObject, finish_reason: string | null = null) =>
    frame({ id: 'x', model: 'm', created: 1, choices: [{ index, delta, finish_reason }] })
  const [a, b] = [of(0, { content: 'a' }), of(1, { content: 'b' })]
  const [endA, endB] = [of(0, {}, 'stop'), of(1, {}, 'length')]
  const roles = [of(0, { role: 'assistant', content: '' }), of(1, { role: 'assistant', content: '' })]
  const calls = of(0, { tool_calls: [{ index: 1, id: 'c', function: { name: 'f', arguments: '{}' } }] })
  const both = frame({ id: 'x', model: 'm', choices: [{ delta: { content: 'a' } }, { delta: { content: 'b' } }] })
  const ends: [string, (typeof DONE)[], boolean | 'seen'][] = [
    ['one choice', [a, endA], true],
    ['one choice, which calls twice', [calls, endA], true],
    ['one choice, with more after its end', [a, endA, of(0, { content: '' }), calls], true],
    ['one choice, with a reason that is none', [of(0, { content: 'a' }, '')], false],
    ['it ends beside its choices', [a, frame({ finish_reason: 'stop' })], 'seen'],
    ['the second never ends', [a, b, endA, b], false],
    ['the second never ends, and came last', [a, endA, b], false],
    ['the first never ends', [a, b, endB], false],
    ['the first never ends, and came last', [b, a, endB], false],
    ['the first never ends, of which only the role came', [...roles, b, endB], false],
    ['the second never ends, of which only the role came', [...roles, a, endA], false],
    ['both came together, without a number', [both, endA], false],
    ['both end', [...roles, a, b, endB, a, endA], true],
    ['both end together', [both, frame({ choices: [{ finish_reason: 'stop' }, { finish_reason: 'stop' }] })], true],
    ['it says that it is over', [a, b, endA, DONE], true]
  ]
  for (const [what, frames, whole] of ends) {
    const watch = openaiChat.streamWatch()
    for (const each of frames) watch.frame(each)
    t.equal(watch.ended, whole !== false, what)
    const reader = openaiChat.chat.streamReader()
    const events = [...frames.flatMap(each => reader.read(each)), ...reader.end()]
    t.equal(events.at(-1)?.type === 'end', whole === true, `${what}, read`)
  }
})

t.test('an error within the stream ends it', async t => {
  const errors: [unknown, string][] = [
    [{ error: { message: 'x', type: 'server_error', code: null } }, 'server'],
    [{ error: { code: 429, message: 'slow' }, choices: [{ finish_reason: 'error' }] }, 'rate_limit'],
    [{ object: 'error', message: "This model's maximum context length is 10 tokens", code: 400 }, 'context_window'],
    [{ error: 'Overloaded', error_type: 'overloaded' }, 'overloaded']
  ]
  for (const [body, kind] of errors) {
    const events = read(chunk({ content: 'a' }), frame(body), chunk({ content: 'b' }), DONE)
    t.strictSame(
      events.map(({ type }) => type),
      ['start', 'text', 'failure', 'end']
    )
    t.match(events[2], { failure: { kind, status: 0 } })
    const watch = openaiChat.streamWatch()
    watch.frame(frame(body))
    t.match(watch.failure, { kind }, 'seen by who follows, too')
  }
  const named = read({ event: 'error', data: 'out of order' })
  t.match(named[0], { type: 'failure', failure: { message: 'out of order' } })
})

t.test('what is no chunk is a bad response', async t => {
  for (const data of ['{', 'null', '[]', '"x"']) {
    t.throws(() => read(frame(data)), { code: 'GW_UPSTREAM_BAD_RESPONSE' }, data)
  }
})

t.test('any JSON object is a chunk, or an error of the gateway’s', async t => {
  const member = fc.constantFrom('choices', 'delta', 'content', 'tool_calls', 'index', 'function', 'usage', 'error')
  const object = fc.dictionary(member, fc.oneof(fc.jsonValue(), fc.dictionary(member, fc.jsonValue())))
  fc.assert(
    fc.property(fc.array(object, { maxLength: 4 }), bodies => {
      const frames = bodies.flatMap(body => [frame(body), chunk(body as JsonObject), piece(body as JsonObject)])
      const watch = openaiChat.streamWatch()
      for (const each of frames) watch.frame(each)
      t.type(watch.text, 'string')
      try {
        read(...frames, DONE)
      } catch (thrown) {
        if (!(thrown instanceof GatewayError)) throw thrown
      }
    })
  )
})

t.test('reasoning with signatures is read in OpenRouter’s and LiteLLM’s ways', async t => {
  const expected = [
    { type: 'thinking', choice: 0, text: 'a' },
    { type: 'signature', choice: 0, signature: 's' },
    { type: 'redacted_thinking', choice: 0, data: 'd' }
  ]
  const thoughts = (...deltas: JsonObject[]) => read(...deltas.map(delta => chunk(delta))).slice(1)
  t.strictSame(
    thoughts(
      { reasoning: 'a', reasoning_details: [{ type: 'reasoning.text', text: 'a' }] },
      { reasoning_details: [{ type: 'reasoning.text', text: '', signature: 's' }] },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'd' }] }
    ),
    expected
  )
  t.strictSame(
    thoughts(
      { reasoning_content: 'a', thinking_blocks: [{ type: 'thinking', thinking: 'a' }] },
      { reasoning_content: '', thinking_blocks: [{ type: 'thinking', thinking: '', signature: 's' }] },
      { thinking_blocks: [{ type: 'redacted_thinking', data: 'd' }] }
    ),
    expected
  )
})

t.test('Azure’s first chunk, which only has what its filter found, begins nothing', async t => {
  const filter = frame({ choices: [], created: 0, id: '', model: '', prompt_filter_results: [{ prompt_index: 0 }] })
  t.strictSame(read(filter), [])
  const watch = openaiChat.streamWatch()
  watch.frame(filter)
  watch.frame(chunk({ role: 'assistant', content: '' }))
  t.notOk(watch.begun)
  watch.frame(chunk({ content: 'x' }))
  t.ok(watch.begun)
  t.notOk(watch.ended)
})

t.test('usage of null is none, and text that speaks of usage is text', async t => {
  const watch = openaiChat.streamWatch()
  watch.frame(chunk({ content: '"usage": {"prompt_tokens": 1}, "error", "finish_reason":"stop"' }))
  watch.frame(frame({ choices: [], usage: null }))
  t.equal(watch.usage, undefined)
  t.equal(watch.failure, undefined)
  t.notOk(watch.ended)
  watch.frame(frame('{"choices":[],"usage" : {"prompt_tokens":1,"completion_tokens":2}}'))
  t.strictSame(watch.usage, usageOf({ input: 1, output: 2 }))
})

t.test('a stream of images or of a transcription has its usage and its end', async t => {
  const usage = { input_tokens: 5, output_tokens: 7, total_tokens: 12 }
  for (const [type, imageOutput] of [
    ['image_generation.completed', 7] as const,
    ['transcript.text.done', 0] as const
  ]) {
    const watch = openaiChat.streamWatch()
    watch.frame({ event: type, data: JSON.stringify({ type, usage }) })
    t.ok(watch.ended && watch.begun)
    t.strictSame(watch.usage, usageOf({ input: 5, output: 7, imageOutput }))
  }
})

t.test('as much as a megabyte of a stream is kept for its text', async t => {
  const watch = openaiChat.streamWatch()
  const text = 'x'.repeat(100_000)
  for (let i = 0; i < 30; i++) watch.frame(chunk({ content: text }))
  t.equal(watch.text.length, 1_000_000)
})

const START: ChatEvent = { type: 'start', id: 'x', model: 'm', created: 5 }

t.test('a stream is written with the role first, usage last when it is wished, and its end', async t => {
  const usage = usageOf({ input: 1, output: 2 })
  const events: ChatEvent[] = [
    START,
    { type: 'text', choice: 0, text: 'a' },
    { type: 'usage', usage },
    { type: 'finish', choice: 0, reason: 'stop' },
    { type: 'end' }
  ]
  const head = { id: 'x', object: 'chat.completion.chunk', created: 5, model: 'm' }
  const choice = (delta: JsonObject, finish_reason: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason }
  ]
  const role = { role: 'assistant', content: '', refusal: null }
  t.strictSame(written(events, wish({ includeUsage: false })), [
    { ...head, choices: choice(role) },
    { ...head, choices: choice({ content: 'a' }) },
    { ...head, choices: choice({}, 'stop') },
    '[DONE]'
  ])
  const wished = written(events)
  t.match(wished[0], { usage: null })
  t.match(wished.at(-2), { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } })
})

t.test('what is written is read as it was', async t => {
  const events: ChatEvent[] = [
    START,
    { type: 'thinking', choice: 0, text: 'hm' },
    { type: 'signature', choice: 0, signature: 's' },
    { type: 'redacted_thinking', choice: 0, data: 'd', id: 'rs_1' },
    { type: 'logprobs', choice: 0, logprobs: { content: [] } },
    { type: 'text', choice: 0, text: 'a' },
    { type: 'annotation', choice: 0, annotation: { type: 'url_citation', url: 'https://a.example', title: 'A' } },
    { type: 'refusal', choice: 1, text: 'no' },
    { type: 'tool_call', choice: 0, call: 0, id: 'c', name: 'f', signature: 'g' },
    { type: 'tool_call', choice: 0, call: 1, id: 'd', name: 'h', custom: true },
    { type: 'arguments', choice: 0, call: 1, text: 'free' },
    { type: 'arguments', choice: 0, call: 0, text: '{}' },
    { type: 'image', choice: 0, media_type: 'image/png', data: 'AA==' },
    { type: 'audio', choice: 0, data: 'AA==', transcript: 'hello', id: 'au' },
    { type: 'finish', choice: 0, reason: 'tool_calls' },
    { type: 'finish', choice: 1, reason: 'refusal' },
    { type: 'usage', usage: usageOf({ input: 3, cacheRead: 1, cacheWrite: 1, output: 2, reasoning: 1 }) },
    { type: 'end' }
  ]
  const again = read(...written(events).map(frame))
  const order = (all: ChatEvent[]) => all.map(each => JSON.stringify(each)).sort()
  t.strictSame(order(again), order(events))
})

t.test('a call without arguments is written with an empty object of them', async t => {
  const chunks = written([
    START,
    { type: 'tool_call', choice: 0, call: 0, id: 'c', name: 'f' },
    { type: 'finish', choice: 0, reason: 'tool_calls' }
  ])
  t.match(joined(read(...chunks.map(frame))).calls, [{ id: 'c', name: 'f', arguments: '{}' }])
})

t.test('nothing is written after a failure, which says what clients act on', async t => {
  const failure = { kind: 'context_window', status: 0, message: 'too long', type: 'x', code: '1261' } as const
  const chunks = written([START, { type: 'failure', failure }, { type: 'end' }])
  const error = { message: 'too long', type: 'invalid_request_error', param: null, code: 'context_length_exceeded' }
  t.strictSame(chunks, [{ error }])
})

t.test('a client that speaks of functions is told of one', async t => {
  const events: ChatEvent[] = [
    START,
    { type: 'tool_call', choice: 0, call: 0, id: 'c', name: 'f' },
    { type: 'arguments', choice: 0, call: 0, text: '{}' },
    { type: 'finish', choice: 0, reason: 'tool_calls' }
  ]
  const chunks = written(events, wish({}, { functions: [{ name: 'f' }] })) as { choices: JsonObject[] }[]
  t.match(
    chunks.map(({ choices }) => choices[0]),
    [
      { delta: { role: 'assistant' } },
      { delta: { function_call: { name: 'f' } } },
      { delta: { function_call: { arguments: '{}' } } },
      { finish_reason: 'function_call' }
    ]
  )
})
