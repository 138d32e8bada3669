const HTTP_HOOKS = [
  'on_request',
  'on_request_body',
  'on_response',
  'on_response_body',
  'on_error',
  'on_log',
  'on_tick'
] as const

/** Those of AI traffic: they answer with an AiVerdict, and each is a call of its own. */
export const AI_HOOKS = ['on_prompt', 'on_delta', 'on_tool_call', 'on_completion', 'on_usage'] as const
export type AiHook = (typeof AI_HOOKS)[number]

/** The hooks that belong to a phase of an exchange, in the order of its life. */
export const PHASE_HOOKS = [...HTTP_HOOKS, ...AI_HOOKS] as const
export type PhaseHook = (typeof PHASE_HOOKS)[number]

/** What a plugin may export to be called. */
export const HOOKS = ['on_configure', ...HTTP_HOOKS, 'on_effect', ...AI_HOOKS, 'on_ai_effect'] as const
export type Hook = (typeof HOOKS)[number]

const PHASES: ReadonlySet<string> = new Set(PHASE_HOOKS)

export function isPhaseHook(hook: Hook): hook is PhaseHook {
  return PHASES.has(hook)
}

const AI: ReadonlySet<string> = new Set(AI_HOOKS)

export function isAiHook(hook: Hook): hook is AiHook {
  return AI.has(hook)
}

/** What a step of a hook's phase calls: the hook, or what gets the answers to what it asked for. */
export function calledHook(hook: PhaseHook, answered: boolean | undefined): Hook {
  if (answered !== true) return hook
  return isAiHook(hook) ? 'on_ai_effect' : 'on_effect'
}

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
