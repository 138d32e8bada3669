import { credible, type Usage, usageOf } from '../../ai/usage.js'
import type { AiUsed } from '../../observe/ai-meter.js'
import { UsageInput } from '../../plugin-host/abi.js'
import { FREE } from './bookings.js'
import type { AiCall } from './call.js'
import { bothHalves, countedUsage, promptTokens } from './estimate.js'
import { eachPolicy, hasHook } from './hooks.js'
import { usageForPlugins } from './plugin-usage.js'
import type { Owed, Target } from './runtime.js'

/**
 * Books what an answer used, once it is known.
 * @param usage - as the provider says; what it does not say is estimated where there is something to go by
 * @param text - finds what the answer says, for the estimate: asked only where one is made; undefined: it cannot be read
 */
export function settle(call: AiCall, target: Target, usage: Usage | undefined, text: () => string | undefined): void {
  const { ai, booking } = call
  if (FREE.has(ai.endpoint.operation)) {
    // What is told of an answer that was made before was booked then.
    booking?.release()
    call.booking = undefined
    return
  }
  const counted = countedUsage(call, target.model, usage, text)
  ai.usage = counted
  ai.microDollars = booking?.settle(counted)
  if (booking !== undefined) ai.limits = booking.headers
  call.booking = undefined
  meter(call, counted)
  if (counted !== undefined) usagePolicies(call, target, counted, ai.microDollars ?? 0)
  call.settled?.()
}

/**
 * Books what came to nothing and was paid for all the same, as its provider says: a prompt that it refused, an answer that nobody can read.
 * The request is none that was answered.
 * @param said - undefined: it says nothing, and nothing is booked
 */
export function settleFailed(call: AiCall, target: Target, said: Usage | undefined): void {
  const { ai, booking, runtime, model } = call
  const used = credible(said)
  if (used === undefined || used.input + used.output === 0) return
  if (booking === undefined || FREE.has(ai.endpoint.operation)) return
  ai.usage = used
  ai.microDollars = booking.settleFailed(used)
  call.booking = undefined
  runtime.meter?.used(ai.account, runtime.label(model), meterable(used, ai.microDollars))
  usagePolicies(call, target, used, ai.microDollars ?? 0)
}

/** The answer is made in the background: it is booked when it is fetched. */
export function defer(call: AiCall): void {
  if (!FREE.has(call.ai.endpoint.operation)) call.owed = call.booking?.defer(promptTokens(call))
  else call.booking?.release()
  call.booking = undefined
}

/**
 * Books what an answer used that was made in the background, once it has been fetched.
 * @param said, text - as settle has them
 */
export function settleOwed(call: AiCall, owed: Owed, said: Usage | undefined, text: () => string | undefined): void {
  const { ai, runtime } = call
  const answer = (): number => runtime.textTokens(owed.model, [text() ?? ''])
  const known = credible(said)
  const usage = known
    ? bothHalves(known, () => owed.input, answer)
    : usageOf({ input: owed.input, output: answer(), source: 'estimated' })
  ai.usage = usage
  ai.microDollars = runtime.bookOwed(owed, usage)
  ai.target = owed.model
  meter(call, usage)
  const target = runtime.at(ai.account)
  if (target !== undefined) usagePolicies(call, { ...target, model: owed.model }, usage, ai.microDollars ?? 0)
}

function meter({ ai, runtime, model }: AiCall, usage: Usage | undefined): void {
  runtime.meter?.answered(ai.account, runtime.label(model), usage && meterable(usage, ai.microDollars))
}

function meterable(usage: Usage, microDollars: number | undefined): AiUsed {
  return {
    input: usage.input,
    output: usage.output,
    cacheRead: usage.cacheRead,
    cacheWrite: usage.cacheWrite + usage.cacheWriteLong,
    reasoning: usage.reasoning,
    microDollars: microDollars ?? 0,
    estimated: usage.source === 'estimated'
  }
}

/** Tells policies what was used. Nobody waits for them; what they fail with, the log has. */
function usagePolicies(call: AiCall, { account, model }: Target, usage: Usage, microDollars: number): void {
  if (!hasHook(call, 'on_usage')) return
  const told = usageForPlugins(usage, microDollars)
  const input = UsageInput.encode({ provider: account.name, model, usage: told }).finish()
  const asking = eachPolicy('on_usage', call, { input: () => input, apply: () => undefined })
  call.snapshot.background.add(asking.then(nothing, nothing))
}

function nothing(): void {}
