import { ARENA_BYTES, Arena, type CallInput, type Position } from './arena.js'
import { settle, type Waiting } from './waiting.js'

/** One task in flight at a time: its arena, and the switch that ends its thread. */
export class Slot {
  arena = new Arena(new SharedArrayBuffer(ARENA_BYTES))
  busy = false
  /** Whether the watchdog ended the thread. */
  killed = false
  /** Where the thread stood still when the watchdog ended it. */
  stoodAt: Position | undefined
  /** Heartbeat last seen by the watchdog, since when, and how often. */
  seenBeat = -1
  seenAt = 0
  seenTimes = 0
  readonly signal = new KillSwitch()
  private usual = this.arena

  private batch: readonly Waiting[] = []
  /** How many of the batch are answered. */
  private answered = 0

  begin(batch: readonly Waiting[]): void {
    this.batch = batch
    this.answered = 0
    this.busy = true
    this.killed = false
    this.stoodAt = undefined
    this.seenBeat = -1
    this.arena.begin()
  }

  /** @throws RangeError when there is no memory for it */
  useArenaFor(call: CallInput, outputBytes: number): void {
    this.arena = Arena.sized(call, outputBytes)
    this.arena.begin()
    this.arena.addAnyway(call)
  }

  /** Answers what the thread has finished. @returns how many of the batch are answered now */
  answer(): number {
    for (const entries of this.arena.results()) {
      const waiting = this.batch[this.answered++]
      if (waiting !== undefined) settle(waiting, entries)
    }
    return this.answered
  }

  /** Which binding a position in the batch belongs to. */
  bindingAt({ exchange, step }: Position): number | undefined {
    return this.batch[exchange]?.call.steps[step]?.binding
  }

  /** Ends the thread. What it has not finished by now does not count, though it may run on for a moment. */
  kill(position: Position | undefined): void {
    if (this.killed) return
    this.killed = true
    this.stoodAt = position
    this.arena.seal()
    this.signal.fire()
  }

  /** After a kill the thread may still write for a moment: its arena is never used again. */
  end(): void {
    this.busy = false
    this.batch = []
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
