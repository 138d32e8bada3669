import {
  ByteWriter,
  CallerKey,
  callerMistake,
  counted,
  countUp,
  RequestView,
  Settings,
  takeTokensOf
} from '@sluice/plugin-sdk/assembly'

/** One of the limits of the settings, and what it says about the request at hand: nothing is made anew for each. */
@final
export class Limit {
  /** Requests left. */
  remaining: i64 = 0
  /** Seconds until the caller has all requests again, if it sends none. */
  resetSeconds: i64 = 0
  /** Seconds after which the request would be let through; 0 when it is. */
  retrySeconds: i64 = 0
  /** What counts the caller: the limit, the route and the caller, a line each. */
  private readonly counter: ByteWriter = new ByteWriter()
  /** Of a sliding window, what was counted, to give it back. */
  private window: string = ''

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

  /**
   * Takes up a request: who calls, and on which route.
   * @param shared - the caller is counted over all routes
   * @returns false when the request lacks what the limit counts by
   */
  take(request: RequestView, shared: bool): bool {
    this.beginCounter(request, shared)
    return this.key.write(request, this.counter)
  }

  /** As take(), by the client's address. */
  takeAddress(request: RequestView, shared: bool): void {
    this.beginCounter(request, shared)
    CallerKey.writeAddress(request, this.counter)
  }

  private beginCounter(request: RequestView, shared: bool): void {
    const counter = this.counter
    counter.clear()
    counter.text(this.name)
    counter.byte(LINE_FEED)
    if (!shared) counter.raw(request.routeSpan.at, request.routeSpan.size)
    counter.byte(LINE_FEED)
  }

  /** Counts the request that was taken up. @returns whether it is let through */
  count(nowMs: i64): bool {
    return this.sliding ? this.countWindow(this.counter.toText(), nowMs) : this.takeToken()
  }

  /** Takes back what was counted: another limit refused the request. */
  giveBack(): void {
    if (this.sliding) countUp(this.window, -this.cost, 0, 0)
    else takeTokensOf(this.counter, this.perSecond, <f64>this.burst, -(<f64>this.cost))
  }

  private get perSecond(): f64 {
    return <f64>this.requests / <f64>this.seconds
  }

  private takeToken(): bool {
    const taken = takeTokensOf(this.counter, this.perSecond, <f64>this.burst, <f64>this.cost)
    if (taken === null) return this.say(true, this.burst, 0, 0) // cannot be: the settings were checked
    const left = <i64>(taken.remaining / <f64>this.cost)
    return this.say(taken.allowed, left, seconds(taken.fullMs), seconds(taken.retryMs))
  }

  private say(allowed: bool, remaining: i64, resetSeconds: i64, retrySeconds: i64): bool {
    this.remaining = remaining
    this.resetSeconds = resetSeconds
    this.retrySeconds = retrySeconds
    return allowed
  }

  /** The window that runs, and of the one before the share that is less than a window ago. */
  private countWindow(name: string, nowMs: i64): bool {
    const windowMs = this.seconds * 1000
    const index = nowMs / windowMs
    const leftMs = (index + 1) * windowMs - nowMs
    const previous = counted(name + '\n' + (index - 1).toString())
    // Multiplied first: below 2^53 no digit is lost, and wait() comes to the very same millisecond.
    const weighted = <i64>Math.ceil((<f64>previous * <f64>leftMs) / <f64>windowMs)
    this.window = name + '\n' + index.toString()
    const room = max<i64>(0, this.requests - weighted)
    const count = countUp(this.window, this.cost, room, (index + 2) * windowMs)
    // What was counted in this window weighs until the end of the next.
    const none = seconds(<f64>(leftMs + windowMs))
    if (count >= 0) return this.say(true, max<i64>(0, room - count) / this.cost, none, 0)
    const current = counted(this.window)
    return this.say(false, 0, current > 0 ? none : seconds(<f64>leftMs), this.wait(previous, current, leftMs))
  }

  /**
   * Seconds until enough of the window before has gone by. If that alone is not enough, the next window must begin, and
   * enough of this one go by: it is then the one before.
   */
  private wait(previous: i64, current: i64, leftMs: i64): i64 {
    const free = this.requests - this.cost - current
    if (free >= 0) return seconds(<f64>max<i64>(0, leftMs - this.weighsAtMost(free, previous)))
    const windowMs = this.seconds * 1000
    return seconds(<f64>(leftMs + windowMs - this.weighsAtMost(this.requests - this.cost, current)))
  }

  /** How many milliseconds of a window may be left for `count` of the one before to weigh no more than `room`. */
  private weighsAtMost(room: i64, count: i64): i64 {
    const windowMs = this.seconds * 1000
    return count <= room ? windowMs : <i64>Math.floor((<f64>room * <f64>windowMs) / <f64>count)
  }
}

const LINE_FEED: u8 = 0x0a

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
