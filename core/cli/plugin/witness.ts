import type { HeaderList } from '../../base/headers.js'
import type { PolicyHost } from '../../gateway/snapshot.js'
import { RequestInput, ResponseInput, Verdict } from '../../plugin-host/abi.js'
import { type CallInput, ENTRY, type Entry } from '../../plugin-host/arena.js'
import type { PhaseHook } from '../../plugin-host/binding.js'

/** One hook call: what the plugin was shown and what it answered. */
export interface Seen {
  readonly call: CallInput
  readonly hook: PhaseHook
  /** Headers it was shown, with their values. */
  readonly requestHeaders: HeaderList
  readonly responseHeaders: HeaderList
  /** Undefined: it answered nothing, or failed. */
  readonly verdict: Verdict | undefined
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

function seen(call: CallInput, entries: readonly Entry[]): Seen {
  const { hook } = call
  const input = call.steps[0]?.input ?? new Uint8Array(0)
  const verdict = entries.find(entry => entry.kind === ENTRY.verdict)
  const onResponse = hook === 'on_response' || hook === 'on_response_body'
  const { request } = onResponse ? ResponseInput.decode(input) : RequestInput.decode(input)
  return {
    call,
    hook,
    requestHeaders: request?.headers ?? [],
    responseHeaders: onResponse ? (ResponseInput.decode(input).response?.headers ?? []) : [],
    verdict: verdict === undefined ? undefined : Verdict.decode(verdict.bytes),
    logLines: entries.filter(entry => entry.kind === ENTRY.log).length
  }
}
