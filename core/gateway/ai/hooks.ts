import { EMPTY_BODY } from '../../base/body.js'
import type { AiHook } from '../../base/hooks.js'
import type { Reply } from '../../base/http.js'
import { AiVerdict, type Effect } from '../../plugin-host/abi.js'
import { ENTRY } from '../../plugin-host/arena.js'
import { decodeFault } from '../../plugin-host/fault.js'
import type { Cancellable } from '../../upstream/http.js'
import { type Answered, type Asking, MAX_ROUNDS } from '../effects.js'
import type { Exchange } from '../exchange.js'
import { admitted, askedTooOften, beginDetached, concludeProbe, failed, keep, policyReply } from '../phase.js'
import type { PhaseStep, PolicyHost, Route } from '../snapshot.js'
import { aiEffectInput, aiInput } from '../view.js'

/** What a hook's calls need to know of an exchange. */
export interface HookCall {
  readonly route: Pick<Route, 'phases'>
  readonly exchange: Exchange
  readonly snapshot: PolicyHost
}

/** Whether any policy of the route has one of these hooks. */
export function hasHook({ route }: Pick<HookCall, 'route'>, ...hooks: readonly AiHook[]): boolean {
  return hooks.some(hook => route.phases[hook].length > 0)
}

/** One policy's call of an AI hook. */
export interface AiHookCall {
  /** The encoded fields of the input behind the context; asked for anew for each policy, as the one before may have changed things. */
  input(step: PhaseStep): Uint8Array
  /** What the policy answered besides a reply, tags and the like; the verdict was checked on its thread. */
  apply(verdict: AiVerdict, step: PhaseStep): void
  /** True: the policies behind have nothing more to see. */
  over?(): boolean
}

/**
 * Calls an AI hook of every policy that has it, in order, each seeing what those before it changed. When one asks for effects they are done,
 * and it is called again with the answers.
 * @returns the reply of a policy that answers in the model's place
 * @throws GatewayError GW_PLUGIN_*
 */
export async function eachPolicy(hook: AiHook, call: HookCall, given: AiHookCall): Promise<Reply | undefined> {
  const { route, exchange } = call
  for (const step of route.phases[hook]) {
    if (!admitted(step, exchange, given)) continue
    try {
      const reply = await onePolicy(hook, step, call, given)
      if (reply !== undefined) return reply
    } finally {
      step.breaker.released(given)
    }
    if (given.over?.() === true) return undefined
  }
  return undefined
}

async function onePolicy(hook: AiHook, step: PhaseStep, call: HookCall, given: AiHookCall): Promise<Reply | undefined> {
  const { exchange, snapshot } = call
  let answers: readonly Answered[] | undefined
  for (let rounds = 0; ; rounds++) {
    const own = aiInput(hook, step, exchange, given.input(step))
    const effect = answers !== undefined
    const input = answers === undefined ? own : aiEffectInput(hook, own, answers)
    const record = snapshot.recorder?.modeOf(exchange)
    const run = { hook, steps: [{ binding: step.binding.index, input, effect }], body: EMPTY_BODY, record }
    const entries = await snapshot.plugins.run(run)
    if (record !== undefined) snapshot.recorder?.take(exchange, run, entries)
    let said: Said = NOTHING
    for (const { kind, bytes } of entries) {
      if (kind === ENTRY.log) snapshot.log.plugin(step.binding, exchange, bytes)
      else if (kind === ENTRY.fault) failed(step, decodeFault(bytes), exchange, snapshot)
      else if (kind === ENTRY.verdict) said = take(AiVerdict.decode(bytes), step, call, given)
    }
    if (step.breaker.state === 'half-open') concludeProbe(step, entries, undefined, given)
    if (said.awaited.length === 0) return said.reply
    if (rounds === MAX_ROUNDS) break
    answers = await answersTo(said.awaited, step, call)
  }
  failed(step, askedTooOften(), exchange, snapshot)
  return undefined // it fails open
}

/** What a verdict comes to, once all else in it is applied. */
interface Said {
  readonly reply: Reply | undefined
  /** Effects whose answers the policy waits for. */
  readonly awaited: readonly Effect[]
}

const NOTHING: Said = { reply: undefined, awaited: [] }

function take(verdict: AiVerdict, step: PhaseStep, { exchange, snapshot }: HookCall, given: AiHookCall): Said {
  const { verdict: beside } = verdict
  let awaited: readonly Effect[] = []
  if (beside) {
    if (beside.consumer !== null) exchange.consumer = beside.consumer
    keep(beside, step, exchange)
    awaited = beginDetached(beside.effects, step, exchange, snapshot)
    if (beside.reply !== null) return { reply: policyReply(beside.reply), awaited: [] }
  }
  given.apply(verdict, step)
  return { reply: undefined, awaited }
}

/** Does what a policy waits for. The client going away ends that, and the call to the provider that may be under way meanwhile. */
async function answersTo(
  effects: readonly Effect[],
  { binding }: PhaseStep,
  { exchange, snapshot }: HookCall
): Promise<Answered[]> {
  const { call: before, request } = exchange
  const asking: Asking = { request, call: undefined }
  const both: Cancellable = {
    sent: before?.sent ?? true,
    cancel: reason => {
      asking.call?.cancel(reason)
      before?.cancel(reason)
    }
  }
  exchange.call = both
  try {
    return await snapshot.effects.perform(effects, binding, asking)
  } finally {
    if (exchange.call === both) exchange.call = before
  }
}
