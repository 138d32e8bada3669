import { Recent, Verdict } from '@sluice/plugin-sdk/assembly'
import { Why } from './refusals'

/** Long tokens and claims take memory: in bytes of all tokens that are kept and in UTF-16 units of their claims. */
const MAX_WEIGHT: i32 = 8 << 20
/** What a token takes besides its text and claims. */
const BYTES_EACH: i32 = 500

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

/** Tokens that were verified, by their whole text: another signature is another token. */
@final
export class TokenCache {
  private readonly recent: Recent<Verified> = new Recent<Verified>(MAX_WEIGHT)
  private tokens: i32 = 0

  keep(tokens: i32): void {
    this.tokens = tokens
    this.recent.keep(tokens)
  }

  /** For when keys have changed: what was signed with one that is gone must not pass. */
  clear(): void {
    this.recent.keep(this.tokens)
  }

  get(at: usize, size: i32): Verified | null {
    return this.recent.getAt(at, size)
  }

  put(at: usize, size: i32, verified: Verified): void {
    this.recent.putAt(at, size, verified, size + verified.size + BYTES_EACH)
  }
}
