import type { Position } from './arena.js'
import type { Binding } from './binding.js'
import type { Slot } from './slot.js'
import { ranMs } from './thread-time.js'

/** How often a busy thread is looked at, milliseconds. A loop is found within its deadline plus two looks. */
const LOOK_MS = 5
/** For a thread to take up its task at all: threads start in some 50 ms, far more when the machine is busy. */
const START_MS = 10_000
/** For instantiation and on_configure. */
const MAKING_MS = 1_000
/**
 * On a busy machine a thread may wait for a processor longer than its plugin may take. One that had less than half of the
 * second half of its time gets more, up to this many times as much.
 */
const MAX_STRETCH = 10
/** How many looks in a row find every thread idle before it stops looking: a timer for each batch costs more than the looks. */
const IDLE_LOOKS = 20
/** A machine that stops for a while must not look like a plugin that loops: that many looks must find it unmoved. */
const MIN_LOOKS = 3

/**
 * Ends threads whose plugin runs past its deadline: a WASM loop has no other way out. The thread beats at the begin
 * and end of every step; a beat that stands still for longer than the step may take is a loop.
 */
export class Watchdog {
  private timer: NodeJS.Timeout | undefined
  private idleLooks = 0

  constructor(
    private readonly bindings: readonly Binding[],
    private readonly slots: readonly Slot[]
  ) {}

  /** Looks until every slot has been idle for a while. */
  watch(): void {
    this.timer ??= setInterval(() => this.look(), LOOK_MS)
  }

  close(): void {
    clearInterval(this.timer)
    this.timer = undefined
    this.idleLooks = 0
  }

  private look(): void {
    let busy = false
    const now = performance.now()
    for (const slot of this.slots) {
      if (!slot.busy) continue
      busy = true
      const position = slot.arena.position()
      const beat = position?.beat ?? 0
      if (beat !== slot.seenBeat) {
        slot.seenBeat = beat
        slot.seenAt = now
        slot.seenTimes = 1
        slot.ranAtHalf = undefined
        slot.answer() // the first of a long batch need not wait for its last
      } else if (this.isLoop(slot, position, now - slot.seenAt)) {
        slot.kill(position, now - slot.seenAt)
      }
    }
    this.idleLooks = busy ? 0 : this.idleLooks + 1
    if (this.idleLooks >= IDLE_LOOKS) this.close()
  }

  /** Whether a step that has stood still for `stoodMs` is one that runs on, and not one that is not let run. */
  private isLoop(slot: Slot, position: Position | undefined, stoodMs: number): boolean {
    const allowed = this.allowed(slot, position)
    slot.seenTimes++
    if (stoodMs > allowed / 2) slot.ranAtHalf ??= ranMs(position?.thread ?? 0)
    if (stoodMs <= allowed || slot.seenTimes < MIN_LOOKS) return false
    const ran = ranMs(position?.thread ?? 0)
    if (ran === undefined || slot.ranAtHalf === undefined || stoodMs > allowed * MAX_STRETCH) return true
    return ran - slot.ranAtHalf >= allowed / 4
  }

  private allowed(slot: Slot, position: Position | undefined): number {
    if (position === undefined) return START_MS
    if (position.making) return MAKING_MS
    const binding = slot.bindingAt(position)
    return (binding === undefined ? undefined : this.bindings[binding]?.limits.timeoutMs) ?? MAKING_MS
  }
}
