import fc from 'fast-check'
import t from 'tap'
import type { ChatMessage, ChatRequest } from '../../../core/ai/chat.js'
import { anthropic } from '../../../core/ai/dialects/anthropic/index.js'
import { converse } from '../../../core/ai/dialects/converse/index.js'
import type { Dialect } from '../../../core/ai/dialects/dialect.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import { GatewayError } from '../../../core/base/errors.js'

const HINTS = { model: 'claude-sonnet-4-5', stream: undefined, headers: [] }
const WISH = { model: 'm', includeUsage: false, request: {} }
const NAMES: Record<string, string[]> = {
  anthropic: [
    ...[
      'type',
      'role',
      'content',
      'messages',
      'system',
      'text',
      'thinking',
      'signature',
      'tool_use',
      'tool_result',
      'id'
    ],
    ...[
      'name',
      'input',
      'tools',
      'source',
      'usage',
      'error',
      'message',
      'delta',
      'index',
      'content_block',
      'citations'
    ],
    ...[
      'tool_choice',
      'output_config',
      'cache_control',
      'metadata',
      'stop_sequences',
      'image',
      'document',
      'user',
      'assistant'
    ],
    ...[
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'input_json_delta'
    ]
  ],
  converse: [
    ...[
      'messages',
      'role',
      'content',
      'text',
      'image',
      'document',
      'toolUse',
      'toolResult',
      'reasoningContent',
      'cachePoint'
    ],
    ...[
      'system',
      'inferenceConfig',
      'toolConfig',
      'tools',
      'toolSpec',
      'toolChoice',
      'outputConfig',
      'output',
      'message',
      'usage'
    ],
    ...[
      'contentBlockIndex',
      'start',
      'delta',
      'additionalModelRequestFields',
      'thinking',
      'source',
      'guardContent',
      'user'
    ],
    ...['messageStart', 'contentBlockStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata']
  ]
}

/** JSON whose names and words are mostly those the dialect looks for. */
function json(dialect: Dialect): fc.Arbitrary<unknown> {
  const name = fc.oneof(fc.constantFrom(...(NAMES[dialect.name] ?? [])), fc.string())
  return fc.letrec<{ value: unknown }>(tie => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, true, false, 0, -1, 1.5, ''),
      name,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(name, tie('value'), { maxKeys: 6 })
    )
  })).value
}

function survives(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (error instanceof GatewayError) return true
    throw error
  }
}

for (const dialect of [anthropic, converse]) {
  const object = json(dialect).map(
    value => (typeof value === 'object' && value !== null ? { ...value } : { value }) as Record<string, unknown>
  )

  t.test(`${dialect.name}: any JSON is a request that can be written, or refused with a reason`, async t => {
    const anything = fc.record({ messages: json(dialect), system: json(dialect), rest: object })
    fc.assert(
      fc.property(anything, ({ messages, system, rest }) =>
        survives(() => {
          const chat = dialect.chat.readRequest({ ...rest, messages, system }, HINTS)
          for (const to of [anthropic, converse])
            to.chat.writeRequest({ ...chat, extra: new Map(chat.extra) }, { drop: () => {} })
        })
      ),
      { numRuns: 3000 }
    )
    t.pass()
  })

  t.test(`${dialect.name}: any JSON is a reply that can be read, or none`, async t => {
    fc.assert(
      fc.property(object, body =>
        survives(() => {
          dialect.usage(body)
          dialect.readFailure(500, body)
          dialect.chat.writeResponse(dialect.chat.readResponse(body), WISH)
        })
      ),
      { numRuns: 2000 }
    )
    t.pass()
  })

  t.test(`${dialect.name}: any JSON in the events of a stream is passed over or read`, async t => {
    const events =
      NAMES[dialect.name]?.filter(name => /[a-z]_?[sS]t(art|op)$|delta$|Delta$|metadata|error/.test(name)) ?? []
    const frame = fc.record({
      event: fc.constantFrom(...events, 'error', ':exception:x', ''),
      data: object.map(value => JSON.stringify(value))
    })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), frames =>
        survives(() => {
          const reader = dialect.chat.streamReader()
          const writer = dialect.chat.streamWriter(WISH)
          const watch = dialect.streamWatch()
          for (const each of frames) {
            watch.frame(each)
            for (const event of reader.read(each)) writer.write(event)
          }
          for (const event of reader.end()) writer.write(event)
          return [watch.usage, watch.text]
        })
      ),
      { numRuns: 2000 }
    )
    t.pass()
  })

  t.test(`${dialect.name}: what is written is read as what it was`, async t => {
    fc.assert(
      fc.property(chats(), chat => {
        const body = dialect.chat.writeRequest(structuredClone(chat), { drop: () => {} })
        const again = dialect.chat.readRequest(JSON.parse(JSON.stringify(body)), {
          ...HINTS,
          model: chat.model,
          stream: chat.stream
        })
        t.strictSame(plain(merged(again.messages)), plain(merged(chat.messages)))
        t.strictSame(
          plain([again.tools, again.max_tokens, again.stream]),
          plain([chat.tools, chat.max_tokens, chat.stream])
        )
      }),
      { numRuns: 300 }
    )
  })

  t.test(`${dialect.name}: a stream that is written is read as what it was`, async t => {
    fc.assert(
      fc.property(streams(), events => {
        const writer = dialect.chat.streamWriter(WISH)
        const reader = dialect.chat.streamReader()
        const again = events.flatMap(event => writer.write(event)).flatMap(frame => reader.read(frame))
        const kept = ['text', 'thinking', 'signature', 'tool_call', 'arguments', 'finish', 'end']
        t.strictSame(
          plain(joined(again.filter(each => kept.includes(each.type)))),
          plain(joined(events.filter(each => kept.includes(each.type))))
        )
      }),
      { numRuns: 300 }
    )
  })
}

