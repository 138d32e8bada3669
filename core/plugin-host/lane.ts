import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { Phrases } from './phrases.js'
import type { Overflow, ServeTask } from './tasks.js'

/** How often the bell has rung. */
const RINGS = 0
/** Exchanges of the batch in the usual arena; 0: the batch comes as a message, with an arena of its own. */
const COUNT = 1
const WORDS = 2

/**
 * The event loop's line to one plugin thread. The thread serves it as one long task of the pool and sleeps on a word of
 * shared memory between batches: a task of its own for each batch would cost twice as much.
 */
export class Lane {
  /** Whether its thread has ended, or its task never began. A lost lane runs nothing any more. */
  lost = false
  /** The verdicts that its thread has given a number. */
  readonly phrases = new Phrases()
  private readonly bell = new Int32Array(new SharedArrayBuffer(WORDS * 4))
  private readonly port: MessagePort
  private reason: unknown
  private resolve: ((overflow: Overflow | undefined) => void) | undefined
  private reject: ((reason: unknown) => void) | undefined

  /** @param start - hands the task to the pool; what it returns settles when the thread has ended */
  constructor(
    private readonly usual: SharedArrayBuffer,
    start: (task: ServeTask) => Promise<unknown>
  ) {
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    port1.on('message', (overflow: Overflow | undefined) => this.resolve?.(overflow))
    const ended = (reason: unknown) => this.end(reason)
    start({ memory: usual, bell: this.bell, port: port2 }).then(() => ended(new Error('it ended')), ended)
  }

  /**
   * Has the thread run the batch of `count` exchanges in `memory`. One batch at a time.
   * @returns what of its last exchange did not fit into the arena
   * @throws the reason when the thread ends before it is done
   */
  run(memory: SharedArrayBuffer, count: number): Promise<Overflow | undefined> {
    return new Promise((resolve, reject) => {
      if (this.lost) throw this.reason
      this.resolve = resolve
      this.reject = reject
      const usual = memory === this.usual
      if (!usual) this.port.postMessage({ memory, count })
      Atomics.store(this.bell, COUNT, usual ? count : 0)
      Atomics.add(this.bell, RINGS, 1)
      Atomics.notify(this.bell, RINGS)
    })
  }

  /** Its thread is about to end: nothing more is run on it. @returns the reason, as run() would throw it */
  abandon(): Error {
    const reason = new Error('its thread was ended')
    this.end(reason)
    return reason
  }

  private end(reason: unknown): void {
    if (this.lost) return
    this.lost = true
    this.reason = reason
    this.port.close()
    this.reject?.(reason)
  }
}

/**
 * The thread's side: sleeps until the bell has rung more than `rings` times. Being woken does not say so: who rings may be held up between the
 * ring and the waking, while the thread has seen the ring by itself, done the work, and gone back to sleep.
 * @returns rings, and the batch's size
 */
export function waitForBell(bell: Int32Array, rings: number): { rings: number; count: number } {
  let rung = Atomics.load(bell, RINGS)
  while (rung === rings) {
    Atomics.wait(bell, RINGS, rings)
    rung = Atomics.load(bell, RINGS)
  }
  return { rings: rung, count: Atomics.load(bell, COUNT) }
}
