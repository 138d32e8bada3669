import { bucketTake, counterAdd, counterGet } from './imports'
import { utf8Bytes } from './utf8'

/** What came of asking a bucket for tokens. */
@final
export class Taken {
  constructor(
    readonly allowed: bool,
    /** Tokens left; there may be parts of one. */
    readonly remaining: f64,
    /** Milliseconds until as many as were asked for are there; 0 when they were given. */
    readonly retryMs: f64,
    /** Milliseconds until the bucket is full again. */
    readonly fullMs: f64
  ) {}
}

const answer = new StaticArray<f64>(3)

/**
 * Takes `cost` tokens from the bucket called `name`, all or none; a negative cost gives some back. It holds `burst` tokens and gets `perSecond` new
 * ones a second; one that was never used is full. All threads share it, and the name is the plugin's own: other plugins
 * have other buckets. null when the numbers make no sense. Needs the permission "counters".
 */
export function takeTokens(name: string, perSecond: f64, burst: f64, cost: f64 = 1): Taken | null {
  const bytes = utf8Bytes(name)
  const given = bucketTake(bytes.dataStart, bytes.length, perSecond, burst, cost, changetype<usize>(answer))
  if (given < 0) return null
  return new Taken(given == 1, unchecked(answer[0]), unchecked(answer[1]), unchecked(answer[2]))
}

/**
 * Adds `delta` to the counter called `name`, unless that makes it greater than `limit`. Returns the new count, or -1 when the
 * limit is in the way. Counts go to 4294967295. A counter that begins now is over at `expiresAt` (Unix milliseconds, full
 * seconds); one that runs keeps its time. All threads share it. Needs the permission "counters".
 */
export function countUp(name: string, delta: i64, limit: i64, expiresAt: i64): i64 {
  const bytes = utf8Bytes(name)
  return <i64>counterAdd(bytes.dataStart, bytes.length, <f64>delta, <f64>limit, <f64>expiresAt)
}

/** The count of the counter called `name`; 0 when there is none. Needs the permission "counters". */
export function counted(name: string): i64 {
  const bytes = utf8Bytes(name)
  return <i64>counterGet(bytes.dataStart, bytes.length)
}
