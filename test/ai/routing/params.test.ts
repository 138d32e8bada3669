import fc from 'fast-check'
import t from 'tap'
import type { ChatRequest } from '../../../core/ai/chat.js'
import type { DialectName } from '../../../core/ai/dialects/dialect.js'
import { paramEdits, paramOf } from '../../../core/ai/routing/param-places.js'
import { applyParams } from '../../../core/ai/routing/params.js'
import { PARAM_KINDS, wrongParam } from '../../../core/config/schema-ai-params.js'

const chat = (more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'm',
  messages: [],
  stream: false,
  extra: new Map(),
  ...more
})

t.test('parameters of a target take the place of the caller’s in a canonical chat', async t => {
  const asked = chat({
    temperature: 1,
    top_p: 0.5,
    stop: ['x'],
    reasoning: { budget_tokens: 5, summary: 'auto' },
    extra: new Map([['a', 1]])
  })
  applyParams(asked, {
    temperature: 0,
    top_p: null,
    max_completion_tokens: 9,
    stop: 'y',
    reasoning_effort: 'low',
    a: null,
    thinking: { type: 'enabled' },
    logprobs: true,
    user: 'u'
  })
  t.strictSame(
    asked,
    chat({
      temperature: 0,
      top_p: undefined,
      max_tokens: 9,
      stop: ['y'],
      reasoning: { summary: 'auto', effort: 'low' },
      extra: new Map([['thinking', { type: 'enabled' }]]),
      logprobs: true,
      user: 'u'
    })
  )
  applyParams(asked, { stop: null, reasoning_effort: null, max_tokens: null })
  t.match(asked, { stop: undefined, reasoning: undefined, max_tokens: undefined })
})

t.test('in a body that goes out as it came they are put where its dialect has them', async t => {
  const params = { temperature: 0, max_tokens: 9, stop: 'x', top_k: 3, reasoning_effort: 'low' }
  const edits = (dialect: DialectName, body = {}) => paramEdits(dialect, params, body)
  t.strictSame(edits('openai-chat', { max_completion_tokens: 5 }), {
    edits: { set: params, remove: ['max_completion_tokens'] },
    homeless: []
  })
  t.strictSame(edits('openai-responses', { reasoning: { summary: 'auto' } }), {
    edits: { set: { temperature: 0, max_output_tokens: 9, reasoning: { summary: 'auto', effort: 'low' } }, remove: [] },
    homeless: ['stop', 'top_k']
  })
  t.strictSame(edits('anthropic').edits.set, {
    temperature: 0,
    max_tokens: 9,
    stop_sequences: ['x'],
    top_k: 3,
    output_config: { effort: 'low' }
  })
  t.strictSame(
    edits('gemini', { generationConfig: { topP: 1, temperature: 2, thinkingConfig: { includeThoughts: true } } }).edits
      .set,
    {
      generationConfig: {
        topP: 1,
        temperature: 0,
        thinkingConfig: { includeThoughts: true, thinkingLevel: 'low' },
        maxOutputTokens: 9,
        stopSequences: ['x'],
        topK: 3
      }
    }
  )
  t.strictSame(edits('converse'), {
    edits: {
      set: {
        inferenceConfig: { temperature: 0, maxTokens: 9, stopSequences: ['x'] },
        additionalModelRequestFields: { top_k: 3 }
      },
      remove: []
    },
    homeless: ['reasoning_effort']
  })
  t.strictSame(edits('cohere').edits.set, { temperature: 0, max_tokens: 9, stop_sequences: ['x'], k: 3 })
  t.strictSame(edits('ollama-chat').edits.set, {
    options: { temperature: 0, num_predict: 9, stop: ['x'], top_k: 3 },
    think: 'low'
  })
})

t.test('null takes a parameter out, and leaves what is beside it', async t => {
  t.strictSame(paramEdits('openai-chat', { temperature: null, seed: null }, { temperature: 1 }).edits, {
    set: {},
    remove: ['temperature']
  })
  t.strictSame(paramEdits('gemini', { temperature: null }, { generationConfig: { temperature: 1, topP: 1 } }).edits, {
    set: { generationConfig: { topP: 1 } },
    remove: []
  })
  t.strictSame(paramEdits('gemini', { temperature: null }, {}), { edits: { set: {}, remove: [] }, homeless: [] })
  t.strictSame(paramEdits('converse', { reasoning_effort: null }, {}).homeless, [], 'what has no place is not there')
})

