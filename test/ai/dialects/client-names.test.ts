import t from 'tap'
import { clientNames } from '../../../core/ai/dialects/client-names.js'
import type { DialectName } from '../../../core/ai/dialects/dialect.js'
import { dialects } from '../../../core/ai/dialects/index.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { dropped, HINTS } from '../dialect-parts.js'

const schema = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a'] }
const said = [{ role: 'user', content: 'a' }]
const stops = ['1', '2', '3', '4', '5', '6']
const sampling = { temperature: 1.9, top_p: 0.5, seed: 2 ** 40, presence_penalty: -1, frequency_penalty: -1 }
const openai = { ...sampling, model: 'm', max_tokens: 99, n: 2, stop: stops, logit_bias: { 5: 1 }, user: 'u' }
const func = { name: 'f', parameters: schema, strict: true }
const options = { ...sampling, num_predict: 99, top_k: 600, stop: stops, num_ctx: 9 }
const ollama = { model: 'm', options, think: 'high', format: schema, logprobs: true, top_logprobs: 2, keep_alive: '1m' }
const gemini = {
  contents: [{ role: 'user', parts: [{ text: 'a' }] }],
  generationConfig: {
    maxOutputTokens: 99,
    temperature: 1.9,
    topP: 0.5,
    topK: 600,
    candidateCount: 2,
    stopSequences: stops,
    seed: 2 ** 40,
    presencePenalty: -1,
    frequencyPenalty: -1,
    responseLogprobs: true,
    logprobs: 2,
    responseMimeType: 'application/json',
    responseJsonSchema: schema,
    thinkingConfig: { thinkingLevel: 'HIGH', thinkingBudget: 900, includeThoughts: true },
    mediaResolution: 'MEDIA_RESOLUTION_LOW'
  },
  tools: [
    { functionDeclarations: [{ name: 'f', parametersJsonSchema: schema, behavior: 'BLOCKING' }], googleSearch: {} }
  ],
  toolConfig: { functionCallingConfig: { mode: 'ANY' }, retrievalConfig: { languageCode: 'en' } },
  safetySettings: [],
  cachedContent: 'c',
  labels: { a: 'b' },
  serviceTier: 'PRIORITY'
}

