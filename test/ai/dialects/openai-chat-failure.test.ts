import t from 'tap'
import { openaiChat } from '../../../core/ai/dialects/openai-chat/index.js'
import type { FailureKind, ProviderFailure } from '../../../core/ai/failure.js'

const error = (code: unknown, message = 'x', type: unknown = null) => ({ error: { message, type, code, param: null } })

const CASES: readonly [string, number, unknown, FailureKind][] = [
  ['OpenAI, window', 400, error('context_length_exceeded'), 'context_window'],
  ['OpenAI, no credit', 429, error('insufficient_quota', 'x', 'insufficient_quota'), 'credit'],
  ['OpenAI, rate', 429, error('rate_limit_exceeded', 'Rate limit reached for gpt-4o', 'tokens'), 'rate_limit'],
  [
    'OpenAI, key',
    401,
    error('invalid_api_key', 'Incorrect API key provided', 'invalid_request_error'),
    'authentication'
  ],
  ['OpenAI, model', 404, error('model_not_found', 'The model `x` does not exist'), 'not_found'],
  ['OpenAI, parameter', 400, error('unsupported_parameter', 'x', 'invalid_request_error'), 'invalid_request'],
  ['OpenAI, overloaded', 503, error(null, 'The engine is currently overloaded', 'server_error'), 'overloaded'],
  ['OpenAI, server', 500, error(null, 'x', 'server_error'), 'server'],
  ['OpenAI, image', 400, error('moderation_blocked', 'x', 'image_generation_user_error'), 'content_policy'],
  [
    'Azure, filter',
    400,
    { error: { code: 'content_filter', message: 'x', innererror: { code: 'ResponsibleAIPolicyViolation' } } },
    'content_policy'
  ],
  ['Azure, deployment', 404, error('DeploymentNotFound'), 'not_found'],
  ['Azure, key', 401, { statusCode: 401, message: 'Unauthorized' }, 'authentication'],
  ['Groq, too much for a minute', 413, error('rate_limit_exceeded', 'Request too large for model'), 'too_large'],
  ['xAI, key', 400, { code: 'invalid-argument', error: 'Incorrect API key provided: x***y.' }, 'authentication'],
  ['Mistral', 422, { detail: [{ loc: ['body', 'seed'], msg: 'Extra inputs', type: 'extra' }] }, 'invalid_request'],
  [
    'Mistral, capacity',
    429,
    { object: 'error', message: 'Service tier capacity exceeded', code: '3505' },
    'overloaded'
  ],
  [
    'Mistral, whose number is a wrong key at Zhipu',
    500,
    { object: 'error', message: 'Service unavailable.', type: 'internal_server_error', param: null, code: '1000' },
    'server'
  ],
  ['Zhipu, key', 401, error('1000', 'Authentication Failed'), 'authentication'],
  [
    'vLLM',
    400,
    { object: 'error', message: "This model's maximum context length is 8192 tokens.", type: 'BadRequestError' },
    'context_window'
  ],
  ['OpenRouter, credit', 402, error(402, 'Insufficient credits'), 'credit'],
  ['OpenRouter, moderation', 403, error(403, 'Input was flagged by moderation'), 'content_policy'],
  ['DeepSeek, credit', 402, error('invalid_request_error', 'Insufficient Balance', 'unknown_error'), 'credit'],
  ['Moonshot, overloaded', 429, error(null, 'x', 'engine_overloaded_error'), 'overloaded'],
  ['Alibaba, filter', 400, error('data_inspection_failed'), 'content_policy'],
  ['Zhipu, balance', 429, error('1113'), 'credit'],
  ['Zhipu, window', 400, error('1261', 'Prompt exceeds max length'), 'context_window'],
  ['Databricks', 429, { error_code: 'REQUEST_LIMIT_EXCEEDED', message: 'x' }, 'rate_limit'],
  [
    'Cloudflare',
    401,
    { success: false, errors: [{ code: 10_000, message: 'Authentication error' }] },
    'authentication'
  ],
  ['Hugging Face', 503, { error: 'Model is loading', error_type: 'x' }, 'overloaded'],
  ['text', 502, 'Bad Gateway', 'server'],
  ['nothing', 504, undefined, 'timeout']
]

