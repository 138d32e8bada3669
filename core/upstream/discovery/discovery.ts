import type { Clock } from '../clock.js'
import type { TargetSpec } from '../spec.js'
import type { Found } from './dns.js'

/** Looks for targets again and again until it is closed. */
export interface Discovery {
  close(): void
}

export interface DiscoveryOptions {
  readonly clock: Clock
  /** What was found, each time. */
  readonly onFound: (targets: readonly TargetSpec[]) => void
  /** Why nothing was, each time: whoever listens keeps what it has. */
  readonly onFailed: (reason: string) => void
}

/**
 * Looks up at once, and again when the answer is no longer good, within bounds. After a failure it waits for `minRefreshMs`, and
 * twice as long each time it fails again.
 */
export function refreshing(
  lookup: () => Promise<Found>,
  { minRefreshMs, maxRefreshMs }: { readonly minRefreshMs: number; readonly maxRefreshMs: number },
  { clock, onFound, onFailed }: DiscoveryOptions
): () => void {
  let ended = false
  let failures = 0
  let cancel = (): void => undefined
  const bounded = (ms: number): number => Math.min(maxRefreshMs, Math.max(minRefreshMs, ms))
  const look = async (): Promise<void> => {
    let waitMs: number
    try {
      const { targets, ttlMs } = await lookup()
      if (ended) return
      failures = 0
      waitMs = bounded(ttlMs)
      onFound(targets)
    } catch (thrown) {
      if (ended) return
      waitMs = bounded(minRefreshMs * 2 ** Math.min(failures++, 20))
      onFailed(thrown instanceof Error ? thrown.message : String(thrown))
    }
    cancel = clock.after(waitMs, () => void look())
  }
  void look()
  return () => {
    ended = true
    cancel()
  }
}
