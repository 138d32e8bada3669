import { GatewayError, toGatewayError } from '../base/errors.js'
import type { Reply } from '../base/http.js'
import { RetryLater } from '../base/refusal.js'
import { ReplayBody } from '../base/replay-body.js'
import { type Cancellable, type OutgoingRequest, sendBy } from '../upstream/http.js'
import type { Target } from '../upstream/target.js'
import type { Place } from './bulkhead.js'
import type { Plan } from './plan.js'
import { waitBeforeRetry } from './retry.js'
import type { Trip } from './trip.js'
import { dropResult, type Result, Try } from './try.js'

/**
 * Gets one reply to one request, with as many tries as that takes and its plan allows: it waits to be let in, tries, waits, tries again or
 * side by side. From the beginning to the end of the exchange it is what is cancelled when the client goes, and what is held.
 */
export class Sending implements Cancellable {
  readonly tried: Target[] = []
  retries = 0
  /** When it has to be over. */
  deadline = Number.POSITIVE_INFINITY
  private readonly live = new Set<Try>()
  private won: Try | undefined
  /** A reply that is not good, while another try may still get a better one. */
  private fallback: Result | undefined
  private pass: Place | undefined
  /** Why nobody wants a reply any more. */
  private stopped: GatewayError | undefined
  private totalOff: (() => void) | undefined
  private hedgeOff: (() => void) | undefined
  private pauseOff: (() => void) | undefined
  private settle: ((result: Result) => void) | undefined
  private interrupt: ((error: GatewayError) => void) | undefined

  constructor(readonly trip: Trip) {}

  /**
   * @param after - what the first try came to, when there was one already
   * @throws GatewayError GW_UPSTREAM_*, GW_OVERLOADED, GW_CONCURRENCY_EXCEEDED, GW_CLIENT_GONE
   */
  async run(after?: Result): Promise<Reply> {
    try {
      if (after !== undefined) this.tried.push(after.target)
      const waiting = after === undefined ? this.comeIn() : undefined
      if (waiting !== undefined) await waiting
      const { attempt, reply, error } = await this.lastTry(after)
      if (reply === undefined || attempt === undefined) {
        throw error ?? new GatewayError('GW_INTERNAL', 'a try without an outcome')
      }
      this.win(attempt)
      if (reply.upgraded !== undefined) this.totalOff?.() // what it has become has clocks of its own
      return reply
    } catch (thrown) {
      this.done()
      throw thrown
    }
  }

  /** The client is gone. */
  cancel(): void {
    this.stop(new GatewayError('GW_CLIENT_GONE', `${this.trip.plan.upstream}: cancelled, the client is gone`))
  }

  /** What the reply came to. */
  turnedOut(status: number): void {
    this.won?.turnedOut(status, this.trip.plan.clock.now())
  }

  /** The exchange is over. */
  done(): void {
    this.won?.turnedOut(undefined, this.trip.plan.clock.now())
    this.totalOff?.()
    this.hedgeOff?.()
    this.pauseOff?.()
    this.dropRivals(undefined)
    this.won?.end()
    this.pass?.leave()
    if (this.trip.body instanceof ReplayBody) this.trip.body.settle()
  }

  /** @throws GatewayError GW_UPSTREAM_OPEN, GW_OVERLOADED, GW_CONCURRENCY_EXCEEDED, GW_UPSTREAM_TIMEOUT */
  private comeIn(): Promise<void> | undefined {
    const { plan, priority, consumer } = this.trip
    const { breaker, bulkhead, totalMs, clock } = plan
    const now = clock.now()
    plan.budget.requested(now)
    plan.hedge?.budget.requested(now)
    if (totalMs !== undefined) {
      this.deadline = now + totalMs
      this.totalOff = clock.after(totalMs, () => this.timeOver(totalMs))
    }
    if (breaker !== undefined && !breaker.wouldAdmit(now)) throw openError(plan, now)
    if (bulkhead === undefined) return undefined
    const pass = bulkhead.enter(priority, consumer)
    this.pass = pass
    if (pass.state === 'inside') return undefined
    return this.interruptible<void>((resolve, reject) => {
      pass.whenSettled(refused => (refused === undefined ? resolve() : reject(refused)))
    })
  }

  /** Tries until there is a reply to take, or no more may be tried. */
  private async lastTry(after: Result | undefined): Promise<Result> {
    let last = after
    for (;;) {
      if (last !== undefined) {
        const waitMs = waitBeforeRetry(this, last)
        if (waitMs === undefined) return last
        dropResult(last)
        if (waitMs > 0) await this.pause(waitMs)
        if (this.stopped !== undefined) throw this.stopped
      }
      last = await this.interruptible<Result>(resolve => {
        this.settle = resolve
        this.begin(this.body(), false)
        this.armHedge()
      })
      if (this.stopped !== undefined) {
        dropResult(last)
        throw this.stopped
      }
    }
  }

