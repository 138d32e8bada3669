import { GatewayError } from '../base/errors.js'
import type { CallInput, Entry } from './arena.js'

/** A call that waits for a thread, or for its answer. */
export interface Waiting {
  call: CallInput
  /** Faults of steps that were taken out of the call because their thread had to be ended. */
  faults: Entry[]
  /** How often a thread was lost before it came to anything. */
  losses: number
  readonly resolve: (entries: Entry[]) => void
  readonly reject: (error: GatewayError) => void
}

/** Answers a call. */
export function settle(waiting: Waiting, entries: Entry[]): void {
  waiting.resolve(waiting.faults.length === 0 ? entries : waiting.faults.concat(entries))
}

/** Past these the gateway answers GW_OVERLOADED instead of collecting more. */
const MAX_CALLS = 20_000
const MAX_BYTES = 256 * 1024 * 1024

/** The calls that wait for a thread, first come first served, bounded in number and bytes. */
export class WaitingLine {
  private calls: Waiting[] = []
  private bytes = 0

  get length(): number {
    return this.calls.length
  }

  at(index: number): Waiting | undefined {
    return this.calls[index]
  }

  /** @throws GatewayError GW_OVERLOADED */
  push(waiting: Waiting): void {
    const size = sizeOf(waiting)
    if (this.calls.length >= MAX_CALLS || (this.calls.length > 0 && this.bytes + size > MAX_BYTES)) {
      const message = `${this.calls.length} calls of ${this.bytes} bytes wait for a plugin thread`
      throw new GatewayError('GW_OVERLOADED', message)
    }
    this.bytes += size
    this.calls.push(waiting)
  }

  /** Takes the first `count`. */
  take(count: number): Waiting[] {
    const taken = this.calls.slice(0, count)
    this.calls = count === this.calls.length ? [] : this.calls.slice(count)
    for (const each of taken) this.bytes -= sizeOf(each)
    return taken
  }

  /** Puts calls back in front: they have waited longest. They are never refused. */
  putBack(calls: readonly Waiting[]): void {
    if (calls.length === 0) return
    for (const each of calls) this.bytes += sizeOf(each)
    this.calls = calls.concat(this.calls)
  }
}

function sizeOf({ call }: Waiting): number {
  let bytes = call.body.length
  for (const { input } of call.steps) bytes += input.length
  return bytes
}