const word = fc.string({ minLength: 1, maxLength: 12 }).map(text => `${text}x`)

function chats(): fc.Arbitrary<ChatRequest> {
  const text = word.map(each => ({ type: 'text' as const, text: each }))
  const image = fc.constant({
    type: 'image' as const,
    source: { kind: 'base64' as const, media_type: 'image/png', data: 'iVBO' }
  })
  const user = fc
    .array(fc.oneof(text, image), { minLength: 1, maxLength: 3 })
    .map(content => ({ role: 'user' as const, content }))
  const thinking = fc.record({ type: fc.constant('thinking' as const), text: word, signature: word })
  const call = fc.record({
    type: fc.constant('tool_call' as const),
    id: fc.stringMatching(/^[a-z]{8}$/),
    name: fc.constantFrom('f', 'g'),
    arguments: fc.dictionary(word, fc.oneof(word, fc.integer()), { maxKeys: 3 }).map(value => JSON.stringify(value))
  })
  const round = fc
    .tuple(user, fc.array(thinking, { maxLength: 1 }), text, fc.array(call, { maxLength: 3 }))
    .map(([first, thoughts, said, calls]) => {
      const results = calls.map(each => ({ role: 'tool' as const, tool_call_id: each.id, content: [said] }))
      return [first, { role: 'assistant' as const, content: [...thoughts, said, ...calls] }, ...results]
    })
  return fc
    .tuple(fc.array(round, { minLength: 1, maxLength: 4 }), user, fc.boolean(), fc.nat(9999))
    .map(([rounds, last, stream, most]) => ({
      model: 'claude-sonnet-4-5',
      stream,
      max_tokens: most + 1,
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
        ...rounds.flat(),
        last
      ] as ChatMessage[],
      tools: ['f', 'g'].map(name => ({ name, description: name, parameters: { type: 'object', properties: {} } })),
      extra: new Map()
    }))
}

/** A user's messages in a row are one turn there. */
function merged(messages: readonly ChatMessage[]): ChatMessage[] {
  const all: ChatMessage[] = []
  for (const message of structuredClone(messages)) {
    const last = all.at(-1)
    if (message.role === 'user' && last?.role === 'user') last.content.push(...message.content)
    else all.push(message)
  }
  return all
}

function streams(): fc.Arbitrary<ChatEvent[]> {
  const text = word.map((each): ChatEvent[] => [{ type: 'text', choice: 0, text: each }])
  const thinking = fc.tuple(word, word).map(([thought, signature]): ChatEvent[] => [
    { type: 'thinking', choice: 0, text: thought },
    { type: 'signature', choice: 0, signature }
  ])
  const call = word.map((value): ChatEvent[] => [
    { type: 'tool_call', choice: 0, call: 0, id: 'c', name: 'f' },
    { type: 'arguments', choice: 0, call: 0, text: JSON.stringify({ value }) }
  ])
  return fc.array(fc.oneof(text, thinking, call), { maxLength: 6 }).map(parts => {
    let calls = 0
    const numbered = parts.map(part => {
      const number = part[0]?.type === 'tool_call' ? calls++ : 0
      return part.map(event => ('call' in event ? { ...event, call: number } : event))
    })
    return [
      { type: 'start', id: 'x', model: 'm', created: 0 },
      ...numbered.flat(),
      { type: 'finish', choice: 0, reason: calls > 0 ? 'tool_calls' : 'stop' },
      { type: 'end' }
    ]
  })
}

/** Texts in a row are one; the beginning of a part without text says nothing. */
function joined(events: readonly ChatEvent[]): ChatEvent[] {
  const all: ChatEvent[] = []
  for (const event of structuredClone(events)) {
    const last = all.at(-1)
    if (event.type === 'thinking' && event.text === '') continue
    if (event.type === 'text' && last?.type === 'text') last.text += event.text
    else all.push(event)
  }
  return all
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