  private pause(ms: number): Promise<void> {
    return this.interruptible(resolve => {
      this.pauseOff = this.trip.plan.clock.after(ms, resolve)
    })
  }

  private body(): OutgoingRequest['body'] {
    const { body } = this.trip
    return body instanceof ReplayBody ? body.open() : body
  }

  /** @throws GatewayError GW_UPSTREAM_OPEN, GW_UPSTREAM_UNAVAILABLE */
  private begin(body: OutgoingRequest['body'], hedged: boolean): void {
    const { upstream, plan, timeouts, key, seen, request, open } = this.trip
    const now = plan.clock.now()
    const target = upstream.pick({ key, tried: this.tried })
    if (target === undefined) {
      throw new GatewayError('GW_UPSTREAM_UNAVAILABLE', `${plan.upstream}: no target in service`)
    }
    if (hedged && this.tried.includes(target)) return
    const admission = plan.breaker === undefined ? 0 : plan.breaker.admit(now)
    if (plan.breaker !== undefined && admission === 0) throw openError(plan, now)
    const attempt = new Try(target, now, hedged, plan.breaker, admission)
    this.tried.push(target)
    this.live.add(attempt)
    seen.target = target.url
    seen.attempts++
    const { perTryMs } = plan
    if (perTryMs !== undefined) this.limit(attempt, perTryMs, perTryMs)
    const onStart = (call: Cancellable): void => {
      attempt.call = call
    }
    const replying =
      open === undefined
        ? sendBy(target.client, request(body), timeouts, onStart)
        : open(target, request(body), onStart)
    replying.then(
      reply => this.replied(attempt, reply),
      thrown => this.failed(attempt, thrown)
    )
  }

  /** Ends a try that has had its time. While the client has yet to send of the body, that does not run. */
  private limit(attempt: Try, perTryMs: number, inMs: number): void {
    const { clock } = this.trip.plan
    attempt.callOff = clock.after(inMs, () => {
      const leftMs = this.trip.arriving?.awaited === true ? perTryMs : perTryMs - this.hadMs(attempt, clock.now())
      if (leftMs > 0) this.limit(attempt, perTryMs, leftMs)
      else timeOut(attempt, perTryMs)
    })
  }

  /** How long the target has had all that there was to send, milliseconds. */
  private hadMs({ since }: Try, now: number): number {
    return now - Math.max(since, this.trip.arriving?.lastAt ?? 0)
  }

  private replied(attempt: Try, reply: Reply): void {
    const result = { target: attempt.target, sent: true, attempt, reply, error: undefined }
    if (attempt.over) {
      dropResult(result)
      return
    }
    attempt.callOff?.()
    this.note(attempt, reply.status, undefined)
    this.ended(result, reply.status < 500 && this.trip.plan.retry?.statuses.has(reply.status) !== true)
  }

  private failed(attempt: Try, thrown: unknown): void {
    if (attempt.over) return
    const error = attempt.timedOut ?? toGatewayError(thrown)
    const { target, sent } = attempt
    if (error.spec.blame === 'upstream') this.note(attempt, 0, error.code)
    else this.tell(attempt, error.code)
    attempt.end()
    this.ended({ target, sent, attempt, reply: undefined, error }, false)
  }

  /** One try is over. While there is another, only a good reply ends the waiting. */
  private ended(result: Result & { readonly attempt: Try }, good: boolean): void {
    this.live.delete(result.attempt)
    if (!good && this.live.size > 0) {
      this.fallback = result
      return
    }
    this.hedgeOff?.()
    if (good) this.noteSlow(result.attempt)
    const { fallback } = this
    const worse = !good && result.reply === undefined && fallback?.reply !== undefined ? fallback : result
    this.dropRivals(worse)
    this.settle?.(worse)
  }

  /** Ends every try but that of `kept`. */
  private dropRivals(kept: Result | undefined): void {
    for (const attempt of this.live) {
      if (!attempt.told) this.tell(attempt, this.stopped?.code)
      attempt.giveUp()
    }
    this.live.clear()
    if (this.fallback !== undefined && this.fallback !== kept) dropResult(this.fallback)
    this.fallback = undefined
  }

  private note(attempt: Try, status: number, code: GatewayError['code'] | undefined): void {
    const { plan, onOutcome, judged } = this.trip
    const now = plan.clock.now()
    const ms = this.hadMs(attempt, now)
    const outcome = { status, code, ms }
    attempt.cameTo(outcome, now, judged)
    onOutcome?.(outcome)
    if (code === undefined) plan.hedge?.latencies.observe(ms, now)
  }

  /** Of a try that ended through no fault of its target. */
  private tell(attempt: Try, code: GatewayError['code'] | undefined): void {
    this.trip.onOutcome?.({ status: 0, code, ms: this.hadMs(attempt, this.trip.plan.clock.now()) })
  }