t.test('errors are of the kind that providers mean', async t => {
  for (const [title, status, body, kind] of CASES) {
    const failure = openaiChat.readFailure(status, body)
    t.equal(failure.kind, kind, title)
    t.equal(failure.status, status)
    t.ok(failure.message.length > 0)
  }
})

t.test('what is wrong is told in the provider’s words', async t => {
  t.match(openaiChat.readFailure(422, CASES.find(([title]) => title === 'Mistral')?.[2]), {
    message: 'body.seed: Extra inputs'
  })
  const behind = { error: { code: 502, message: 'Provider returned error', metadata: { raw: 'out of memory' } } }
  t.match(openaiChat.readFailure(502, behind), { message: 'Provider returned error: out of memory', code: '502' })
})

t.test('Google’s errors are read as Google means them, also in a list', async t => {
  const google = {
    code: 429,
    message: 'You exceeded your current quota, please check your plan and billing details.',
    status: 'RESOURCE_EXHAUSTED',
    details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '17s' }]
  }
  for (const body of [[{ error: google }], { error: google }]) {
    t.match(openaiChat.readFailure(429, body), {
      kind: 'rate_limit',
      message: google.message,
      type: 'RESOURCE_EXHAUSTED',
      retryAfterMs: 17_000
    })
  }
  t.match(openaiChat.readFailure(502, []), { kind: 'server', message: 'the provider answered 502' })
})

t.test('how long to wait is read from the message', async t => {
  const wait = (message: string) => openaiChat.readFailure(429, error('rate_limit_exceeded', message)).retryAfterMs
  t.equal(wait('Limit 30000. Please try again in 1.27s. Visit https://x.example'), 1_270)
  t.equal(wait('Please try again in 20ms.'), 20)
  t.equal(wait('Please try again in 1m2.5s.'), 62_500)
  t.equal(wait('Please try again in 6m0s.'), 360_000)
  t.equal(wait('Please retry after 26 seconds.'), 26_000)
  t.equal(wait('Please try again later.'), undefined)
})

t.test('errors are written in OpenAI’s envelope, with the codes that its clients act on', async t => {
  const write = (failure: Partial<ProviderFailure> & { kind: FailureKind }) =>
    openaiChat.writeFailure({ status: 0, message: 'x', ...failure }, 'r1')
  t.strictSame(write({ kind: 'rate_limit', code: 'ThrottlingException', retryAfterMs: 1_500 }), {
    status: 429,
    body: { error: { message: 'x', type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' } },
    headers: ['retry-after', '2', 'retry-after-ms', '1500']
  })
  t.match(write({ kind: 'context_window', type: 'invalid_request_error' }), {
    status: 400,
    body: { error: { code: 'context_length_exceeded' } }
  })
  t.match(write({ kind: 'overloaded', status: 529, type: 'overloaded_error' }), {
    status: 503,
    body: { error: { type: 'server_error', code: 'overloaded' } }
  })
  t.match(write({ kind: 'rate_limit', code: 'GW_AI_BUDGET_EXCEEDED' }), {
    body: { error: { code: 'GW_AI_BUDGET_EXCEEDED' } }
  })
  t.match(write({ kind: 'invalid_request', param: 'messages[0]' }), { body: { error: { param: 'messages[0]' } } })
})

t.test('an error that was written is of the same kind when it is read', async t => {
  const kinds: FailureKind[] = [
    'invalid_request',
    'authentication',
    'permission',
    'not_found',
    'too_large',
    'context_window',
    'content_policy',
    'rate_limit',
    'credit',
    'overloaded',
    'timeout',
    'server'
  ]
  for (const kind of kinds) {
    const { status, body } = openaiChat.writeFailure({ kind, status: 0, message: 'x' }, 'r1')
    t.equal(openaiChat.readFailure(status, body).kind, kind)
  }
})
