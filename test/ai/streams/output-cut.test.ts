import type { Buffer } from 'node:buffer'
import t from 'tap'
import { dialects } from '../../../core/ai/dialects/index.js'
import { openaiResponses } from '../../../core/ai/dialects/openai-responses/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import { OutputCut } from '../../../core/ai/streams/output-cut.js'
import { WrittenEnding } from '../../../core/ai/streams/written-ending.js'
import { usageOf } from '../../../core/ai/usage.js'

const WISH = { model: 'm', includeUsage: true, request: {} }

/** Streams words of four characters, a token each, until the cut or the end. */
async function stream(
  name: 'openai-chat' | 'openai-responses' | 'anthropic' | 'gemini',
  allowed: number,
  words: number,
  more = allowed
) {
  const dialect = dialects.get(name)
  if (dialect === undefined) throw new Error(name)
  const { framing, chat } = dialect
  const writer = chat.streamWriter(WISH)
  let asked = 0
  let last: readonly Buffer[] | undefined
  const cut = new OutputCut(
    framing,
    chat.streamEnding?.(WISH) ?? new WrittenEnding(chat.streamReader(), chat.streamWriter(WISH)),
    {
      cutAt: allowed,
      more: () => {
        asked++
        return more
      }
    },
    () => usageOf({ input: 11, output: 12 }),
    bytes => {
      last = bytes
    }
  )
  const sent: Buffer[] = []
  const say = (event: ChatEvent): void => {
    for (const frame of writer.write(event)) {
      const piece = framing.write(frame)
      sent.push(piece)
      cut.see(piece)
    }
  }
  say({ type: 'start', id: 'x', model: 'm', created: 1 })
  let said = 0
  for (; said < words && last === undefined; said++) {
    say({ type: 'text', choice: 0, text: 'word' })
    await Promise.resolve()
  }
  const reader = chat.streamReader()
  const frames = framing.reader()
  const events = [...sent, ...(last ?? [])].flatMap(piece => frames.feed(piece)).flatMap(frame => reader.read(frame))
  return { said, asked, cut: last !== undefined, events: [...events, ...reader.end()] }
}

for (const name of ['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const) {
  t.test(`${name}: an answer ends with "length" where what is paid for ends`, async t => {
    const { said, cut, events } = await stream(name, 10, 100)
    t.ok(cut)
    t.equal(said, 11, 'the word that goes beyond is the last')
    t.match(
      events.find(({ type }) => type === 'finish'),
      { reason: 'length' }
    )
    t.match(events.filter(({ type }) => type === 'usage').at(-1), { usage: { input: 11, output: 12 } })
    t.equal(events.at(-1)?.type, 'end', 'it is a whole answer of the dialect')
  })

  t.test(`${name}: where more is to be had the answer goes on`, async t => {
    const { said, asked, cut } = await stream(name, 10, 50, 1_000)
    t.notOk(cut)
    t.equal(said, 50)
    t.equal(asked, 1, 'it is asked for once, not with every word')
  })
}

t.test('of several answers those that have their end are not ended again by the cut', async t => {
  const chunk = (index: number, content: string, finish_reason: string | null = null) => ({
    choices: [{ index, delta: { content }, finish_reason }]
  })
  const candidate = (index: number, text: string, more: object = {}) => ({
    candidates: [{ index, content: { role: 'model', parts: [{ text }] }, ...more }]
  })
  const text = (index: number, said: string, finish_reason: string | null = null) => ({
    choices: [{ index, text: said, finish_reason }]
  })
  for (const [name, chunks, expected] of [
    ['openai-chat', [chunk(0, 'a'), chunk(1, 'b'), chunk(0, '', 'stop')], [[1, 'length']]],
    ['openai-completions', [text(0, 'a'), text(1, 'b'), text(0, '', 'stop')], [[1, 'length']]],
    [
      'gemini',
      [candidate(0, 'a'), candidate(1, 'b'), candidate(0, '', { finishReason: 'STOP' })],
      [
        [0, 'STOP'], // its last chunk has all candidates
        [1, 'MAX_TOKENS']
      ]
    ]
  ] as const) {
    const dialect = dialects.get(name)
    if (dialect === undefined) throw new Error(name)
    const { chat } = dialect
    const ending = new WrittenEnding(chat.streamReader(), chat.streamWriter(WISH))
    for (const each of chunks) ending.see({ event: '', data: JSON.stringify(each) })
    const last = ending
      .end(usageOf({ input: 11, output: 2 }))
      .flatMap(({ data }) => (data.startsWith('{') ? [JSON.parse(data)] : []))
      .flatMap(({ choices = [], candidates = [] }) => [...choices, ...candidates])
    t.strictSame(
      last.map(({ index, finish_reason, finishReason }) => [index, finish_reason ?? finishReason]),
      expected,
      name
    )
  }
})

type Told = Record<string, unknown> & { type: string }

/** Cuts a response after the last of these events; what is told then. */
function cutAfter(events: readonly Told[]): Told[] {
  const ending = openaiResponses.chat.streamEnding?.(WISH)
  for (const event of events) ending?.see({ event: event.type, data: JSON.stringify(event) })
  return (ending?.end(usageOf({ input: 11, output: 3 })) ?? []).map(({ data }) => JSON.parse(data))
}

const CREATED: Told = {
  type: 'response.created',
  sequence_number: 0,
  response: { id: 'resp_theirs', object: 'response', status: 'in_progress', model: 'gpt-5', output: [], store: true }
}
const REASONING = { id: 'rs_theirs', type: 'reasoning', summary: [] }
const SEARCH = { id: 'ws_theirs', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'x' } }
const MESSAGE = { id: 'msg_theirs', type: 'message', status: 'in_progress', role: 'assistant', content: [] }
const IN_MESSAGE = { item_id: 'msg_theirs', output_index: 2, content_index: 0 }

