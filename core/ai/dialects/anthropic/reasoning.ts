import type { AssistantPart, ChatRequest, Reasoning } from '../../chat.js'
import type { JsonObject, Members } from '../../members.js'
import { isAnothers } from '../../signatures.js'
import type { Dropped } from '../dialect.js'
import type { Abilities } from './models.js'

/** Reads `thinking` and the effort of `output_config`. */
export function readReasoning(thinking: Members | undefined, effort: string | undefined): Reasoning | undefined {
  const type = thinking?.optionalText('type')
  const budget = thinking?.count('budget_tokens')
  const summary = thinking?.optionalText('display') === 'omitted' ? 'none' : undefined
  if (type === 'disabled') return { effort: 'none' }
  if (type === undefined && effort === undefined) return undefined
  return { effort: effort === 'max' ? 'xhigh' : effort, budget_tokens: budget, summary }
}

/** What a request says about thinking. */
export interface Thinking {
  /** The member `thinking`; undefined: it is left out. */
  readonly thinking: JsonObject | undefined
  /** Of `output_config`. */
  readonly effort: string | undefined
  /** What `max_tokens` has to be, where the client said nothing and thinking needs more. */
  readonly maxTokens: number
}

/**
 * Whether a turn that waits for results of tools was begun without thinking of Claude's, by another model for one: with a budget for thinking the API
 * would refuse to go on with it.
 */
function wentWithout({ messages }: ChatRequest): boolean {
  const turn = messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1)
  return turn.some(message => {
    if (message.role !== 'assistant' || !message.content.some(({ type }) => type === 'tool_call')) return false
    return !message.content.some(isClaudes)
  })
}

function isClaudes(part: AssistantPart): boolean {
  if (part.type === 'redacted_thinking') return part.id === undefined && !isAnothers(part.data)
  if (part.type !== 'thinking' || part.id !== undefined) return false
  return part.signature !== undefined && !isAnothers(part.signature)
}

/**
 * Writes how much the model may think in the way it takes.
 * @param maxTokens - of the whole answer, as far as is known
 */
export function writeReasoning(chat: ChatRequest, can: Abilities, maxTokens: number, dropped: Dropped): Thinking {
  const { reasoning } = chat
  const nothing: Thinking = { thinking: undefined, effort: undefined, maxTokens }
  if (reasoning === undefined) return nothing
  if (reasoning.effort === 'none') {
    if (can.thinking !== 'adaptive') return nothing
    return can.canDisable ? { ...nothing, thinking: { type: 'disabled' } } : { ...nothing, effort: 'low' }
  }
  if (can.thinking === 'none' || forcesTool(chat) || (can.thinking !== 'adaptive' && wentWithout(chat))) {
    dropped.drop('reasoning')
    return nothing
  }
  const display = reasoning.summary === 'none' ? 'omitted' : reasoning.summary === undefined ? undefined : 'summarized'
  if (can.thinking === 'budget' && callsWithoutThoughts(chat)) {
    dropped.drop('reasoning')
    return nothing
  }
  if (can.thinking === 'adaptive') {
    const thinking: JsonObject = { type: 'adaptive' }
    if (display !== undefined) thinking.display = display
    return { thinking, effort: effortOf(reasoning, can), maxTokens }
  }
  const wanted = Math.max(
    MIN_BUDGET,
    reasoning.budget_tokens ?? BUDGETS[reasoning.effort ?? 'medium'] ?? DEFAULT_BUDGET
  )
  const room = chat.max_tokens === undefined ? Math.max(maxTokens, wanted + MIN_ANSWER) : maxTokens
  const most = reasoning.budget_tokens !== undefined && wanted < room ? wanted : mostThinking(room)
  if (most === undefined) {
    dropped.drop('reasoning')
    return nothing
  }
  const budget = Math.min(wanted, most)
  return { thinking: { type: 'enabled', budget_tokens: budget }, effort: undefined, maxTokens: room }
}

/**
 * The budget for thinking in an answer of so many tokens, some of which are left for what it says: the API refuses one that is not below
 * `max_tokens`. undefined: there is no room to think in.
 */
export function mostThinking(maxTokens: number): number | undefined {
  const budget = Math.floor(maxTokens * 0.8)
  return budget < MIN_BUDGET ? undefined : budget
}

/** The least budget the API takes. */
const MIN_BUDGET = 1024
/** Tokens for the answer itself when the client did not say how long it may be. */
const MIN_ANSWER = 4096
const DEFAULT_BUDGET = 8192
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768
}

function effortOf({ effort, budget_tokens: budget }: Reasoning, can: Abilities): string | undefined {
  if (effort === 'minimal') return 'low'
  if (effort === 'xhigh') return can.xhigh ? 'xhigh' : 'max'
  if (effort === 'low' || effort === 'medium' || effort === 'high' || effort === 'max') return effort
  if (budget === undefined) return undefined
  if (budget <= 4096) return 'low'
  if (budget <= 12_000) return 'medium'
  return budget <= 32_000 || !can.xhigh ? 'high' : 'xhigh'
}

/** Thinking and a tool that must be called exclude each other. */
export function forcesTool({ tool_choice: choice, tools }: ChatRequest): boolean {
  return tools !== undefined && tools.length > 0 && choice !== undefined && choice !== 'auto' && choice !== 'none'
}

/**
 * With a budget, the turn whose calls are answered has to begin with the thinking before them. Clients of most dialects cannot send that back:
 * the model goes on without.
 */
function callsWithoutThoughts({ messages }: ChatRequest): boolean {
  const last = messages.findLast(message => message.role === 'assistant')
  if (last?.role !== 'assistant' || !last.content.some(part => part.type === 'tool_call')) return false
  return !last.content.some(
    part => part.type === 'redacted_thinking' || (part.type === 'thinking' && part.signature !== undefined)
  )
}
