import { Buffer } from 'node:buffer'
import { EMPTY_BODY } from '../base/body.js'
import { GatewayError } from '../base/errors.js'
import { setHeader } from '../base/headers.js'
import type { PhaseHook } from '../base/hooks.js'
import type { Reply } from '../base/http.js'
import type { Effect, PluginReply, Verdict } from '../plugin-host/abi.js'
import { ENTRY, type Entry, type StepInput } from '../plugin-host/arena.js'
import { decodeVerdict } from '../plugin-host/edit-reader.js'
import { applyEdits } from '../plugin-host/edits.js'
import { decodeFault, PluginFault } from '../plugin-host/fault.js'
import { decodeMs } from '../plugin-host/step-watch.js'
import { MAX_ROUNDS } from './effects.js'
import type { Exchange } from './exchange.js'
import type { PhaseStep, PolicyHost } from './snapshot.js'
import { timesOf } from './timing.js'
import { effectInput, phaseInputs, type Told } from './view.js'

/** The tag of an exchange that went on without a policy, by the policy's plugin: later phases and the access line have it. */
const FAILED_OPEN = 'failed-open'

/** One phase of one exchange. */
export interface Phase {
  readonly hook: PhaseHook
  readonly steps: readonly PhaseStep[]
  readonly told: Told
  /** As its plugins get it; what one of them writes takes its place. */
  body: Buffer
}

/** A plugin that must have its answers before the chain goes on. */
class Asked {
  constructor(
    readonly step: PhaseStep,
    readonly effects: readonly Effect[]
  ) {}
}

/**
 * Runs the plugins of a phase, in order, and applies what they answer. When one asks for effects they are done, it is called
 * again with the answers, and the chain goes on behind it.
 * @returns the reply of a plugin that answered by itself
 * @throws GatewayError GW_PLUGIN_*, GW_OVERLOADED, GW_SHUTTING_DOWN
 */
export function runPhase(phase: Phase, exchange: Exchange, host: PolicyHost): Promise<Reply | undefined> {
  for (const { breaker } of phase.steps) if (breaker.state !== 'closed') return runAdmitted(phase, exchange, host)
  return runSteps(phase, phase.steps, exchange, host)
}

/** Runs those of its plugins that their breakers let through. However that ends, no breaker waits for a probe that is over. */
async function runAdmitted(phase: Phase, exchange: Exchange, host: PolicyHost): Promise<Reply | undefined> {
  try {
    const steps = phase.steps.filter(step => admitted(step, exchange, phase))
    return await runSteps(phase, steps, exchange, host)
  } finally {
    for (const { breaker } of phase.steps) breaker.released(phase)
  }
}

async function runSteps(
  phase: Phase,
  admitted: readonly PhaseStep[],
  exchange: Exchange,
  host: PolicyHost
): Promise<Reply | undefined> {
  let steps = admitted
  let first: Uint8Array | undefined
  let asking: PhaseStep | undefined
  let rounds = 0
  while (steps.length > 0) {
    const inputs = phaseInputs(phase.hook, first === undefined ? steps : steps.slice(1), exchange, phase.told)
    if (first !== undefined) inputs.unshift(first)
    const record = host.recorder?.modeOf(exchange)
    const timed = exchange.route?.timing !== undefined
    const since = timed ? performance.now() : 0
    const given = stepInputs(steps, inputs, first !== undefined)
    const call = { hook: phase.hook, steps: given, body: phase.body, timed, record }
    const entries = await host.plugins.run(call)
    if (timed) {
      timesOf(exchange).phase(phase.told.reply === undefined ? 'request' : 'response', performance.now() - since)
    }
    if (record !== undefined) host.recorder?.take(exchange, call, entries)
    const taken = entries.length === 0 ? undefined : take(entries, steps, exchange, phase, host)
    for (const step of steps) if (step.breaker.state === 'half-open') concludeProbe(step, entries, taken, phase)
    if (!(taken instanceof Asked)) return taken
    const { step, effects } = taken
    rounds = step === asking ? rounds + 1 : 1
    asking = step
    steps = steps.slice(steps.indexOf(step))
    if (rounds > MAX_ROUNDS) {
      failed(step, askedTooOften(), exchange, host)
      first = undefined
      steps = steps.slice(1) // it fails open: those behind it have their turn
      continue
    }
    const answers = await host.effects.perform(effects, step.binding, exchange)
    if (phase.hook === 'on_log') return undefined // nobody waits for the answers
    first = effectInput(phase.hook, step, exchange, phase.told, answers)
  }
  return undefined
}

