/** What a model takes, as far as its name tells: requests that others would take are refused by some. */
export interface Abilities {
  /** How thinking is asked for: by a budget, or adaptively with an effort. */
  readonly thinking: 'none' | 'budget' | 'adaptive'
  /** Whether thinking can be turned off by saying so; otherwise it is off unless asked for, or always on. */
  readonly canDisable: boolean
  /** Whether "xhigh" is an effort. */
  readonly xhigh: boolean
  /** Whether temperature, top_p and top_k are taken. */
  readonly sampling: 'free' | 'one' | 'none'
  /** Whether answers can be held to a JSON schema, and tools be strict. */
  readonly structured: boolean
  /** Whether it goes on with an answer that was begun for it. */
  readonly prefill: boolean
}

/**
 * By Anthropic's pages on extended and adaptive thinking, effort, structured outputs and what changed between models. A name of Claude's
 * without a version counts as the newest; one that is not Claude's belongs to somebody who speaks this dialect: a budget is what those know.
 */
export function abilitiesOf(model: string): Abilities {
  if (!model.includes('claude')) return OTHERS
  const version = versionOf(model)
  if (version < 307) return { ...EARLY, thinking: 'none' }
  if (version < 401) return EARLY
  if (version < 405) return { ...EARLY, sampling: 'one' }
  if (version < 406) return { ...EARLY, sampling: 'one', structured: true }
  if (version < 407) return { ...NEWEST, xhigh: false, sampling: 'one' }
  return /fable|mythos/.test(model) ? { ...NEWEST, canDisable: false } : NEWEST
}

const OTHERS: Abilities = {
  thinking: 'budget',
  canDisable: true,
  xhigh: false,
  sampling: 'free',
  structured: false,
  prefill: true
}
const EARLY: Abilities = { ...OTHERS, canDisable: false }
const NEWEST: Abilities = {
  thinking: 'adaptive',
  canDisable: true,
  xhigh: true,
  sampling: 'none',
  structured: true,
  prefill: false
}

const NAME = /claude-(?:[a-z]+-)?(\d+)(?:[-.](\d{1,2}))?(?!\d)/
/** "claude-v2" and "claude-instant-v1". */
const OLD_NAME = /claude(?:-instant)?-v\d/

/** 405 for "claude-sonnet-4-5-20250929". */
function versionOf(model: string): number {
  if (OLD_NAME.test(model)) return 100
  const found = NAME.exec(model)
  if (found === null) return Number.POSITIVE_INFINITY
  return Number(found[1]) * 100 + Number(found[2] ?? 0)
}
