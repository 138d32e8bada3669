import type { GatewayError } from '../base/errors.js'
import { ARENA_BYTES, Arena, type CallInput, type Entry } from './arena.js'

/** A call that waits for a thread, or for its answer. */
export interface Waiting {
  call: CallInput
  /** Faults of steps that were taken out of the call because their thread had to be ended. */
  faults: Entry[]
  readonly resolve: (entries: Entry[]) => void
  readonly reject: (error: GatewayError) => void
}

/** One task in flight at a time: its arena, and the switch that ends its thread. */
export class Slot {
  arena = new Arena(new SharedArrayBuffer(ARENA_BYTES))
  busy = false
  /** Whether the watchdog ended the thread. */
  killed = false
  /** Heartbeat last seen by the watchdog, and since when. */
  seenBeat = -1
  seenAt = 0
  seenTimes = 0
  readonly signal = new KillSwitch()
  private usual = this.arena

  private batch: readonly Waiting[] = []

  begin(batch: readonly Waiting[]): void {
    this.batch = batch
    this.busy = true
    this.killed = false
    this.seenBeat = -1
    this.arena.begin()
  }

  useArenaFor(call: CallInput, outputBytes: number): void {
    this.arena = Arena.sized(call, outputBytes)
    this.arena.begin()
    this.arena.addAnyway(call)
  }

  /** Which binding a step of an exchange of the batch belongs to. */
  bindingAt(exchange: number, step: number): number | undefined {
    return this.batch[exchange]?.call.steps[step]?.binding
  }

  kill(): void {
    this.killed = true
    this.signal.fire()
  }

  /** After a kill the thread may still write for a moment: its arena is never used again. */
  end(): void {
    this.busy = false
    if (this.killed && this.arena === this.usual) this.usual = new Arena(new SharedArrayBuffer(ARENA_BYTES))
    this.arena = this.usual
  }
}

/** The abort signal piscina listens to, reduced to one listener: an AbortController for each batch costs 10 µs. */
class KillSwitch {
  private listener: (() => void) | undefined

  once(_event: 'abort', listener: () => void): void {
    this.listener = listener
  }

  off(): void {
    this.listener = undefined
  }

  /** What piscina calls in the end, whatever its type says. */
  removeListener(): void {
    this.listener = undefined
  }

  fire(): void {
    this.listener?.()
  }
}
