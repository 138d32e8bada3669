import t from 'tap'
import type { Choice } from '../../../core/ai/chat.js'
import { ANSWER_TOOL } from '../../../core/ai/dialects/anthropic/write-request.js'
import type { DialectName } from '../../../core/ai/dialects/dialect.js'
import { dialects } from '../../../core/ai/dialects/index.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { PartEdits } from '../../../core/ai/part-edits.js'

/** What a policy does to an answer. */
type Policy = (choice: Choice) => void

/** The reply as it goes out after the policy, as text: the order of members counts, too. */
function edited(name: DialectName, body: JsonObject, policy: Policy): JsonObject {
  const dialect = dialects.get(name)
  const response = dialect?.chat.readResponse(structuredClone(body))
  const edits = response?.choices.map(choice => {
    const before = structuredClone(choice)
    policy(choice)
    return new PartEdits(before, choice)
  })
  return dialect?.chat.editResponse(structuredClone(body), edits ?? []) ?? {}
}

const mask: Policy = ({ content }) => {
  for (const [i, part] of content.entries()) {
    if (part.type === 'text') content[i] = { type: 'text', text: part.text.replaceAll('SECRET', '***') }
  }
}
const withoutCalls: Policy = choice => {
  choice.content = choice.content.filter(({ type }) => type !== 'tool_call')
  choice.finish_reason = 'stop'
}
const otherArguments: Policy = ({ content }) => {
  for (const part of content) if (part.type === 'tool_call') part.arguments = '{"a":2}'
}
const ended: Policy = choice => {
  choice.content = [{ type: 'text', text: 'cut' }]
  choice.finish_reason = 'content_filter'
}

interface Example {
  readonly body: JsonObject
  /** Texts of the body by what they are after: as JSON, in order. */
  readonly masked: readonly (readonly [string, string])[]
  readonly uncalled: readonly (readonly [string, string])[]
  readonly called: readonly [string, string]
  readonly ended: JsonObject
}

const search = { type: 'web_search_tool_result', tool_use_id: 's', content: [{ type: 'web_search_result', url: 'u' }] }
const cited = (text: string) => ({ type: 'char_location', cited_text: text, document_index: 0, odd: 1 })

