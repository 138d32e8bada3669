import type { FailureKind } from '../../failure.js'

/** Codes and types of errors, lower case: OpenAI's, then those of others who speak its dialect. */
const KINDS: Readonly<Record<string, FailureKind>> = {
  // https://platform.openai.com/docs/guides/error-codes
  context_length_exceeded: 'context_window',
  string_above_max_length: 'too_large',
  content_filter: 'content_policy',
  content_policy_violation: 'content_policy',
  moderation_blocked: 'content_policy',
  invalid_prompt: 'content_policy',
  insufficient_quota: 'credit',
  billing_hard_limit_reached: 'credit',
  billing_not_active: 'credit',
  rate_limit_exceeded: 'rate_limit',
  rate_limit_error: 'rate_limit',
  model_not_found: 'not_found',
  not_found_error: 'not_found',
  invalid_api_key: 'authentication',
  authentication_error: 'authentication',
  permission_error: 'permission',
  permission_denied: 'permission',
  unsupported_country_region_territory: 'permission',
  server_error: 'server',
  internal_server_error: 'server',
  api_error: 'server',
  overloaded_error: 'overloaded',
  service_unavailable: 'overloaded',
  server_overloaded: 'overloaded',
  slow_down: 'overloaded',
  timeout: 'timeout',
  timeout_error: 'timeout',
  // Azure
  responsibleaipolicyviolation: 'content_policy',
  deploymentnotfound: 'not_found',
  // Groq, Together, Fireworks, Cerebras, GitHub, Moonshot, Perplexity
  request_too_large: 'too_large',
  tokens_limit_reached: 'context_window',
  token_quota_exceeded: 'rate_limit',
  request_quota_exceeded: 'rate_limit',
  too_many_requests_error: 'rate_limit',
  queue_exceeded: 'overloaded',
  over_capacity: 'overloaded',
  engine_overloaded_error: 'overloaded',
  overloaded: 'overloaded',
  exceeded_current_quota_error: 'credit',
  wrong_api_key: 'authentication',
  invalid_authentication_error: 'authentication',
  unauthorized: 'authentication',
  unknown_model: 'not_found',
  model_not_available: 'not_found',
  ratelimitreached: 'rate_limit',
  // Alibaba, Volcengine
  data_inspection_failed: 'content_policy',
  datainspectionfailed: 'content_policy',
  arrearage: 'credit',
  throttling: 'rate_limit',
  'throttling.ratequota': 'rate_limit',
  'throttling.allocationquota': 'rate_limit',
  sensitivecontentdetected: 'content_policy',
  inputtextsensitivecontentdetected: 'content_policy',
  outputtextsensitivecontentdetected: 'content_policy',
  accountoverdueerror: 'credit',
  authenticationerror: 'authentication',
  modelnotopen: 'permission',
  ratelimitexceeded: 'rate_limit',
  serveroverloaded: 'overloaded',
  // Databricks
  request_limit_exceeded: 'rate_limit',
  resource_does_not_exist: 'not_found',
  // Zhipu (https://docs.z.ai/api-reference/api-code)
  '1000': 'authentication',
  '1001': 'authentication',
  '1002': 'authentication',
  '1113': 'credit',
  '1211': 'not_found',
  '1261': 'context_window',
  '1301': 'content_policy',
  '1302': 'rate_limit',
  '1303': 'rate_limit',
  '1305': 'overloaded',
  // MiniMax, whose 1002 is a rate limit: its message says so
  '1004': 'authentication',
  '1008': 'credit',
  '1026': 'content_policy',
  '1027': 'content_policy',
  '1039': 'rate_limit'
}

/** What messages say where codes do not. */
const PHRASES: readonly (readonly [RegExp, FailureKind])[] = [
  [
    /context[ _-]?(?:length|window)|maximum (?:model )?(?:context|input) length|(?:prompt|input) is too long|too many (?:input |total )?tokens|reduce the length of|prompt contains at least \d+ (?:input )?tokens|longer than the maximum|exceeds? (?:the )?(?:model'?s )?max(?:imum)?(?:_| )?(?:input|seq|total|prompt|token)/i,
    'context_window'
  ],
  [
    /content (?:management )?(?:policy|filter)|content_filter|flagged by|safety system|data may contain inappropriate/i,
    'content_policy'
  ],
  [
    /insufficient (?:balance|credits?|funds|quota)|exceeded your current quota|out of credits?|more credits|no credits/i,
    'credit'
  ],
  [/(?:incorrect|invalid|wrong|missing) api[ -]?key|api key (?:not|is not) valid/i, 'authentication'],
  [/rate limit(?:ed|s)?\b|too many requests/i, 'rate_limit'],
  [/overloaded|no (?:healthy )?(?:capacity|upstream)|at capacity|capacity exceeded/i, 'overloaded'],
  [/the model .{1,200}? does not exist|model not found|invalid model\b/i, 'not_found'],
  [/timed? ?out/i, 'timeout']
]

/** Of kinds that a message alone is believed for, whatever the status: an account's 401 may well mention a rate limit. */
const FITS: Readonly<Partial<Record<FailureKind, (status: number) => boolean>>> = {
  rate_limit: status => status === 0 || status === 429 || status === 400,
  overloaded: status => status === 0 || status >= 500 || status === 429,
  timeout: status => status === 0 || status === 408 || status >= 500,
  not_found: status => status === 0 || status === 400 || status === 404 || status === 422,
  authentication: status => status === 0 || status === 400 || status === 401 || status === 403
}

/** The kind that code, type or message tell; undefined: none of them does. */
export function kindOfWords(
  code: string | undefined,
  type: string | undefined,
  message: string,
  status: number
): FailureKind | undefined {
  // Groq and OpenAI: more tokens in one request than a minute allows.
  if (status === 413) return 'too_large'
  const byType = known(type)
  // A number is not the same with everyone, a type is: Zhipu's 1000 is a wrong key, Mistral's, with a type, a failure of the server.
  const byCode = byType !== undefined && /^\d+$/.test(code ?? '') ? undefined : known(code)
  if (byCode !== undefined && byCode !== 'server') return byCode
  if (byType !== undefined && byType !== 'server') return byType
  const byMessage = PHRASES.find(([pattern, kind]) => pattern.test(message) && (FITS[kind]?.(status) ?? true))?.[1]
  if (byMessage !== undefined) return byMessage
  if (type?.toLowerCase() === 'invalid_request_error' && status === 0) return 'invalid_request'
  return status === 0 ? (byCode ?? byType) : undefined
}

function known(word: string | undefined): FailureKind | undefined {
  const name = word?.toLowerCase()
  return name !== undefined && Object.hasOwn(KINDS, name) ? KINDS[name] : undefined
}
