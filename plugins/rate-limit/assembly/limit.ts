import { CallerKey, callerMistake, counted, countUp, Settings, takeTokens } from '@sluice/plugin-sdk/assembly'

/** What a limit says about one request. */
@final
export class Outcome {
  constructor(
    readonly limit: Limit,
    readonly allowed: bool,
    /** Requests left. */
    readonly remaining: i64,
    /** Seconds until `remaining` is as high as it gets. */
    readonly resetSeconds: i64,
    /** Seconds after which the request would be let through; 0 when it is. */
    readonly retrySeconds: i64,
    /** What was counted, to give it back. */
    readonly name: string
  ) {}
}

/** One of the limits of the settings. */
@final
export class Limit {
  private constructor(
    readonly name: string,
    private readonly requests: i64,
    private readonly seconds: i64,
    private readonly burst: i64,
    private readonly cost: i64,
    private readonly sliding: bool,
    /** Who is one caller. */
    readonly key: CallerKey
  ) {}

  /** Why the last `of` failed. */
  static mistake: string = ''

  /** null when it makes no sense; `mistake` says why. */
  static of(settings: Settings, index: i32): Limit | null {
    const where = 'limits[' + index.toString() + ']'
    const name = settings.string('name', 'limit-' + (index + 1).toString())
    const requests = <i64>settings.int('requests')
    const sliding = settings.string('algorithm', 'token-bucket') == 'sliding-window'
    const cost = <i64>settings.int('cost', 1)
    if (sliding && settings.has('burst')) return refuse(where + '.burst is for token-bucket')
    const burst = <i64>settings.int('burst', <i32>requests)
    if (cost > (sliding ? requests : burst)) return refuse(where + '.cost is more than a caller can ever have')
    const seconds = duration(settings.string('per'))
    if (seconds > MAX_SECONDS) return refuse(where + '.per is longer than a year')
    let key: CallerKey | null = CallerKey.consumer()
    if (settings.has('key')) key = CallerKey.compile(settings.string('key'))
    if (key === null) return refuse(where + '.key' + afterKey(callerMistake))
    return new Limit(name, requests, seconds, burst, cost, sliding, key)
  }

  /** For RateLimit-Policy: how many in which time. */
  get policy(): string {
    const text = '"' + this.name + '";q=' + this.requests.toString() + ';w=' + this.seconds.toString()
    return this.sliding || this.burst == this.requests ? text : text + ';burst=' + this.burst.toString()
  }

  /** Counts one request of `caller`. */
  count(caller: string, scope: string, nowMs: i64): Outcome {
    const name = this.name + '\n' + scope + '\n' + caller
    return this.sliding ? this.countWindow(name, nowMs) : this.takeFrom(name)
  }

  /** Takes back what `outcome` counted: another limit refused the request. */
  giveBack(outcome: Outcome): void {
    if (this.sliding) countUp(outcome.name, -this.cost, 0, 0)
    else takeTokens(outcome.name, this.perSecond, <f64>this.burst, -(<f64>this.cost))
  }

  private get perSecond(): f64 {
    return <f64>this.requests / <f64>this.seconds
  }

  private takeFrom(name: string): Outcome {
    const taken = takeTokens(name, this.perSecond, <f64>this.burst, <f64>this.cost)
    if (taken === null) return new Outcome(this, true, this.burst, 0, 0, name) // cannot be: the settings were checked
    return new Outcome(
      this,
      taken.allowed,
      <i64>(taken.remaining / <f64>this.cost),
      seconds(taken.fullMs),
      seconds(taken.retryMs),
      name
    )
  }

  /** The window that runs, and of the one before the share that is less than a window ago. */
  private countWindow(name: string, nowMs: i64): Outcome {
    const windowMs = this.seconds * 1000
    const index = nowMs / windowMs
    const gone = <f64>(nowMs - index * windowMs) / <f64>windowMs
    const previous = counted(name + '\n' + (index - 1).toString())
    const weighted = <i64>Math.ceil(<f64>previous * (1 - gone))
    const current = name + '\n' + index.toString()
    const room = max<i64>(0, this.requests - weighted)
    const count = countUp(current, this.cost, room, (index + 2) * windowMs)
    const end = seconds(<f64>windowMs * (1 - gone))
    if (count >= 0) return new Outcome(this, true, max<i64>(0, room - count) / this.cost, end, 0, current)
    return new Outcome(this, false, 0, end, this.wait(previous, counted(current), gone), current)
  }

  /** Seconds until enough of the window before has gone by; if that alone is not enough, until the next window. */
  private wait(previous: i64, current: i64, gone: f64): i64 {
    const free = this.requests - this.cost - current
    if (previous > 0 && free >= 0) {
      const share = 1 - <f64>free / <f64>previous
      return seconds(max<f64>(0, share - gone) * <f64>this.seconds * 1000)
    }
    return seconds((1 - gone) * <f64>this.seconds * 1000)
  }
}

/** A year: buckets and windows may not last longer. */
const MAX_SECONDS: i64 = 31_536_000

/** "90s", "5m", "1h", "7d"; the schema has checked it. */
function duration(text: string): i64 {
  const unit = text.charCodeAt(text.length - 1)
  const count = I64.parseInt(text.substring(0, text.length - 1))
  if (unit == 0x6d) return count * 60
  if (unit == 0x68) return count * 3600
  return unit == 0x64 ? count * 86_400 : count
}

/** Full seconds, rounded up: whoever waits that long is let through. */
function seconds(ms: f64): i64 {
  return <i64>Math.ceil(ms / 1000)
}

/** "it is empty" is said of the key itself; other mistakes follow a colon. */
function afterKey(mistake: string): string {
  return mistake.startsWith('it ') ? mistake.substring(2) : ': ' + mistake
}

function refuse(why: string): Limit | null {
  Limit.mistake = why
  return null
}