function stepInputs(steps: readonly PhaseStep[], inputs: readonly Uint8Array[], resumes: boolean): StepInput[] {
  const list: StepInput[] = []
  for (let i = 0; i < steps.length; i++) {
    const binding = steps[i]?.binding.index ?? 0
    const input = inputs[i] ?? EMPTY_BODY
    list.push(resumes && i === 0 ? { binding, input, effect: true } : { binding, input })
  }
  return list
}

/**
 * Whether a step's breaker lets it be called.
 * @param by - what calls it, should it be the breaker's probe
 * @throws GatewayError GW_PLUGIN_SUSPENDED when it does not, and the plugin fails closed
 */
export function admitted({ breaker, binding }: PhaseStep, exchange: Exchange, by: object): boolean {
  if (breaker.state === 'closed' || breaker.admits(by)) return true
  if (binding.failure !== 'open') {
    throw new GatewayError('GW_PLUGIN_SUSPENDED', `${binding.where} (${binding.plugin}) fails again and again`)
  }
  exchange.tags.push(FAILED_OPEN, binding.plugin)
  return false
}

/** A half-open breaker learns that its probe went well: the plugin was come to, and did not fail. */
export function concludeProbe(step: PhaseStep, entries: readonly Entry[], taken: unknown, by: object): void {
  const spoke = entries.some(({ binding }) => binding === step.binding.index)
  if (spoke || taken === undefined) step.breaker.passed(by)
}

/**
 * A plugin failed: its breaker counts it, the operator hears of it, and the exchange goes on without it, or not.
 * @throws GatewayError GW_PLUGIN_TIMEOUT, GW_PLUGIN_FAILED when the binding fails closed
 */
export function failed(step: PhaseStep, fault: PluginFault, exchange: Exchange, host: PolicyHost): void {
  const { binding, breaker } = step
  host.log.fault(binding, exchange, fault)
  breaker.failed(`${fault.reason}: ${fault.message}`)
  if (binding.failure === 'open') {
    exchange.tags.push(FAILED_OPEN, binding.plugin)
    return
  }
  const code = fault.reason === 'timeout' ? 'GW_PLUGIN_TIMEOUT' : 'GW_PLUGIN_FAILED'
  throw new GatewayError(code, `${binding.where} (${binding.plugin}): ${fault.message}`, { cause: fault })
}

/** The fault of a plugin that does not come to an end of what it asks for. */
export function askedTooOften(): PluginFault {
  return new PluginFault('budget', `asked for effects more than ${MAX_ROUNDS} times`)
}

/** Applies what the plugins answered, in order. The verdicts were checked on their thread. */
function take(
  entries: readonly Entry[],
  steps: readonly PhaseStep[],
  exchange: Exchange,
  phase: Phase,
  host: PolicyHost
): Reply | Asked | undefined {
  for (const entry of entries) {
    const { kind, binding, bytes } = entry
    const step = stepOf(steps, binding)
    if (step === undefined) continue
    if (kind === ENTRY.time) {
      timesOf(exchange).policy(step.place, decodeMs(bytes))
    } else if (kind === ENTRY.log) {
      host.log.plugin(step.binding, exchange, bytes)
    } else if (kind === ENTRY.fault) {
      failed(step, decodeFault(bytes), exchange, host)
    } else if (kind === ENTRY.verdict) {
      const verdict = entry.verdict ?? decodeVerdict(bytes) // it was checked on its thread
      const { reply } = phase.told
      if (reply === undefined) applyToRequest(verdict, step, exchange, phase)
      else applyToReply(verdict, step, exchange, reply, phase)
      if (verdict.reply !== null) return policyReply(verdict.reply)
      if (verdict.effects.length > 0) {
        const awaited = beginDetached(verdict.effects, step, exchange, host)
        if (awaited.length > 0) return new Asked(step, awaited)
      }
    }
  }
  return undefined
}

