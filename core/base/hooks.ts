export const HOOKS = [
  'on_configure',
  'on_request',
  'on_request_body',
  'on_response',
  'on_response_body',
  'on_error',
  'on_log',
  'on_tick',
  'on_effect',
  'on_prompt',
  'on_delta',
  'on_tool_call',
  'on_completion',
  'on_usage'
] as const
export type Hook = (typeof HOOKS)[number]

/** Parts of an input that a plugin may do without. Headers and bodies go by permission. */
export const INPUT_FIELDS = [
  'exchangeId',
  'route',
  'upstream',
  'consumer',
  'params',
  'tags',
  'nowMs',
  'method',
  'scheme',
  'host',
  'path',
  'query',
  'clientIp'
] as const
export type InputField = (typeof INPUT_FIELDS)[number]
