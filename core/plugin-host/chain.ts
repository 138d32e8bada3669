import { Buffer } from 'node:buffer'
import { bodyPrefix, padding, Verdict } from './abi.js'
import { type Arena, type CallInput, ENTRY, type Entry, gapTo, WORD_BYTES } from './arena.js'
import { type Binding, bodyGrant, PHASE_HOOKS, type PhaseHook } from './binding.js'
import { encodeFault, PluginFault } from './fault.js'
import { encodeLine } from './functions/log-fields.js'
import type { Log } from './host-functions.js'
import type { PluginInstance } from './instance.js'
import type { InstanceCache } from './instance-cache.js'
import { KnownVerdicts } from './known-verdicts.js'
import { ChainTrace } from './record/trace.js'
import { changesInput, type Earlier, rewriteInput, visibleHeaders } from './rewrite.js'
import { StepWatch } from './step-watch.js'
import { encodeVerdict, readVerdict, renames, resolveRenames } from './verdict.js'

/**
 * Runs one phase of one exchange through its plugins, in order, on this thread. Ends early with a reply, or with the
 * fault of a plugin that fails closed; a plugin that fails open is passed over.
 * @returns the entries for the arena: verdicts, faults and log lines, in the order they came. Verdicts are views of their
 *   plugin's memory, good until its next call: no plugin is called twice in a phase
 */
export async function runChain(
  call: CallInput,
  bindings: readonly Binding[],
  instances: InstanceCache,
  arena: Arena,
  watch: StepWatch = new StepWatch()
): Promise<Entry<Uint8Array>[]> {
  const run: ChainRun = { hook: call.hook, body: call.body, entries: [], earlier: [] }
  const chainTrace = call.record === undefined ? undefined : new ChainTrace(call.record, call.hook, run.entries)
  for (let i = 0; i < call.steps.length; i++) {
    const step = call.steps[i]
    const binding = step === undefined ? undefined : bindings[step.binding]
    if (step === undefined || binding === undefined) continue
    const log: Log = (level, text, fields) => {
      run.entries.push({ kind: ENTRY.log, binding: binding.index, bytes: encodeLine(level, text, fields) })
    }
    const hook = step.effect === true ? 'on_effect' : call.hook
    const trace = chainTrace?.begin(binding, hook, step.input)
    let instance: PluginInstance | undefined
    try {
      instance = instances.ready(binding, log)
      if (instance === undefined) {
        arena.beginStep(i, true)
        instance = await instances.get(binding, log)
      }
      arena.beginStep(i, false)
      const input =
        run.earlier.length === 0 ? step.input : rewriteInput(step.input, call.hook, run.earlier, instance.reader)
      const body = bodyGrant(binding.grants, call.hook) === 'none' ? NO_BODY : run.body
      const head = withBody(input, body)
      trace?.calls(instance, instances, head, body)
      watch.begin(call.timed === true)
      const answered = instance.call(hook, head, body)
      const output = answered instanceof Promise ? await answered : answered
      watch.end(binding.index, call.timed === true ? run.entries : undefined)
      trace?.answers(output)
      if (output.length > 0 && judge(output, input, binding, run)) break
    } catch (thrown) {
      watch.end(binding.index, call.timed === true ? run.entries : undefined)
      const fault = asFault(thrown)
      trace?.fails(fault)
      if (fault.reason !== 'denied') instances.discard(binding)
      run.entries.push({ kind: ENTRY.fault, binding: binding.index, bytes: encodeFault(fault) })
      if (binding.failure === 'closed') break
    } finally {
      trace?.ends(instance)
    }
  }
  chainTrace?.finish()
  return run.entries
}

const NO_BODY = new Uint8Array(0)

/** A copy of less is not worth a thought. */
const LARGE_BYTES = 1_024

interface ChainRun {
  readonly hook: PhaseHook
  /** The body as the plugins before left it. */
  body: Uint8Array
  readonly entries: Entry<Uint8Array>[]
  /** Verdicts that changed what later plugins see. */
  readonly earlier: Earlier[]
}

/** Takes a verdict into the run. True: it replies, or asks for something first; the chain ends here. */
function judge(output: Uint8Array, input: Uint8Array, binding: Binding, run: ChainRun): boolean {
  let bytes = output
  let verdict = knownVerdicts(binding, run.hook).of(asBuffer(output), said => readVerdict(said, binding, run.hook))
  if (renames(verdict)) {
    verdict = Verdict.decode(bytes) // its own: what is known is shared
    resolveRenames(verdict, visibleHeaders(input, run.hook))
    bytes = encodeVerdict(verdict)
  }
  run.entries.push({ kind: ENTRY.verdict, binding: binding.index, bytes })
  if (verdict.body !== null) run.body = verdict.body
  if (changesInput(verdict)) run.earlier.push({ verdict, plugin: binding.plugin })
  return verdict.reply !== null || verdict.effects.some(({ detached }) => !detached)
}

/** What this thread has read and checked, by binding and hook. */
const known = new Map<number, KnownVerdicts>()

function knownVerdicts({ index }: Binding, hook: PhaseHook): KnownVerdicts {
  const key = index * PHASE_HOOKS.length + PHASE_HOOKS.indexOf(hook)
  let verdicts = known.get(key)
  if (verdicts === undefined) {
    verdicts = new KnownVerdicts()
    known.set(key, verdicts)
  }
  return verdicts
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/**
 * The input with the tag of the body field at its end: the body's own bytes follow it into guest memory. With some padding they
 * lie in their words there as they do here, which makes the copy a fast one; guests' allocators align what they give.
 */
function withBody(input: Uint8Array, body: Uint8Array): Uint8Array {
  if (body.length === 0) return input
  const prefix = bodyPrefix(body.length)
  const gap = body.length < LARGE_BYTES ? 0 : gapTo(input.length + prefix.length, body.byteOffset)
  const pad = gap === 0 ? [] : padding(gap === 1 ? WORD_BYTES + 1 : gap)
  const joined = new Uint8Array(input.length + pad.length + prefix.length)
  joined.set(input)
  joined.set(pad, input.length)
  joined.set(prefix, input.length + pad.length)
  return joined
}

function asFault(thrown: unknown): PluginFault {
  if (thrown instanceof PluginFault) return thrown
  return new PluginFault('trap', thrown instanceof Error ? thrown.message : String(thrown))
}
