import { Buffer } from 'node:buffer'
import t from 'tap'
import { openaiResponses } from '../../../core/ai/dialects/openai-responses/index.js'
import { sse } from '../../../core/ai/frames/sse.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { answerOf, eventsOf, payloads, recordings, streams } from './openai-responses-support.js'

type Item = { type: string; content?: { type: string; text?: string }[]; [name: string]: unknown }

/** This one was made by hand: its deltas tell another text than its item. What was told counts. */
const MADE_UP = 'openai-shell-container.1.stream.json'

/** What a response object says, taken from it by hand. */
function expected(response: JsonObject) {
  const output = (response.output ?? []) as Item[]
  const calls = output.flatMap(calledBy)
  return {
    text: output
      .filter(({ type }) => type === 'message')
      .flatMap(({ content = [] }) => content.map(({ text = '' }) => text))
      .join(''),
    calls,
    reasoned: output.filter(item => item.type === 'reasoning' && typeof item.encrypted_content === 'string').length
  }
}

/** What the client is to carry out, or to allow. */
function calledBy({
  type,
  id,
  call_id,
  name,
  arguments: args,
  input,
  action,
  operation,
  environment,
  execution
}: Item) {
  switch (type) {
    case 'function_call':
    case 'custom_tool_call':
      return [{ id: call_id, name, arguments: args ?? input }]
    case 'local_shell_call':
      return [{ id: call_id, name: 'local_shell', arguments: JSON.stringify(action) }]
    case 'shell_call':
      return environment ? [] : [{ id: call_id, name: 'shell', arguments: JSON.stringify(action) }]
    case 'apply_patch_call':
      return [{ id: call_id, name: 'apply_patch', arguments: JSON.stringify(operation) }]
    case 'tool_search_call':
      return execution === 'client' ? [{ id: call_id, name: 'tool_search', arguments: JSON.stringify(args) }] : []
    case 'mcp_approval_request':
      return [{ id, name, arguments: args }]
    default:
      return []
  }
}

function told(content: ReturnType<typeof answerOf>['choices'][number]['content']) {
  return {
    text: content.map(part => (part.type === 'text' ? part.text : '')).join(''),
    calls: content.flatMap(part =>
      part.type === 'tool_call' ? [{ id: part.id, name: part.name, arguments: part.arguments }] : []
    ),
    reasoned: content.filter(
      part => part.type === 'redacted_thinking' || (part.type === 'thinking' && part.signature !== undefined)
    ).length
  }
}

/** The numbers of a recorded usage, by hand. */
function numbers(response: JsonObject) {
  const usage = response.usage as { [name: string]: number & { [name: string]: number } }
  return {
    input: usage.input_tokens,
    cacheRead: usage.input_tokens_details?.cached_tokens ?? 0,
    output: usage.output_tokens,
    reasoning: usage.output_tokens_details?.reasoning_tokens ?? 0
  }
}

t.test('there are recordings of every provider', async t => {
  t.ok(recordings().length > 85)
  t.ok(streams().length >= 44)
})

for (const { file, json, status } of recordings().filter(({ stream }) => !stream)) {
  t.test(`${file} is read completely`, async t => {
    if (status !== 200) {
      const failure = openaiResponses.readFailure(status, json)
      t.equal(failure.message, (json.error as { message: string }).message)
      t.equal(failure.status, status)
      return
    }
    const response = openaiResponses.chat.readResponse(json)
    t.strictSame(told(response.choices[0]?.content ?? []), expected(json))
    t.match(response.usage, numbers(json))
    t.match(openaiResponses.usage(json), numbers(json))
  })
}

for (const { file, text } of streams()) {
  const bytes = Buffer.from(text)
  const last = payloads(text)?.findLast(({ type }) => /^response\.(completed|failed|incomplete)$/.test(String(type)))
  const response = (last?.response ?? {}) as JsonObject

  t.test(`${file} is read completely`, async t => {
    const events = eventsOf(bytes)
    t.equal(events[0]?.type, 'start')
    t.equal(events.at(-1)?.type, 'end')
    if (response.status === 'failed') {
      t.match(events.at(-2), { type: 'failure', failure: { code: (response.error as { code: string }).code } })
      return
    }
    const answer = answerOf(events)
    // Not the output of the last event: one recording has none there, and one another text.
    const whole = expected({ output: itemsDone(text) })
    if (file.endsWith(MADE_UP)) whole.text = 'The command ran successfully.'
    t.strictSame(told(answer.choices[0]?.content ?? []), whole)
    t.match(answer.usage, numbers(response))
    t.equal(answer.model, response.model)
  })

  t.test(`${file} is read the same wherever its bytes are cut`, async t => {
    const whole = JSON.stringify(eventsOf(bytes))
    const places = Array.from({ length: Math.min(2048, bytes.length - 1) }, (_, i) => i + 1)
    // The reader sees frames, and the framing alone sees cuts: reading the beginning suffices for each of them.
    const head = bytes.subarray(0, Math.min(bytes.length, 6_000))
    const short = JSON.stringify(framesOf(head))
    for (const at of places) if (JSON.stringify(framesOf(head, [at])) !== short) t.fail(`cut at ${at}`)
    for (let i = 0; i < 20; i++) {
      const cuts = Array.from({ length: 30 }, () => Math.floor(Math.random() * bytes.length)).sort((a, b) => a - b)
      t.equal(JSON.stringify(eventsOf(bytes, cuts)), whole, `cut at ${cuts}`)
    }
  })

  t.test(`${file} is followed without being read`, async t => {
    const watch = openaiResponses.streamWatch()
    for (const frame of framesOf(bytes)) watch.frame(frame)
    t.equal(watch.ended, true)
    t.equal(watch.model, response.model)
    if (response.status === 'failed') {
      t.match(watch.failure, { kind: 'credit', code: 'insufficient_quota' })
      t.equal(watch.begun, false)
      return
    }
    t.equal(watch.failure, undefined)
    t.equal(watch.begun, true)
    t.match(watch.usage, numbers(response))
    const deltas = (payloads(text) ?? []).filter(({ type }) =>
      /(output_text|refusal|arguments|tool_call_input|reasoning_text|summary_text)\.delta$/.test(String(type))
    )
    const own = deltas.filter(({ type }) => !String(type).includes('mcp'))
    t.equal(watch.text, own.map(({ delta }) => delta).join(''))
  })
}

t.test('a stream with an event that is no JSON is an error of the provider', async t => {
  const broken = recordings().filter(({ stream, text }) => stream && payloads(text) === undefined)
  t.ok(broken.length > 0)
  for (const { text } of broken) t.throws(() => eventsOf(Buffer.from(text)), { code: 'GW_UPSTREAM_BAD_RESPONSE' })
})

function framesOf(bytes: Buffer, cuts: readonly number[] = []) {
  const reader = sse.reader()
  let from = 0
  const frames = [...cuts, bytes.length].flatMap(to => {
    const found = reader.feed(bytes.subarray(from, to))
    from = to
    return found
  })
  return [...frames, ...reader.end()]
}

function itemsDone(text: string) {
  return (payloads(text) ?? []).filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item)
}