function stepOf(steps: readonly PhaseStep[], binding: number): PhaseStep | undefined {
  for (const step of steps) if (step.binding.index === binding) return step
  return undefined
}

/**
 * Begins the effects that nobody waits for.
 * @param exchange - undefined: a tick asks
 * @returns the others
 */
export function beginDetached(
  effects: readonly Effect[],
  { binding }: Pick<PhaseStep, 'binding'>,
  exchange: Exchange | undefined,
  host: Pick<PolicyHost, 'effects'>
): readonly Effect[] {
  const detached = effects.filter(effect => effect.detached)
  if (detached.length > 0) host.effects.detach(detached, binding, exchange)
  return effects.filter(effect => !effect.detached)
}

function applyToRequest(verdict: Verdict, step: PhaseStep, exchange: Exchange, phase: Phase): void {
  const { request } = exchange
  applyEdits(request.headers, verdict.headers)
  if (verdict.responseHeaders.length > 0) {
    exchange.responseEdits ??= []
    for (const edit of verdict.responseHeaders) exchange.responseEdits.push(edit)
  }
  if (verdict.method !== null) request.method = verdict.method
  if (verdict.path !== null) request.path = verdict.path
  if (verdict.query !== null) request.query = verdict.query
  if (verdict.upstream !== null) exchange.upstream = verdict.upstream
  if (verdict.body !== null) {
    phase.body = Buffer.from(verdict.body)
    exchange.body = phase.body
  }
  if (verdict.consumer !== null) exchange.consumer = verdict.consumer
  keep(verdict, step, exchange)
}

function applyToReply(verdict: Verdict, step: PhaseStep, exchange: Exchange, reply: Reply, phase: Phase): void {
  applyEdits(reply.headers, verdict.headers)
  if (verdict.status !== null) reply.status = verdict.status
  if (verdict.body !== null) {
    if (!Buffer.isBuffer(reply.body)) reply.body.cancel()
    phase.body = Buffer.from(verdict.body)
    reply.body = phase.body
  }
  keep(verdict, step, exchange)
}

export function keep(verdict: Verdict, step: PhaseStep, exchange: Exchange): void {
  if (verdict.tags.length > 0) exchange.tags.push(...verdict.tags)
  if (verdict.bag.length > 0) fillBag(verdict.bag, step, exchange)
  if (verdict.state === null) return
  exchange.states ??= []
  exchange.states[step.place] = Buffer.from(verdict.state)
}

/** Characters an exchange's bag may hold of all its policies; what is put in beyond that is left out. */
const MAX_BAG_CHARACTERS = 262_144

function fillBag(entries: readonly string[], step: PhaseStep, exchange: Exchange): void {
  exchange.bag ??= []
  let size = 0
  for (const text of exchange.bag) size += text.length
  for (let i = 0; i < entries.length; i += 2) {
    const name = `${step.binding.plugin}.${entries[i]}`
    const value = entries[i + 1] ?? ''
    size += name.length + value.length
    if (size <= MAX_BAG_CHARACTERS) setHeader(exchange.bag, name, value)
  }
}

export function policyReply(reply: PluginReply): Reply {
  return { status: reply.status, headers: reply.headers, body: Buffer.from(reply.body) }
}
