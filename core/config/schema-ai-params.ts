/** What a parameter of `params` has to be, by OpenAI's name. Others are a provider's own and go there as they are. */
export const PARAM_KINDS = {
  max_tokens: 'number',
  max_completion_tokens: 'number',
  temperature: 'number',
  top_p: 'number',
  top_k: 'number',
  n: 'number',
  seed: 'number',
  presence_penalty: 'number',
  frequency_penalty: 'number',
  top_logprobs: 'number',
  logprobs: 'boolean',
  parallel_tool_calls: 'boolean',
  stop: 'texts',
  reasoning_effort: 'text',
  verbosity: 'text',
  service_tier: 'text',
  user: 'text'
} as const
export type ParamName = keyof typeof PARAM_KINDS

export function isParamName(name: string): name is ParamName {
  return Object.hasOwn(PARAM_KINDS, name)
}

const EXPECTED = {
  number: 'a number',
  boolean: 'true or false',
  text: 'text',
  texts: 'text or a list of texts'
} as const

/** What was expected instead of this value of a parameter; undefined: it is right. null takes a parameter out. */
export function wrongParam(name: string, value: unknown): string | undefined {
  if (!isParamName(name) || value === null) return undefined
  const kind = PARAM_KINDS[name]
  const right =
    kind === 'texts'
      ? [value].flat().every(each => typeof each === 'string')
      : typeof value === (kind === 'text' ? 'string' : kind)
  return right ? undefined : `${EXPECTED[kind]}, or null to take it out`
}