t.test('a response that is cut ends with the ids, places and numbers that its client knows', async t => {
  const annotation = { type: 'url_citation', url: 'https://x.example', start_index: 0, end_index: 1, title: 'X' }
  const part = { type: 'output_text', text: 'Hello', annotations: [annotation], logprobs: [] }
  const told = cutAfter([
    CREATED,
    { type: 'response.output_item.added', sequence_number: 1, output_index: 0, item: REASONING },
    { type: 'response.output_item.done', sequence_number: 2, output_index: 0, item: REASONING },
    { type: 'response.output_item.done', sequence_number: 3, output_index: 1, item: SEARCH },
    { type: 'response.output_item.added', sequence_number: 7, output_index: 2, item: MESSAGE },
    {
      type: 'response.content_part.added',
      sequence_number: 8,
      ...IN_MESSAGE,
      part: { ...part, text: '', annotations: [] }
    },
    { type: 'response.output_text.delta', sequence_number: 9, ...IN_MESSAGE, delta: 'Hel' },
    { type: 'response.output_text.delta', sequence_number: 10, ...IN_MESSAGE, delta: 'lo' },
    {
      type: 'response.output_text.annotation.added',
      sequence_number: 11,
      ...IN_MESSAGE,
      annotation_index: 0,
      annotation
    }
  ])
  const item = { ...MESSAGE, status: 'incomplete', content: [part] }
  t.match(told, [
    { type: 'response.output_text.done', sequence_number: 12, ...IN_MESSAGE, text: 'Hello' },
    { type: 'response.content_part.done', sequence_number: 13, ...IN_MESSAGE, part },
    { type: 'response.output_item.done', sequence_number: 14, output_index: 2, item },
    { type: 'response.incomplete', sequence_number: 15 }
  ])
  t.equal(told.length, 4)
  t.match(told[3]?.response, {
    ...(CREATED.response as object),
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
    output: [REASONING, SEARCH, item],
    usage: { input_tokens: 11, output_tokens: 3 }
  })
})

t.test(
  'of a response that is cut only what is open is ended: reasoning, and calls that are told side by side',
  async t => {
    const call = (n: number) => ({
      id: `fc_${n}`,
      type: 'function_call',
      status: 'in_progress',
      call_id: `c${n}`,
      name: 'f',
      arguments: ''
    })
    const at = { item_id: 'rs_theirs', output_index: 0, summary_index: 1 }
    const told = cutAfter([
      CREATED,
      { type: 'response.output_item.added', output_index: 0, item: REASONING },
      { type: 'response.reasoning_summary_part.added', ...at, part: { type: 'summary_text', text: '' } },
      { type: 'response.reasoning_summary_text.delta', ...at, delta: 'Hm' },
      { type: 'response.reasoning_summary_text.done', ...at, text: 'Hm.' },
      ...[1, 2].map(n => ({ type: 'response.output_item.added', output_index: n, item: call(n) })),
      ...[1, 2].map(n => ({
        type: 'response.function_call_arguments.delta',
        item_id: `fc_${n}`,
        output_index: n,
        delta: `{${n}`
      })),
      { type: 'response.function_call_arguments.done', item_id: 'fc_1', output_index: 1, arguments: '{1}' },
      {
        type: 'response.output_item.done',
        output_index: 1,
        item: { ...call(1), status: 'completed', arguments: '{1}' }
      }
    ])
    t.match(told, [
      { type: 'response.reasoning_summary_part.done', sequence_number: 11, ...at, part: { text: 'Hm.' } },
      { type: 'response.output_item.done', output_index: 0, item: { id: 'rs_theirs' } },
      { type: 'response.function_call_arguments.done', item_id: 'fc_2', output_index: 2, name: 'f', arguments: '{2' },
      {
        type: 'response.output_item.done',
        output_index: 2,
        item: { id: 'fc_2', status: 'incomplete', arguments: '{2' }
      },
      { type: 'response.incomplete', sequence_number: 15 }
    ])
    t.equal(told.length, 5)
  }
)

t.test('a response of a provider that leaves out places and names is cut all the same', async t => {
  const ending = openaiResponses.chat.streamEnding?.(WISH)
  for (const delta of ['Hello', ' there']) {
    ending?.see({ event: '', data: JSON.stringify({ type: 'response.output_text.delta', content_index: 1e9, delta }) })
  }
  t.equal(ending?.quarters, 11)
  const told = (ending?.end(usageOf({})) ?? []).map(({ data }) => JSON.parse(data))
  t.match(told.at(-1), {
    type: 'response.incomplete',
    response: { status: 'incomplete', output: [{ type: 'message', content: [{ text: 'Hello there' }] }] }
  })
  t.throws(() => ending?.see({ event: '', data: 'x' }), { code: 'GW_UPSTREAM_BAD_RESPONSE' })
})
