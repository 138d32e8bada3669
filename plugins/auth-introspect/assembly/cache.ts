import { base64Encode, Recent, Settings, sha256, utf8Bytes, Verdict } from '@sluice/plugin-sdk/assembly'
import { Why } from './refusals'

/** Claims take memory: of all that are kept, in UTF-16 units. */
const MAX_UNITS: i32 = 8 << 20
/** What an answer takes besides its claims. */
const UNITS_EACH: i32 = 500

/** What the endpoint said of a token. */
@final
export class Known {
  constructor(
    readonly verdict: Verdict,
    /** Whether the verdict lets the request go on. */
    readonly passes: bool,
    /** Unix milliseconds in between which the token is good. */
    readonly notBefore: f64,
    readonly notAfter: f64,
    /** Until when the endpoint need not be asked again. */
    readonly until: f64,
    readonly size: i32
  ) {}

  late(nowMs: f64): Why {
    if (nowMs >= this.notAfter) return Why.EXPIRED
    return nowMs < this.notBefore ? Why.NOT_YET : Why.NONE
  }
}

/** Answers, by the hash of the token: what lies here opens nothing. */
@final
export class AnswerCache {
  private readonly recent: Recent<Known> = new Recent<Known>(MAX_UNITS)
  private activeMs: f64 = 0
  private inactiveMs: f64 = 0

  fill(settings: Settings): void {
    this.recent.keep(settings.int('cache', 1000))
    this.activeMs = <f64>settings.int('activeSeconds', 60) * 1000
    this.inactiveMs = <f64>settings.int('inactiveSeconds', 5) * 1000
  }

  /** null when there is none, or none that is young enough. */
  get(token: string, nowMs: f64): Known | null {
    const known = this.recent.get(keyOf(token))
    return known !== null && nowMs < known.until ? known : null
  }

  put(token: string, known: Known): void {
    this.recent.put(keyOf(token), known, known.size + UNITS_EACH)
  }

  /** How long an answer counts that came at `nowMs`. */
  until(nowMs: f64, active: bool): f64 {
    return nowMs + (active ? this.activeMs : this.inactiveMs)
  }
}

function keyOf(token: string): string {
  return base64Encode(sha256(utf8Bytes(token)))
}
