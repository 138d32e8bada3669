import { Verdict } from '@sluice/plugin-sdk/assembly'
import { Why } from './refusals'

/** Long tokens and claims take memory: of one generation, in UTF-16 units. */
const MAX_UNITS: i32 = 4 << 20
/** What a token takes besides its text and claims. */
const UNITS_EACH: i32 = 500

/** What became of a token whose signature was good. */
@final
export class Verified {
  constructor(
    readonly verdict: Verdict,
    /** Whether the verdict lets the request go on. */
    readonly passes: bool,
    readonly notBefore: f64,
    readonly notAfter: f64,
    readonly late: Why,
    /** Size of the claims in the verdict. */
    readonly size: i32
  ) {}
}

/**
 * Tokens that were verified, by their whole text: another signature is another token. Two generations: when the young one is
 * full it becomes the old one, and what was not asked for since then is forgotten.
 */
@final
export class TokenCache {
  private young: Map<string, Verified> = new Map<string, Verified>()
  private old: Map<string, Verified> = new Map<string, Verified>()
  private units: i32 = 0
  /** Of one generation; 0 keeps nothing. */
  private size: i32 = 0

  keep(tokens: i32): void {
    this.size = (tokens + 1) >> 1
  }

  get(token: string): Verified | null {
    if (this.size == 0) return null
    if (this.young.has(token)) return this.young.get(token)
    if (!this.old.has(token)) return null
    const known = this.old.get(token)
    this.put(token, known)
    return known
  }

  put(token: string, verified: Verified): void {
    if (this.size == 0) return
    const units = token.length + verified.size + UNITS_EACH
    if (this.young.size >= this.size || this.units + units > MAX_UNITS) {
      this.old = this.young
      this.young = new Map<string, Verified>()
      this.units = 0
    }
    this.young.set(token, verified)
    this.units += units
  }
}