t.test('where max_tokens is lowered, a budget for thinking stays below it, or goes', async t => {
  const thinking = { type: 'enabled', budget_tokens: 4_000 }
  const lowered = (most: number) => paramEdits('anthropic', { max_tokens: most }, { max_tokens: 8_000, thinking })
  t.strictSame(lowered(4_001), { edits: { set: { max_tokens: 4_001 }, remove: [] }, homeless: [] })
  t.strictSame(lowered(4_000).edits.set, { max_tokens: 4_000, thinking: { type: 'enabled', budget_tokens: 3_200 } })
  t.strictSame(lowered(1_280).edits.set, { max_tokens: 1_280, thinking: { type: 'enabled', budget_tokens: 1_024 } })
  t.strictSame(lowered(1_279), { edits: { set: { max_tokens: 1_279 }, remove: ['thinking'] }, homeless: ['thinking'] })
  const adaptive = { max_tokens: 8_000, thinking: { type: 'adaptive' } }
  t.strictSame(paramEdits('anthropic', { max_tokens: 10 }, adaptive).edits, { set: { max_tokens: 10 }, remove: [] })
})

t.test('a parameter that is not OpenAI’s goes out under its own name', async t => {
  t.strictSame(paramEdits('anthropic', { thinking: { type: 'disabled' }, container: null }, { container: 'c' }).edits, {
    set: { thinking: { type: 'disabled' } },
    remove: ['container']
  })
})

t.test('a parameter is found by OpenAI’s name in every dialect', async t => {
  t.equal(paramOf('openai-chat', { max_completion_tokens: 4 }, 'max_tokens'), 4)
  t.equal(paramOf('openai-chat', { max_tokens: 4 }, 'max_completion_tokens'), 4)
  t.equal(paramOf('anthropic', { max_tokens: 4 }, 'max_completion_tokens'), 4)
  t.equal(paramOf('gemini', { generationConfig: { temperature: 1 } }, 'temperature'), 1)
  t.equal(paramOf('gemini', { temperature: 1 }, 'temperature'), undefined)
  t.equal(paramOf('openai-responses', { reasoning: { effort: 'low' } }, 'reasoning_effort'), 'low')
  t.equal(paramOf('anthropic', { thinking: 1 }, 'thinking'), 1)
  t.equal(paramOf('anthropic', { temperature: null }, 'temperature'), undefined)
  t.equal(paramOf('anthropic', {}, 'constructor'), undefined)
})

const DIALECTS: DialectName[] = [
  'openai-chat',
  'openai-completions',
  'openai-responses',
  'anthropic',
  'gemini',
  'converse',
  'cohere',
  'ollama-chat',
  'ollama-generate'
]
const values = {
  number: fc.integer(),
  boolean: fc.boolean(),
  text: fc.string(),
  texts: fc.array(fc.string(), { minLength: 1 })
}
const params = fc.record(
  Object.fromEntries(
    Object.entries(PARAM_KINDS)
      .filter(([name]) => name !== 'max_completion_tokens')
      .map(([name, kind]) => [name, fc.option<unknown>(values[kind])])
  ),
  { requiredKeys: [] }
)

t.test('what is taken out of a dialect that has no place for it goes by its own name', async t => {
  t.strictSame(paramEdits('openai-responses', { n: null }, { n: 3, input: 'hi' }), {
    edits: { set: {}, remove: ['n'] },
    homeless: []
  })
  t.strictSame(paramEdits('openai-responses', { n: null }, { input: 'hi' }), {
    edits: { set: {}, remove: [] },
    homeless: []
  })
})

t.test('what was put into any body is found there again, and nothing else is lost', async t => {
  fc.assert(
    fc.property(
      fc.constantFrom(...DIALECTS),
      params,
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom(...Object.keys(PARAM_KINDS))), fc.jsonValue()),
      (dialect, wanted, body) => {
        const { edits, homeless } = paramEdits(dialect, wanted, body)
        const result: Record<string, unknown> = { ...body, ...edits.set }
        for (const name of edits.remove ?? []) delete result[name]
        for (const [name, value] of Object.entries(wanted)) {
          t.equal(wrongParam(name, value), undefined)
          if (!homeless.includes(name))
            t.strictSame(paramOf(dialect, result, name), value ?? undefined, `${dialect} ${name}`)
        }
        const touched = [...Object.keys(edits.set ?? {}), ...(edits.remove ?? [])]
        return Object.keys(body).every(name => touched.includes(name) || result[name] === body[name])
      }
    )
  )
})

t.test('arbitrary bodies are read without a fault', async t => {
  fc.assert(
    fc.property(
      fc.constantFrom(...DIALECTS),
      fc.dictionary(fc.constantFrom('generationConfig', 'options', 'reasoning', 'temperature'), fc.jsonValue()),
      params,
      (dialect, body, wanted) => {
        for (const name of Object.keys(PARAM_KINDS)) paramOf(dialect, body, name)
        paramEdits(dialect, wanted, body)
      }
    )
  )
  t.pass()
})