const EXAMPLES: Partial<Record<DialectName, Example>> = {
  anthropic: {
    body: {
      model: 'm',
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } },
        search,
        { citations: [cited('of SECRET')], type: 'text', text: 'a SECRET b' },
        { type: 'text', text: 'c', citations: [cited('of c')] },
        { type: 'tool_use', id: 't', name: 'f', input: { a: 1 }, caller: { type: 'direct' } }
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      container: { id: 'c' },
      usage: { input_tokens: 1, output_tokens: 2, server_tool_use: { web_search_requests: 1 } }
    },
    masked: [
      ['a SECRET b', 'a *** b'],
      ['of SECRET', '']
    ],
    uncalled: [
      [',{"type":"tool_use","id":"t","name":"f","input":{"a":1},"caller":{"type":"direct"}}', ''],
      ['"stop_reason":"tool_use"', '"stop_reason":"end_turn"']
    ],
    called: ['{"a":1}', '{"a":2}'],
    ended: { content: [{ type: 'text', text: 'cut' }], stop_reason: 'refusal', container: { id: 'c' } }
  },
  converse: {
    body: {
      metrics: { latencyMs: 5 },
      output: {
        message: {
          role: 'assistant',
          content: [
            { reasoningContent: { reasoningText: { text: 'hm', signature: 's' } } },
            { odd: { a: 1 } },
            {
              citationsContent: {
                content: [{ text: 'a SECRET b' }],
                citations: [{ title: 't', sourceContent: [{ text: 'of SECRET' }], location: { web: { url: 'u' } } }]
              }
            },
            { text: 'c' },
            { toolUse: { toolUseId: 't', name: 'f', input: { a: 1 }, type: 'server' } }
          ]
        }
      },
      stopReason: 'tool_use',
      usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
      trace: { guardrail: {} }
    },
    masked: [
      ['a SECRET b', 'a *** b'],
      [',"sourceContent":[{"text":"of SECRET"}]', '']
    ],
    uncalled: [
      [',{"toolUse":{"toolUseId":"t","name":"f","input":{"a":1},"type":"server"}}', ''],
      ['"stopReason":"tool_use"', '"stopReason":"end_turn"']
    ],
    called: ['{"a":1},"type"', '{"a":2},"type"'],
    ended: { output: { message: { content: [{ text: 'cut' }] } }, stopReason: 'content_filtered', trace: {} }
  },
  gemini: {
    body: {
      responseId: 'r',
      candidates: [
        {
          finishReason: 'STOP',
          content: {
            parts: [
              { text: 'hm', thought: true, thoughtSignature: 's' },
              { text: 'a SECRET b' },
              { executableCode: { language: 'PYTHON', code: 'x' } },
              { codeExecutionResult: { outcome: 'OUTCOME_OK', output: 'y' } },
              { text: 'c', odd: 1 },
              { functionCall: { name: 'f', args: { a: 1 }, id: 't' }, thoughtSignature: 'g' }
            ],
            role: 'model'
          },
          safetyRatings: [{ category: 'c', probability: 'NEGLIGIBLE' }],
          groundingMetadata: { groundingSupports: [{ segment: { startIndex: 0, endIndex: 1, text: 'a SECRET' } }] },
          avgLogprobs: -1,
          logprobsResult: { chosenCandidates: [] }
        }
      ],
      usageMetadata: { promptTokenCount: 1, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 1 }] }
    },
    masked: [
      ['a SECRET b', 'a *** b'],
      [',"text":"a SECRET"', ''],
      [',"logprobsResult":{"chosenCandidates":[]}', '']
    ],
    uncalled: [
      [',{"functionCall":{"name":"f","args":{"a":1},"id":"t"},"thoughtSignature":"g"}', ''],
      [',"logprobsResult":{"chosenCandidates":[]}', '']
    ],
    called: ['{"a":1}', '{"a":2}'],
    ended: {
      candidates: [{ finishReason: 'SAFETY', content: { parts: [{ text: 'cut' }] }, groundingMetadata: undefined }]
    }
  },
  'openai-chat': {
    body: {
      system_fingerprint: 'fp',
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [
        {
          finish_reason: 'tool_calls',
          index: 0,
          message: {
            content: 'a SECRET b and c',
            role: 'assistant',
            refusal: null,
            reasoning_content: 'hm',
            annotations: [
              { type: 'file_citation', file_id: 'f' },
              { type: 'url_citation', url_citation: { url: 'u', title: 't', start_index: 0, end_index: 8 } },
              { type: 'url_citation', url_citation: { url: 'u', title: 't', start_index: 15, end_index: 16 } }
            ],
            tool_calls: [{ index: 0, function: { arguments: '{"a":1}', name: 'f' }, id: 't', type: 'function' }],
            odd: { a: 1 }
          },
          logprobs: null,
          odd: 2
        }
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, queue_time: 0.5 },
      x_groq: { id: 'g' }
    },
    masked: [
      ['a SECRET b', 'a *** b'],
      ['{"type":"url_citation","url_citation":{"url":"u","title":"t","start_index":0,"end_index":8}},', ''],
      ['"start_index":15,"end_index":16', '"start_index":12,"end_index":13']
    ],
    uncalled: [
      [',"tool_calls":[{"index":0,"function":{"arguments":"{\\"a\\":1}","name":"f"},"id":"t","type":"function"}]', ''],
      ['"finish_reason":"tool_calls"', '"finish_reason":"stop"']
    ],
    called: ['{\\"a\\":1}', '{\\"a\\":2}'],
    ended: {
      choices: [{ message: { content: 'cut', annotations: undefined }, finish_reason: 'content_filter' }],
      x_groq: {}
    }
  },
  'openai-responses': {
    body: {
      output: [
        { type: 'reasoning', id: 'rs', summary: [], encrypted_content: 'e' },
        { type: 'web_search_call', id: 'ws', status: 'completed', action: { type: 'search', query: 'q' } },
        {
          type: 'message',
          id: 'msg',
          role: 'assistant',
          phase: 'final_answer',
          content: [
            {
              logprobs: [{ token: 'a', logprob: -1 }],
              text: 'a SECRET b and c',
              type: 'output_text',
              annotations: [
                { type: 'file_citation', file_id: 'f', filename: 'n', index: 14 },
                { type: 'url_citation', url: 'u', title: 't', start_index: 0, end_index: 8 },
                { type: 'url_citation', url: 'u', title: 't', start_index: 15, end_index: 16 }
              ]
            },
            { type: 'odd', a: 1 }
          ]
        },
        { type: 'function_call', id: 'fc', call_id: 't', arguments: '{"a":1}', name: 'f', status: 'completed' }
      ],
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      status: 'completed',
      incomplete_details: null,
      model: 'm',
      tools: [{ type: 'web_search' }],
      billing: { payer: 'developer' },
      usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 }
    },
    masked: [
      ['a SECRET b', 'a *** b'],
      ['[{"token":"a","logprob":-1}]', '[]'],
      ['"index":14', '"index":11'],
      ['{"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":8},', ''],
      ['"start_index":15,"end_index":16', '"start_index":12,"end_index":13']
    ],
    uncalled: [
      [
        ',{"type":"function_call","id":"fc","call_id":"t","arguments":"{\\"a\\":1}","name":"f","status":"completed"}',
        ''
      ],
      ['[{"token":"a","logprob":-1}]', '[]']
    ],
    called: ['{\\"a\\":1}', '{\\"a\\":2}'],
    ended: {
      output: [{ type: 'message', content: [{ text: 'cut' }] }],
      status: 'incomplete',
      billing: { payer: 'developer' }
    }
  },
  cohere: {
    body: {
      finish_reason: 'TOOL_CALL',
      id: 'c',
      message: {
        tool_plan: 'hm',
        content: [
          { type: 'thinking', thinking: 'so' },
          { odd: 1, type: 'text', text: 'a SECRET b and c' }
        ],
        role: 'assistant',
        citations: [
          { start: 2, end: 8, text: 'SECRET', sources: [{ type: 'document', id: 'd', document: { id: 'd' } }] },
          { start: 15, end: 16, text: 'c', sources: [{ type: 'document', id: 'd', document: { id: 'd' } }], type: 'X' }
        ],
        tool_calls: [{ type: 'function', id: 't', function: { arguments: '{"a":1}', name: 'f' } }]
      },
      usage: { billed_units: { input_tokens: 1, output_tokens: 2 }, cached_tokens: 1 }
    },
    masked: [
      ['a SECRET b', 'a *** b'],
      ['{"start":2,"end":8,"text":"SECRET","sources":[{"type":"document","id":"d","document":{"id":"d"}}]},', ''],
      ['"start":15,"end":16', '"start":12,"end":13']
    ],
    uncalled: [
      [',"tool_calls":[{"type":"function","id":"t","function":{"arguments":"{\\"a\\":1}","name":"f"}}]', ''],
      ['TOOL_CALL', 'COMPLETE']
    ],
    called: ['{\\"a\\":1}', '{\\"a\\":2}'],
    ended: { message: { content: [{ text: 'cut' }], citations: [], tool_plan: undefined } }
  },
  'ollama-chat': {
    body: {
      created_at: '2026-01-01T00:00:00Z',
      model: 'm',
      message: {
        thinking: 'hm',
        role: 'assistant',
        content: 'a SECRET b',
        tool_calls: [{ function: { index: 0, name: 'f', arguments: { a: 1 } }, id: 't' }],
        odd: 1
      },
      done_reason: 'stop',
      done: true,
      total_duration: 5,
      eval_count: 2
    },
    masked: [['a SECRET b', 'a *** b']],
    uncalled: [[',"tool_calls":[{"function":{"index":0,"name":"f","arguments":{"a":1}},"id":"t"}]', '']],
    called: ['{"a":1}', '{"a":2}'],
    ended: { message: { content: 'cut', tool_calls: undefined }, total_duration: 5 }
  }
}

