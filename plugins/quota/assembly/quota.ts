import { CallerKey, callerMistake, counted, countUp, Settings } from '@sluice/plugin-sdk/assembly'
import { findWindow, Window, WINDOW_NAMES, windowEnd, windowStart } from './calendar'

/** What a quota says about one request. */
@final
export class Outcome {
  constructor(
    readonly quota: Quota,
    readonly allowed: bool,
    /** What is left of it. */
    readonly remaining: i64,
    /** Seconds until the next window begins. */
    readonly resetSeconds: i64,
    /** RateLimit-Policy's word about it. */
    readonly policy: string,
    /** Whether the request costs more than the quota has in any window. */
    readonly neverFits: bool,
    private readonly counter: string,
    private readonly cost: i64
  ) {}

  /** Takes back what was counted: another quota refused the request. */
  giveBack(): void {
    if (this.allowed) countUp(this.counter, -this.cost, 0, 0)
  }
}

/** One of the quotas of the settings. */
@final
export class Quota {
  private constructor(
    readonly name: string,
    private readonly requests: i64,
    private readonly window: Window,
    /** Who is one caller. */
    readonly key: CallerKey,
    /** By consumer, for those that have another number. */
    private readonly consumers: Map<string, i64>
  ) {}

  /** Why the last `of` failed. */
  static mistake: string = ''

  /** null when it makes no sense; `mistake` says why. */
  static of(settings: Settings, index: i32): Quota | null {
    const per = settings.string('per')
    const consumers = new Map<string, i64>()
    const given = settings.object('consumers')
    const names = given.names()
    for (let i = 0; i < names.length; i++) consumers.set(names[i], <i64>given.float(names[i]))
    let key: CallerKey | null = CallerKey.consumer()
    if (settings.has('key')) key = CallerKey.compile(settings.string('key'))
    if (key === null) {
      Quota.mistake = 'quotas[' + index.toString() + '].key: ' + callerMistake
      return null
    }
    const window = <Window>WINDOW_NAMES.indexOf(per)
    return new Quota(settings.string('name', per), <i64>settings.float('requests'), window, key, consumers)
  }

  /** Counts one request of `caller`, which costs `cost`; one too many is not counted. */
  count(caller: string, scope: string, consumer: string, cost: i64, nowMs: i64, offsetMs: i64): Outcome {
    findWindow(this.window, nowMs, offsetMs)
    const end = windowEnd
    const name = this.name + '\n' + scope + '\n' + caller + '\n' + windowStart.toString()
    const limit = this.limitOf(consumer)
    const count = cost > limit ? -1 : countUp(name, cost, limit, end)
    const left = limit - (count >= 0 ? count : counted(name))
    const policy = this.policy(limit)
    const seconds = max<i64>(1, (end - nowMs + 999) / 1000)
    return new Outcome(this, count >= 0, max<i64>(0, left), seconds, policy, cost > limit, name, cost)
  }

  /** RateLimit-Policy's word about it, for a request it did not count. */
  policyFor(consumer: string, nowMs: i64, offsetMs: i64): string {
    findWindow(this.window, nowMs, offsetMs)
    return this.policy(this.limitOf(consumer))
  }

  private limitOf(consumer: string): i64 {
    return consumer != '' && this.consumers.has(consumer) ? this.consumers.get(consumer) : this.requests
  }

  /** Of the window that was found last. */
  private policy(limit: i64): string {
    return '"' + this.name + '";q=' + limit.toString() + ';w=' + ((windowEnd - windowStart) / 1000).toString()
  }
}
