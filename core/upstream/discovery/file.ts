import { statSync } from 'node:fs'
import { readTargetsFile } from '../../config/targets-file.js'
import { specOf } from '../spec.js'
import type { Discovery, DiscoveryOptions } from './discovery.js'

/** How often a file is looked at. */
const POLL_MS = 1_000

/**
 * Reads a targets file whenever it is another one. It is asked for its time, size and number every second rather than watched: a
 * volume of Kubernetes changes by exchanging a link, which watching does not see.
 */
export function fileWatch(file: string, { clock, onFound, onFailed }: DiscoveryOptions): Discovery {
  let seen = stamp(file)
  const look = (): void => {
    const now = stamp(file)
    if (now !== seen) {
      seen = now
      read()
    }
    stop = clock.after(POLL_MS, look)
  }
  const read = (): void => {
    try {
      onFound(readTargetsFile(file).map(specOf))
    } catch (thrown) {
      onFailed(thrown instanceof Error ? thrown.message : String(thrown))
    }
  }
  read()
  let stop = clock.after(POLL_MS, look)
  return { close: () => stop() }
}

function stamp(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return 'none'
  }
}
