import type { HeaderList } from '../../base/headers.js'
import { calledHook, type Hook, isAiHook, type PhaseHook } from '../../base/hooks.js'
import type { PolicyHost } from '../../gateway/snapshot.js'
import {
  AiEffectInput,
  AiVerdict,
  CompletionInput,
  DeltaInput,
  PromptInput,
  type Request,
  RequestInput,
  ResponseInput,
  ToolCallInput,
  UsageInput,
  Verdict
} from '../../plugin-host/abi.js'
import { type CallInput, ENTRY, type Entry } from '../../plugin-host/arena.js'

/** One hook call: what the plugin was shown and what it answered. */
export interface Seen {
  readonly call: CallInput
  readonly hook: PhaseHook
  /** What was called: that, or what gets the answers to what it asked for. */
  readonly called: Hook
  /** Headers it was shown, with their values. */
  readonly requestHeaders: HeaderList
  readonly responseHeaders: HeaderList
  /** What of the bag it was shown. */
  readonly bag: HeaderList
  /** Undefined: it answered nothing, or failed. */
  readonly verdict: Verdict | undefined
  /** What an AI hook answered besides that; undefined: nothing, or it is none. */
  readonly ai: AiVerdict | undefined
  /** How many lines it logged. */
  readonly logLines: number
}

/** Passes hook calls on to the pool and remembers each. */
export class Witness {
  readonly seen: Seen[] = []

  constructor(private readonly pool: PolicyHost['plugins']) {}

  async run(call: CallInput): Promise<Entry[]> {
    const entries = await this.pool.run(call)
    this.seen.push(seen(call, entries))
    return entries
  }
}

/** The hooks that are told of a reply, in the same place of their inputs. */
const AFTER: ReadonlySet<string> = new Set(['on_response', 'on_response_body', 'on_error', 'on_log'])
const NOTHING = new Uint8Array(0)

function seen(call: CallInput, entries: readonly Entry[]): Seen {
  const { hook } = call
  const { input, effect } = call.steps[0] ?? { input: NOTHING, effect: false }
  const verdict = entries.find(entry => entry.kind === ENTRY.verdict)
  const onResponse = AFTER.has(hook)
  const ofAi = isAiHook(hook)
  const request = onResponse ? ResponseInput.decode(input).request : requestIn(hook, input, effect === true)
  const ai = ofAi && verdict !== undefined ? AiVerdict.decode(verdict.bytes) : undefined
  return {
    call,
    hook,
    called: calledHook(hook, effect),
    requestHeaders: request?.headers ?? [],
    responseHeaders: onResponse ? (ResponseInput.decode(input).response?.headers ?? []) : [],
    bag: bagIn(hook, input, effect === true),
    verdict: ofAi ? (ai?.verdict ?? undefined) : verdict && Verdict.decode(verdict.bytes),
    ai,
    logLines: entries.filter(entry => entry.kind === ENTRY.log).length
  }
}

/** Among the AI hooks, only on_prompt is told of the request; on_tick is told of none. */
function requestIn(hook: PhaseHook, input: Uint8Array, answered: boolean): Request | null {
  if (isAiHook(hook) && answered) return AiEffectInput.decode(input).prompt?.request ?? null
  if (hook === 'on_tick') return null
  // Where it is, it has the same place in every input.
  return isAiHook(hook) && hook !== 'on_prompt' ? null : RequestInput.decode(input).request
}

const AI_INPUTS = {
  on_prompt: PromptInput,
  on_delta: DeltaInput,
  on_tool_call: ToolCallInput,
  on_completion: CompletionInput,
  on_usage: UsageInput
}

function bagIn(hook: PhaseHook, input: Uint8Array, answered: boolean): HeaderList {
  if (hook === 'on_tick') return []
  if (!isAiHook(hook)) return RequestInput.decode(input).context?.bag ?? []
  if (!answered) return AI_INPUTS[hook].decode(input).context?.bag ?? []
  const { prompt, delta, toolCall, completion } = AiEffectInput.decode(input)
  return (prompt ?? delta ?? toolCall ?? completion)?.context?.bag ?? []
}
