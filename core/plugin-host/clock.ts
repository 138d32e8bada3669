import { Buffer } from 'node:buffer'
import { hash, randomFillSync } from 'node:crypto'

/** Time and chance as a case sets them, so that a policy that depends on them can be tested. */
export interface Script {
  /** Shared memory, one number: Unix milliseconds. Whoever plays the case moves it. Left out, time is the machine's. */
  readonly clock?: Float64Array
  /** The same bytes are drawn from the same seed. Left out, nobody can predict them. */
  readonly seed?: number
}

/** Where a plugin's time and chance come from. */
export interface Clock {
  /** Unix milliseconds. */
  readonly now: () => number
  /** Milliseconds that never go back. */
  readonly monotonic: () => number
  /** The same in nanoseconds, as buckets count it. */
  readonly nanoseconds: () => bigint
  readonly fillRandom: (target: Buffer) => void
}

export const MACHINE: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  nanoseconds: process.hrtime.bigint,
  fillRandom
}

/** The machine's clock and chance, but for what the script sets. */
export function clockOf(script: Script | undefined): Clock {
  if (script === undefined) return MACHINE
  const { clock, seed } = script
  const now = (): number => clock?.[0] ?? Date.now()
  const still = { now, monotonic: now, nanoseconds: () => BigInt(Math.round(now())) * 1_000_000n }
  return {
    ...(clock === undefined ? MACHINE : still),
    fillRandom: seed === undefined ? fillRandom : seeded(seed)
  }
}

/** SHA-256 of the seed and a count: bytes that look random and are the same on every machine. */
function seeded(seed: number): (target: Buffer) => void {
  let count = 0
  return target => {
    for (let at = 0; at < target.length; at += 32) hash('sha256', `${seed}/${count++}`, 'buffer').copy(target, at)
  }
}

/** A draw from the system costs some 5 µs however small it is: small ones are cut from a larger one, each byte once. */
const randomPool = Buffer.alloc(4_096)
let randomUsed = randomPool.length

function fillRandom(target: Buffer): void {
  if (target.length > 256) {
    randomFillSync(target)
    return
  }
  if (randomUsed + target.length > randomPool.length) {
    randomFillSync(randomPool)
    randomUsed = 0
  }
  const end = randomUsed + target.length
  randomPool.copy(target, 0, randomUsed, end)
  randomPool.fill(0, randomUsed, end)
  randomUsed = end
}
