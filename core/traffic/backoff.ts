export interface BackoffOptions {
  readonly baseMs: number
  readonly maxMs: number
  /** Whether the wait is drawn from all of 0 to its full length, so that clients that failed together do not come back together. */
  readonly jitter: boolean
}

/** How long to wait before a retry, milliseconds. @param retry - 0 is the first @param chance - from 0 up to 1 */
export function backoffMs({ baseMs, maxMs, jitter }: BackoffOptions, retry: number, chance: number): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(retry, 30))
  return jitter ? full * chance : full
}
