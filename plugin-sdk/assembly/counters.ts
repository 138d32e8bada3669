import { bucketTake, counterAdd, counterGet } from './imports'
import { utf8Bytes } from './utf8'
import { ByteWriter } from './writer'

/** What came of asking a bucket for tokens. */
@final
export class Taken {
  constructor(
    public allowed: bool,
    /** Tokens left; there may be parts of one. */
    public remaining: f64,
    /** Milliseconds until as many as were asked for are there; 0 when they were given. */
    public retryMs: f64,
    /** Milliseconds until the bucket is full again. */
    public fullMs: f64
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
  return takeFrom(bytes.dataStart, bytes.length, perSecond, burst, cost, new Taken(false, 0, 0, 0))
}

const latest = new Taken(false, 0, 0, 0)

/** As takeTokens, with a name put together in a writer; what it returns is told anew by the next call. Makes no object. */
export function takeTokensOf(name: ByteWriter, perSecond: f64, burst: f64, cost: f64 = 1): Taken | null {
  return takeFrom(name.start, name.size, perSecond, burst, cost, latest)
}

function takeFrom(at: usize, size: i32, perSecond: f64, burst: f64, cost: f64, taken: Taken): Taken | null {
  const given = bucketTake(at, size, perSecond, burst, cost, changetype<usize>(answer))
  if (given < 0) return null
  taken.allowed = given == 1
  taken.remaining = unchecked(answer[0])
  taken.retryMs = unchecked(answer[1])
  taken.fullMs = unchecked(answer[2])
  return taken
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
