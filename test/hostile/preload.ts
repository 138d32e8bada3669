import { openSync, readSync, writeSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/** What the gateway's process says of itself, as a line on standard error, when it gets SIGUSR2; counted since the last. */
export interface Report {
  /** Worst stall of the event loop, milliseconds, as perf_hooks measures it. */
  readonly stallMs: number
  /**
   * Worst stall less the time the thread was ready and waited for a processor: what is left is the gateway's own doing, however
   * busy the machine is. The same as `stallMs` where the system does not say.
   */
  readonly ownStallMs: number
  readonly rss: number
  /** Names that every object has inherited by now; there must be none. */
  readonly inherited: readonly string[]
}

/** How often the event loop is looked at, milliseconds. */
const LOOK_MS = 1

// Loaded with --import into the gateway's process; its plugin threads do not load it.
if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: LOOK_MS })
  delay.enable()
  const waited = waitedMs()
  let last = { at: performance.now(), waited: waited() }
  let own = 0
  setInterval(() => {
    const now = { at: performance.now(), waited: waited() }
    own = Math.max(own, now.at - last.at - (now.waited - last.waited) - LOOK_MS)
    last = now
  }, LOOK_MS).unref()
  process.on('SIGUSR2', () => {
    const inherited: string[] = []
    for (const name in {}) inherited.push(name)
    const stallMs = delay.max / 1e6
    const rss = process.memoryUsage.rss()
    writeSync(
      2,
      `${JSON.stringify({ stallMs, ownStallMs: Math.min(own, stallMs), rss, inherited } satisfies Report)}\n`
    )
    delay.reset()
    own = 0
  })
}

/** How long this thread has been ready to run without running, milliseconds: the second figure of its schedstat (Linux). */
function waitedMs(): () => number {
  const buffer = Buffer.alloc(64)
  try {
    const file = openSync('/proc/thread-self/schedstat', 'r')
    return () => Number(buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0)).split(' ')[1]) / 1e6
  } catch {
    return () => 0
  }
}