/** Requests with every parameter their dialect knows. */
const REQUESTS: readonly (readonly [DialectName, JsonObject])[] = [
  [
    'openai-chat',
    {
      ...openai,
      messages: said,
      top_k: 600,
      max_completion_tokens: 99,
      logprobs: true,
      top_logprobs: 2,
      tools: [{ type: 'function', function: func }],
      tool_choice: 'required',
      parallel_tool_calls: false,
      response_format: { type: 'json_schema', json_schema: { name: 'r', schema, strict: true } },
      reasoning_effort: 'high',
      verbosity: 'low',
      service_tier: 'priority',
      metadata: { a: 'b' },
      store: true,
      modalities: ['text'],
      prediction: { type: 'content', content: 'a' },
      web_search_options: {}
    }
  ],
  [
    'openai-chat',
    {
      model: 'm',
      messages: said,
      reasoning: { effort: 'high', max_tokens: 900, summary: 'auto' },
      response_format: { type: 'json_schema', json_schema: { name: 'r', schema } }
    }
  ],
  [
    'openai-chat',
    { model: 'm', messages: said, thinking: { type: 'enabled', budget_tokens: 900, display: 'summarized' } }
  ],
  ['openai-completions', { ...openai, prompt: 'a', logprobs: 2, suffix: 's', best_of: 3 }],
  [
    'openai-responses',
    {
      model: 'm',
      input: 'a',
      max_output_tokens: 99,
      temperature: 1.9,
      top_p: 0.5,
      include: ['message.output_text.logprobs'],
      top_logprobs: 2,
      tools: [{ type: 'function', ...func }],
      tool_choice: 'required',
      parallel_tool_calls: false,
      text: { format: { type: 'json_schema', name: 'r', schema, strict: true }, verbosity: 'low' },
      reasoning: { effort: 'high', summary: 'auto' },
      service_tier: 'priority',
      safety_identifier: 'u',
      metadata: { a: 'b' },
      truncation: 'auto',
      max_tool_calls: 3
    }
  ],
  [
    'anthropic',
    {
      model: 'm',
      max_tokens: 2000,
      messages: said,
      temperature: 0.9,
      top_p: 0.5,
      top_k: 600,
      stop_sequences: stops,
      tools: [{ name: 'f', input_schema: schema, strict: true }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      thinking: { type: 'enabled', budget_tokens: 1024, display: 'summarized' },
      output_config: { effort: 'high', format: { type: 'json_schema', schema } },
      service_tier: 'standard_only',
      metadata: { user_id: 'u' },
      container: 'c'
    }
  ],
  ['gemini', gemini],
  ['gemini', { generateContentRequest: { model: 'models/m', ...gemini } }],
  [
    'gemini',
    {
      contents: gemini.contents,
      generation_config: {
        top_k: 600,
        candidate_count: 2,
        stop_sequences: stops,
        thinking_config: { thinking_budget: 9 }
      },
      safety_settings: [],
      tools: { google_search: {} }
    }
  ],
  [
    'converse',
    {
      modelId: 'm',
      messages: [{ role: 'user', content: [{ text: 'a' }] }],
      inferenceConfig: { maxTokens: 2000, temperature: 0.9, topP: 0.5, stopSequences: stops },
      toolConfig: {
        tools: [{ toolSpec: { name: 'f', inputSchema: { json: schema }, strict: true } }],
        toolChoice: { any: {} }
      },
      additionalModelRequestFields: { top_k: 600, thinking: { type: 'enabled', budget_tokens: 1024 }, other: 1 },
      outputConfig: {
        effort: 'high',
        textFormat: { type: 'json_schema', structure: { jsonSchema: { name: 'r', schema: JSON.stringify(schema) } } }
      },
      serviceTier: { type: 'priority' },
      requestMetadata: { a: 'b' },
      guardrailConfig: { guardrailIdentifier: 'g' }
    }
  ],
  [
    'cohere',
    {
      model: 'm',
      messages: said,
      max_tokens: 99,
      temperature: 0.9,
      p: 0.5,
      k: 600,
      stop_sequences: stops,
      seed: 2 ** 40,
      frequency_penalty: 0.5,
      presence_penalty: 0.5,
      logprobs: true,
      tools: [{ type: 'function', function: { name: 'f', parameters: schema } }],
      strict_tools: true,
      tool_choice: 'REQUIRED',
      response_format: { type: 'json_object', json_schema: schema },
      thinking: { type: 'enabled', token_budget: 900 },
      safety_mode: 'OFF'
    }
  ],
  ['ollama-chat', { ...ollama, messages: said, tools: [{ type: 'function', function: func }] }],
  ['ollama-generate', { ...ollama, prompt: 'a', template: 't', raw: true }]
]

/** Models of every family, by the dialect they are written in: what one takes another of them may not. */
const MODELS: Readonly<Record<DialectName, readonly string[]>> = {
  'openai-chat': ['gpt-4o', 'gpt-5'],
  'openai-completions': ['gpt-3.5-turbo-instruct'],
  'openai-responses': ['gpt-5'],
  anthropic: ['claude-3-haiku-20240307', 'claude-sonnet-4-5', 'claude-opus-4-7'],
  gemini: ['gemini-2.0-flash', 'gemini-2.5-pro', 'gemini-3-pro'],
  converse: ['amazon.nova-pro-v1:0', 'anthropic.claude-sonnet-4-5-20250929-v1:0', 'meta.llama3-70b-instruct-v1:0'],
  cohere: ['command-a-03-2025', 'command-a-reasoning-08-2025'],
  'ollama-chat': ['qwen3', 'gpt-oss'],
  'ollama-generate': ['qwen3']
}

/** The names a client is told of. */
function lost(from: DialectName, request: JsonObject, to: DialectName, model: string): string[] {
  const chat = dialects.get(from)?.chat.readRequest(structuredClone(request), HINTS)
  if (chat === undefined) return []
  chat.model = model
  const drop = dropped()
  dialects.get(to)?.chat.writeRequest(chat, drop)
  return [...drop.names, ...chat.extra.keys()].flatMap(name => clientNames(from, name, request))
}

function isIn(request: unknown, path: string): boolean {
  let value = request
  for (const step of path.split(/[.[\]]+/).filter(each => each !== ''))
    value = (value as JsonObject | undefined)?.[step]
  return value !== undefined
}

for (const [from, request] of REQUESTS) {
  t.test(
    `clients of ${from} are told of parameters by the names they wrote (${Object.keys(request)[1] ?? 'wrapped'})`,
    async t => {
      for (const [to, models] of Object.entries(MODELS) as [DialectName, string[]][]) {
        if (to === from) continue
        for (const model of models) {
          const unknown = lost(from, request, to, model).filter(name => !isIn(request, name))
          t.strictSame(unknown, [], `${to} ${model}`)
        }
      }
    }
  )
}

t.test('what the client did not write keeps its name', async t => {
  t.strictSame(clientNames('gemini', 'seed', { contents: [] }), ['seed'])
})
