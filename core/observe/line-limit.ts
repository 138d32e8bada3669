import type { ExchangeLog } from './exchange-log.js'
import type { Logger } from './log.js'

export interface LineLimit {
  /** Lines of one binding's plugin a second; that many may also come at once. */
  readonly perSecond: number
  /** A line was left out. @param where - the binding's place in the configuration */
  readonly onDropped: (where: string) => void
  /** Monotonic milliseconds. */
  readonly now?: () => number
  readonly later?: (run: () => void, ms: number) => void
}

/** How often it is said that lines were left out. */
const TELL_MS = 1_000
const LEVELS = ['debug', 'info', 'warn', 'error'] as const

interface Bucket {
  /** Lines that may still be written. */
  tokens: number
  filledAt: number
  /** Lines left out since it was last said. */
  dropped: number
}

/**
 * A log that takes so many lines a second from each binding's plugin: one that writes a line with every request must not fill the
 * disk, nor drown the others. What is left out is counted, and said once a second.
 */
export function limitLines(log: ExchangeLog, logger: Logger, limit: LineLimit): ExchangeLog {
  const { perSecond, onDropped, now = () => performance.now(), later = unhurried } = limit
  const buckets = new Map<string, Bucket>()
  return {
    ...log,
    plugin: (binding, exchange, line) => {
      const level = LEVELS[Number(line.toString('latin1', 0, 1))] ?? 'info'
      if (!logger.isLevelEnabled(level)) return // a line that would not be written takes nobody's place
      const { plugin, where } = binding
      const bucket = bucketOf(buckets, where, perSecond, now())
      if (bucket.tokens >= 1) {
        bucket.tokens--
        log.plugin(binding, exchange, line)
        return
      }
      onDropped(where)
      if (bucket.dropped++ > 0) return
      later(() => {
        logger.warn({ plugin, where, lines: bucket.dropped, perSecond }, 'log lines of a plugin were left out')
        bucket.dropped = 0
      }, TELL_MS)
    }
  }
}

function bucketOf(buckets: Map<string, Bucket>, where: string, perSecond: number, now: number): Bucket {
  let bucket = buckets.get(where)
  if (bucket === undefined) {
    bucket = { tokens: perSecond, filledAt: now, dropped: 0 }
    buckets.set(where, bucket)
  }
  bucket.tokens = Math.min(perSecond, bucket.tokens + ((now - bucket.filledAt) * perSecond) / 1_000)
  bucket.filledAt = now
  return bucket
}

function unhurried(run: () => void, ms: number): void {
  setTimeout(run, ms).unref()
}
