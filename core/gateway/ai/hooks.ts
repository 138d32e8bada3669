import { EMPTY_BODY } from '../../base/body.js'
import type { AiHook } from '../../base/hooks.js'
import type { Reply } from '../../base/http.js'
import { AiVerdict } from '../../plugin-host/abi.js'
import { ENTRY } from '../../plugin-host/arena.js'
import { decodeFault } from '../../plugin-host/fault.js'
import type { Exchange } from '../exchange.js'
import { admitted, concludeProbe, failed, keep, policyReply } from '../phase.js'
import type { PhaseStep, PolicyHost, Route } from '../snapshot.js'
import { aiInput } from '../view.js'

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
 * Calls an AI hook of every policy that has it, in order, each seeing what those before it changed.
 * @returns the reply of a policy that answers in the model's place
 * @throws GatewayError GW_PLUGIN_*
 */
export async function eachPolicy(hook: AiHook, call: HookCall, given: AiHookCall): Promise<Reply | undefined> {
  const { route, exchange, snapshot } = call
  let steps = route.phases[hook]
  for (const { breaker } of steps) if (breaker.state !== 'closed') steps = admitted(steps, exchange)
  for (const step of steps) {
    const input = aiInput(hook, step, exchange, given.input(step))
    const record = snapshot.recorder?.modeOf(exchange)
    const run = { hook, steps: [{ binding: step.binding.index, input }], body: EMPTY_BODY, record }
    const entries = await snapshot.plugins.run(run)
    if (record !== undefined) snapshot.recorder?.take(exchange, run, entries)
    let reply: Reply | undefined
    for (const { kind, bytes } of entries) {
      if (kind === ENTRY.log) snapshot.log.plugin(step.binding, exchange, bytes)
      else if (kind === ENTRY.fault) failed(step, decodeFault(bytes), exchange, snapshot)
      else if (kind === ENTRY.verdict) reply = take(AiVerdict.decode(bytes), step, call, given)
    }
    if (step.breaker.state === 'half-open') concludeProbe(step, entries, undefined)
    if (reply !== undefined) return reply
    if (given.over?.() === true) return undefined
  }
  return undefined
}

function take(
  verdict: AiVerdict,
  step: PhaseStep,
  { exchange, snapshot }: HookCall,
  given: AiHookCall
): Reply | undefined {
  const { verdict: beside } = verdict
  if (beside) {
    if (beside.consumer !== null) exchange.consumer = beside.consumer
    keep(beside, step, exchange)
    if (beside.effects.length > 0) snapshot.effects.detach(beside.effects, step.binding, exchange)
    if (beside.reply !== null) return policyReply(beside.reply)
  }
  given.apply(verdict, step)
  return undefined
}
