/** JSON Schemas of what the endpoints of prompts take and give, for their OpenAPI document. */

const count = { type: 'integer', minimum: 0 } as const
const text = { type: 'string' } as const

export const COMPLETION = {
  type: 'object',
  properties: {
    id: { ...text, description: 'By which it can be rated.' },
    object: { const: 'prompt.completion' },
    created: { ...count, description: 'Seconds since 1970.' },
    prompt: text,
    version: text,
    label: { type: ['string', 'null'] },
    model: text,
    text,
    json: {},
    refusal: text,
    tool_calls: {
      type: 'array',
      items: {
        type: 'object',
        properties: { id: text, name: text, arguments: { ...text, description: 'JSON.' } },
        required: ['id', 'name', 'arguments']
      }
    },
    finish_reason: { type: 'string', enum: ['stop', 'length', 'tool_calls', 'content_filter', 'refusal', 'pause'] },
    usage: {
      type: ['object', 'null'],
      properties: {
        input_tokens: count,
        cached_tokens: count,
        output_tokens: count,
        reasoning_tokens: count,
        total_tokens: count,
        estimated: { type: 'boolean' }
      }
    }
  },
  required: ['id', 'object', 'created', 'prompt', 'version', 'label', 'model', 'finish_reason', 'usage']
} as const

export const STREAM_DESCRIPTION =
  'With "stream": true, server-sent events: start {id, prompt, version, label, model}, text {text}, tool_call {id, name}, and at last completion, which is what comes without a stream, or error {code, title}.'

export const FEEDBACK = {
  type: 'object',
  properties: {
    id: { ...text, description: 'Of the completion.' },
    trace: { ...text, description: 'Instead of the id: the trace it is in.' },
    score: { type: 'number', minimum: 0, maximum: 1 },
    rating: { anyOf: [{ enum: ['up', 'down'] }, { type: 'integer', minimum: 1, maximum: 5 }] },
    comment: { type: 'string', maxLength: 4000 }
  },
  allOf: [
    { anyOf: [{ required: ['id'] }, { required: ['trace'] }] },
    { oneOf: [{ required: ['score'] }, { required: ['rating'] }] }
  ],
  additionalProperties: false
} as const

export const FEEDBACK_REPLY = {
  type: 'object',
  properties: { id: text, prompt: text, version: text, label: { type: ['string', 'null'] } },
  required: ['id', 'prompt', 'version', 'label']
} as const

/** RFC 9457. */
export const PROBLEM = {
  type: 'object',
  properties: {
    type: text,
    title: text,
    status: count,
    detail: text,
    code: text,
    errors: {
      type: 'array',
      items: { type: 'object', properties: { variable: text, message: text } }
    }
  }
} as const
