import { readFileSync, readlinkSync } from 'node:fs'

/** The kernel's number for the calling thread; 0 where there is no such thing as /proc (it is Linux's). */
export function ownThread(): number {
  try {
    return Number(/[0-9]+$/.exec(readlinkSync('/proc/thread-self'))?.[0] ?? 0)
  } catch {
    return 0
  }
}

/** How long a thread of this process has run on a processor, milliseconds; undefined when the system does not say. */
export function ranMs(thread: number): number | undefined {
  if (thread === 0) return undefined
  try {
    const nanoseconds = Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'latin1').split(' ')[0])
    return Number.isFinite(nanoseconds) ? nanoseconds / 1e6 : undefined
  } catch {
    return undefined
  }
}
