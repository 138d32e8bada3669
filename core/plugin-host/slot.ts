import { Arena, type CallInput, type Position } from './arena.js'
import { leaveArenaMemory, takeArenaMemory } from './arena-memory.js'
import type { Lane } from './lane.js'
import { settle, type Waiting } from './waiting.js'

/** Large arenas come in steps of this, so that calls of about the same size share one. */
const LARGE_STEP = 1 << 20
/** Batches a large arena outlives its last use. */
const KEEP_LARGE = 1_000

/** One task in flight at a time: its arena, and the switch that ends its thread. */
export class Slot {
  arena = new Arena(takeArenaMemory())
  busy = false
  /** Whether the watchdog ended the thread. */
  killed = false
  /** Where the thread stood still when the watchdog ended it. */
  stoodAt: Position | undefined
  /** For how long it had, milliseconds. */
  stoodMs = 0
  /** Heartbeat last seen by the watchdog, since when, and how often. */
  seenBeat = -1
  seenAt = 0
  seenTimes = 0
  /** How long its thread had run when half of the time was over, milliseconds; undefined: not looked yet, or unknown. */
  ranAtHalf: number | undefined
  readonly signal = new KillSwitch()
  /** The line to its thread, once there is one. */
  lane: Lane | undefined
  private usual = this.arena
  /** The last arena made for a large call, and how many batches ago it was of use. */
  private large: Arena | undefined
  private largeUnused = 0

  private batch: readonly Waiting[] = []
  /** How many of the batch are answered. */
  private answered = 0

  /** The memory of the arena for batches of usual size. */
  get usualMemory(): SharedArrayBuffer {
    return this.usual.memory
  }

  begin(batch: readonly Waiting[]): void {
    this.batch = batch
    this.answered = 0
    this.busy = true
    this.killed = false
    this.stoodAt = undefined
    this.seenBeat = -1
    this.arena.begin()
  }

  /**
   * For a call too large for the usual arena, one with room for it and its output. Such arenas are kept for the next:
   * shared memory is freed only when both threads collect their garbage, which an idle one never does.
   * @throws RangeError when there is no memory for it
   */
  useArenaFor(call: CallInput, outputBytes: number): void {
    const needed = Arena.bytesFor(call, outputBytes)
    if (this.large === undefined || this.large.memory.byteLength < needed) {
      this.large = new Arena(new SharedArrayBuffer(Math.ceil(needed / LARGE_STEP) * LARGE_STEP))
    }
    this.largeUnused = 0
    this.arena = this.large
    this.arena.begin()
    this.arena.addAnyway(call)
  }

  /** Answers what the thread has finished. @returns how many of the batch are answered now */
  answer(): number {
    const { lane } = this
    if (lane === undefined) return this.answered
    for (const entries of this.arena.results(lane.phrases)) {
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
  kill(position: Position | undefined, stoodMs: number): void {
    if (this.killed) return
    this.killed = true
    this.stoodAt = position
    this.stoodMs = stoodMs
    this.arena.seal()
    this.signal.fire()
  }

  /** After a kill the thread may still write for a moment: its arena is never used again. */
  end(): void {
    this.busy = false
    this.batch = []
    if (this.killed && this.arena === this.usual) this.usual = new Arena(takeArenaMemory())
    if (this.killed && this.arena === this.large) this.large = undefined
    if (this.large !== undefined && ++this.largeUnused > KEEP_LARGE) this.large = undefined
    this.arena = this.usual
  }

  /**
   * For when its thread has ended, and there will be no other. One that was killed may not have ended yet, and of a batch that was cut off the
   * results are still to be read.
   */
  close(): void {
    if (this.killed || this.busy) return
    this.killed = true // the memory is another's now
    leaveArenaMemory(this.usual.memory)
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