  /** Those that lost took at least so long: left out, a percentile would shrink with every hedge. */
  private noteSlow(winner: Try): void {
    const { hedge, clock } = this.trip.plan
    const now = clock.now()
    for (const attempt of this.live) {
      const ms = this.hadMs(attempt, now)
      hedge?.latencies.observe(ms, now)
      if (attempt.since < winner.since) attempt.tookLonger(ms, true)
    }
  }

  private win(attempt: Try): void {
    const { plan, seen, body } = this.trip
    this.won = attempt
    seen.target = attempt.target.url
    if (attempt.hedged) plan.counts.hedgesWon++
    if (body instanceof ReplayBody) body.settle()
  }

  private armHedge(): void {
    const { plan, method, open } = this.trip
    const { hedge, clock } = plan
    // Two connections that leave HTTP would be two for the upstream, too.
    if (open !== undefined || hedge === undefined || this.tried.length > 1 || !hedge.methods.has(method)) return
    const { after, latencies } = hedge
    const delayMs = 'ms' in after ? after.ms : latencies.percentile(after.share, clock.now())
    const [first] = this.live
    if (delayMs !== undefined && first !== undefined) this.hedgeIn(delayMs, first, delayMs)
  }

  /** Once the first try has had its time. While the body has yet to arrive that does not run, and there is nothing to send a second time. */
  private hedgeIn(delayMs: number, first: Try, inMs: number): void {
    const { plan, body } = this.trip
    this.hedgeOff = plan.clock.after(inMs, () => {
      const arriving = body instanceof ReplayBody && body.replayable && !body.complete
      const leftMs = arriving ? delayMs : delayMs - this.hadMs(first, plan.clock.now())
      if (leftMs > 0) this.hedgeIn(delayMs, first, leftMs)
      else this.hedge()
    })
  }

  /** The first try is slow: a second one beside it, where that costs nobody else. */
  private hedge(): void {
    const { plan, upstream } = this.trip
    const { hedge, breaker, bulkhead, counts } = plan
    const body = this.trip.body instanceof ReplayBody ? this.trip.body.whole() : this.trip.body
    if (this.trip.body instanceof ReplayBody && body === undefined) return
    if (!upstream.targets.some(target => !this.tried.includes(target))) return
    const now = plan.clock.now()
    if (breaker?.wouldAdmit(now) === false || (bulkhead !== undefined && bulkhead.waiting > 0)) return
    if (hedge?.budget.take(now) !== true) return
    const before = this.live.size
    try {
      this.begin(body, true)
    } catch {
      // no target for it: the first try goes on alone
    }
    if (this.live.size > before) counts.hedges++
  }

  private timeOver(totalMs: number): void {
    const { plan, arriving } = this.trip
    if (arriving?.awaited === true) {
      this.stop(
        new GatewayError('GW_REQUEST_TIMEOUT', `the body of the request has not come whole within ${totalMs} ms`)
      )
      return
    }
    const [only] = this.live
    const error = new GatewayError('GW_UPSTREAM_TIMEOUT', `${plan.upstream}: not over within ${totalMs} ms`)
    // It had all of the time to itself: that it is slow is known. Of a later one, or behind a client that took long, it is not.
    const alone = this.tried.length === 1 && (arriving?.lastAt ?? 0) <= (only?.since ?? 0)
    if (only !== undefined && alone) this.note(only, 0, error.code)
    this.stop(error)
  }

  private stop(error: GatewayError): void {
    if (this.won !== undefined) this.won.call?.cancel(error)
    if (this.stopped !== undefined) return
    this.stopped = error
    for (const attempt of this.live) attempt.tookLonger(this.hadMs(attempt, this.trip.plan.clock.now()), false)
    this.dropRivals(undefined)
    this.interrupt?.(error)
  }

  /** Waits for something, but no longer than the exchange is wanted. */
  private interruptible<T>(begin: (resolve: (value: T) => void, reject: (error: GatewayError) => void) => void) {
    return new Promise<T>((resolve, reject) => {
      this.interrupt = reject
      begin(resolve, reject)
    })
  }
}

function timeOut(attempt: Try, perTryMs: number): void {
  const message = `${attempt.target.url}: no head of a reply within ${perTryMs} ms`
  attempt.timedOut = new GatewayError('GW_UPSTREAM_TIMEOUT', message)
  attempt.call?.cancel(attempt.timedOut)
}

function openError(plan: Plan, now: number): RetryLater {
  const { breaker, upstream } = plan
  const afterMs = breaker?.remainingMs(now) ?? 0
  return new RetryLater('GW_UPSTREAM_OPEN', `${upstream}: its circuit breaker is ${breaker?.state}`, afterMs)
}
