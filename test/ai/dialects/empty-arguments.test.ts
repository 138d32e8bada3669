import t from 'tap'
import { anthropic } from '../../../core/ai/dialects/anthropic/index.js'
import { converse } from '../../../core/ai/dialects/converse/index.js'
import type { Dialect } from '../../../core/ai/dialects/dialect.js'
import type { ChatEvent } from '../../../core/ai/events.js'

const anthropics = (index: number, id: string, json: string) => [
  { type: 'content_block_start', index, content_block: { type: 'tool_use', id, name: 'f', input: {} } },
  { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: json } },
  { type: 'content_block_stop', index }
]
const converses = (contentBlockIndex: number, toolUseId: string, input: string) => [
  { contentBlockStart: { contentBlockIndex, start: { toolUse: { toolUseId, name: 'f' } } } },
  { contentBlockDelta: { contentBlockIndex, delta: { toolUse: { input } } } },
  { contentBlockStop: { contentBlockIndex } }
]

const STREAMS: readonly { dialect: Dialect; events: readonly object[] }[] = [
  {
    dialect: anthropic,
    events: [
      { type: 'message_start', message: { id: 'm', model: 'claude', content: [], usage: {} } },
      ...anthropics(0, 't1', ''),
      ...anthropics(1, 't2', '{"a":1}'),
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 1 } },
      { type: 'message_stop' }
    ]
  },
  {
    dialect: converse,
    events: [
      { messageStart: { role: 'assistant' } },
      ...converses(0, 't1', ''),
      ...converses(1, 't2', '{"a":1}'),
      { messageStop: { stopReason: 'tool_use' } },
      { metadata: { usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 } } }
    ]
  }
]

for (const { dialect, events } of STREAMS) {
  t.test(`${dialect.name}: a call without arguments is whole before the next one begins`, async t => {
    const reader = dialect.chat.streamReader()
    const read = events.flatMap(event => reader.read({ event: '', data: JSON.stringify(event) }))
    const ofCalls = read.filter(({ type }: ChatEvent) => type === 'tool_call' || type === 'arguments')
    t.match(ofCalls, [
      { type: 'tool_call', call: 0, id: 't1' },
      { type: 'arguments', call: 0, text: '{}' },
      { type: 'tool_call', call: 1, id: 't2' },
      { type: 'arguments', call: 1, text: '{"a":1}' }
    ])
    t.equal(ofCalls.length, 4)
  })
}
