import type { HeaderList } from '../../base/headers.js'
import { isAiHook, type PhaseHook } from '../../base/hooks.js'
import type { PolicyHost } from '../../gateway/snapshot.js'
import { AiVerdict, RequestInput, ResponseInput, Verdict } from '../../plugin-host/abi.js'
import { type CallInput, ENTRY, type Entry } from '../../plugin-host/arena.js'

/** One hook call: what the plugin was shown and what it answered. */
export interface Seen {
  readonly call: CallInput
  readonly hook: PhaseHook
  /** Headers it was shown, with their values. */
  readonly requestHeaders: HeaderList
  readonly responseHeaders: HeaderList
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

const NOTHING = new Uint8Array(0)

function seen(call: CallInput, entries: readonly Entry[]): Seen {
  const { hook } = call
  const input = call.steps[0]?.input ?? new Uint8Array(0)
  const verdict = entries.find(entry => entry.kind === ENTRY.verdict)
  const onResponse = hook === 'on_response' || hook === 'on_response_body'
  const ofAi = isAiHook(hook)
  // on_prompt has the request where the HTTP hooks have it; the others have none.
  const told = !ofAi || hook === 'on_prompt'
  const { request } = onResponse ? ResponseInput.decode(input) : RequestInput.decode(told ? input : NOTHING)
  const ai = ofAi && verdict !== undefined ? AiVerdict.decode(verdict.bytes) : undefined
  return {
    call,
    hook,
    requestHeaders: request?.headers ?? [],
    responseHeaders: onResponse ? (ResponseInput.decode(input).response?.headers ?? []) : [],
    verdict: ofAi ? (ai?.verdict ?? undefined) : verdict && Verdict.decode(verdict.bytes),
    ai,
    logLines: entries.filter(entry => entry.kind === ENTRY.log).length
  }
}