function replaced(body: JsonObject, changes: Example['masked']): string {
  let text = JSON.stringify(body)
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${from} is not in ${text}`)
    text = text.replace(from, () => to)
  }
  return text
}

/** Log probabilities go with any change. */
function withoutLogprobs(text: string): string {
  return text.replace(',"logprobsResult":{"chosenCandidates":[]}', '').replace('[{"token":"a","logprob":-1}]', '[]')
}

for (const [name, example] of Object.entries(EXAMPLES) as [DialectName, Example][]) {
  t.test(`${name}: of a whole reply only what policies changed is changed`, async t => {
    const { body } = example
    t.equal(JSON.stringify(edited(name, body, mask)), replaced(body, example.masked), 'a text')
    t.equal(JSON.stringify(edited(name, body, withoutCalls)), replaced(body, example.uncalled), 'no call')
    const called = withoutLogprobs(replaced(body, [example.called]))
    t.equal(JSON.stringify(edited(name, body, otherArguments)), called, 'arguments')
    t.match(edited(name, body, ended), example.ended, 'ended')
    t.notMatch(
      JSON.stringify(edited(name, body, ended)),
      /SECRET|"a":1|web_search_call|_location|"url"/,
      'nothing else is told'
    )
  })
}

t.test('of a completion, and a reply of /api/generate, only what policies changed is changed', async t => {
  const completion: JsonObject = {
    system_fingerprint: 'fp',
    choices: [{ finish_reason: 'stop', text: 'a SECRET b', logprobs: { tokens: ['a'] }, index: 0, odd: 1 }],
    usage: { total_tokens: 3, odd: 2 }
  }
  const masked = replaced(completion, [
    ['a SECRET b', 'a *** b'],
    ['{"tokens":["a"]}', 'null']
  ])
  t.equal(JSON.stringify(edited('openai-completions', completion, mask)), masked)
  t.match(edited('openai-completions', completion, ended), {
    system_fingerprint: 'fp',
    choices: [{ text: 'cut', finish_reason: 'content_filter', logprobs: null }]
  })
  const generated: JsonObject = {
    created_at: '2026-01-01T00:00:00Z',
    thinking: 'hm',
    response: 'a SECRET b',
    done: true,
    done_reason: 'length',
    context: [1, 2, 3],
    total_duration: 5
  }
  const without: Example['masked'] = [
    ['a SECRET b', 'a *** b'],
    [',"context":[1,2,3]', '']
  ]
  t.equal(JSON.stringify(edited('ollama-generate', generated, mask)), replaced(generated, without))
  t.strictSame(edited('ollama-generate', generated, ended), {
    created_at: '2026-01-01T00:00:00Z',
    response: 'cut',
    done: true,
    done_reason: 'stop',
    total_duration: 5
  })
})

t.test('the answer of a tool that stood for its format is a text once it is changed', async t => {
  const input = { say: 'SECRET' }
  const content = [{ type: 'tool_use', id: 't', name: ANSWER_TOOL, input }]
  const said = [{ type: 'text', text: '{"say":"***"}' }]
  t.strictSame(edited('anthropic', { content, stop_reason: 'tool_use' }, mask).content, said)
  const message = { role: 'assistant', content: [{ toolUse: { toolUseId: 't', name: ANSWER_TOOL, input } }] }
  t.match(edited('converse', { output: { message }, stopReason: 'tool_use' }, mask), {
    output: { message: { content: [{ text: '{"say":"***"}' }] } }
  })
})

t.test('thoughts and chunks of chat completions go where policies take them out, whatever they are called', async t => {
  const content = [
    { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }], odd: 1 },
    { type: 'text', text: 'a SECRET' },
    { type: 'odd' }
  ]
  const body = (message: JsonObject): JsonObject => ({ choices: [{ index: 0, message, finish_reason: 'stop' }] })
  t.match(
    edited('openai-chat', body({ content }), mask),
    body({ content: [content[0], { text: 'a ***' }, content[2]] })
  )
  const unthought: Policy = choice => {
    choice.content = choice.content.filter(({ type }) => type !== 'thinking')
  }
  t.strictSame(edited('openai-chat', body({ content }), unthought), body({ content: content.slice(1) }))
  const told = { content: 'a', reasoning: 'hm', reasoning_content: 'hm', odd: 1 }
  t.strictSame(edited('openai-chat', body(told), unthought), body({ content: 'a', odd: 1 }))
})

t.test('what a policy adds stands where it put it', async t => {
  const { content } = edited('anthropic', EXAMPLES.anthropic?.body ?? {}, ({ content }) => {
    content.unshift({ type: 'text', text: 'first' })
    content.push({ type: 'text', text: 'last' })
  })
  t.match(content, [
    { type: 'text', text: 'first' },
    { type: 'thinking' },
    { type: 'server_tool_use' },
    search,
    { text: 'a SECRET b' },
    { text: 'c' },
    { type: 'tool_use' },
    { type: 'text', text: 'last' }
  ])
  const { output } = edited('openai-responses', EXAMPLES['openai-responses']?.body ?? {}, ({ content }) => {
    content.splice(2, 0, { type: 'text', text: 'and' })
  })
  t.match(output, [
    { type: 'reasoning' },
    { type: 'web_search_call' },
    { id: 'msg' },
    { type: 'message', content: [{ text: 'and' }] },
    { type: 'function_call' }
  ])
})

t.test('a text that came in pieces changes in those that policies changed', async t => {
  const code = { executableCode: { language: 'PYTHON', code: 'x' } }
  const parts = [{ text: 'one ' }, { text: 'two ', odd: 1 }, code, { text: ' three' }]
  const body = { candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }] }
  const after = (from: string, to: string) => {
    const { candidates } = edited('gemini', body, ({ content }) => {
      for (const part of content) if (part.type === 'text') part.text = part.text.replace(from, to)
    })
    return (candidates as (typeof body)['candidates'])[0]?.content.parts
  }
  t.strictSame(after('one', '1'), [{ text: '1 ' }, ...parts.slice(1)])
  t.strictSame(after('three', '3'), [...parts.slice(0, 3), { text: ' 3' }])
  t.strictSame(after('one two', '12'), [{ text: '12 ' }, ...parts.slice(2)])
  t.strictSame(after('one two ', ''), parts.slice(2), 'nothing is left of them')
  t.strictSame(after('one ', 'one and '), [{ text: 'one and ' }, ...parts.slice(1)], 'between two')
  t.strictSame(
    after('x', 'y'),
    [...parts.slice(0, 2), { text: '\n```python\ny\n```\n' }, parts[3]],
    'code is text then'
  )
})
