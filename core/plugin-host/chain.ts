import { Buffer } from 'node:buffer'
import { type AiHook, calledHook, type Hook, isAiHook, PHASE_HOOKS, type PhaseHook } from '../base/hooks.js'
import { bodyPrefix, padding } from './abi.js'
import { readAiVerdict } from './ai-verdict.js'
import { type Arena, type CallInput, ENTRY, type Entry, type StepInput } from './arena.js'
import { type Binding, bodyGrant } from './binding.js'
import { decodeVerdict } from './edit-reader.js'
import { encodeFault, PluginFault } from './fault.js'
import { inputAfter } from './input-after.js'
import type { PluginInstance } from './instance.js'
import type { History, InstanceCache } from './instance-cache.js'
import { KnownVerdicts } from './known-verdicts.js'
import { ReadVerdict } from './read-verdict.js'
import { ChainTrace, type StepTrace } from './record/trace.js'
import { changesInput, visibleHeaders } from './rewrite.js'
import { StepWatch, timeEntry } from './step-watch.js'
import { encodeVerdict, readVerdict, renames, resolveRenames } from './verdict.js'
import { gapTo, WORD_BYTES } from './words.js'

/**
 * Runs one phase of one exchange through its plugins, in order, on this thread. Ends early with a reply, or with the
 * fault of a plugin that fails closed; a plugin that fails open is passed over. A promise only where something must be waited
 * for: an instance that is not there yet, or a plain Extism plugin.
 * @returns the entries for the arena: verdicts, faults and log lines, in the order they came. Verdicts are views of their
 *   plugin's memory, good until its next call: no plugin is called twice in a phase
 */
export function runChain(
  call: CallInput,
  bindings: readonly Binding[],
  instances: InstanceCache,
  arena: Arena,
  watch: StepWatch = new StepWatch()
): Entry<Uint8Array>[] | Promise<Entry<Uint8Array>[]> {
  return new ChainRun(call, bindings, instances, arena, watch).from(0)
}

const NO_BODY = new Uint8Array(0)

/** A copy of less is not worth a thought. */
const LARGE_BYTES = 1_024

class ChainRun {
  readonly hook: PhaseHook
  /** The body as the plugins before left it. */
  body: Uint8Array
  readonly entries: Entry<Uint8Array>[] = []
  /** Verdicts that changed what later plugins see. */
  readonly earlier: ReadVerdict[] = []
  private readonly trace: ChainTrace | undefined

  constructor(
    private readonly call: CallInput,
    private readonly bindings: readonly Binding[],
    private readonly instances: InstanceCache,
    private readonly arena: Arena,
    private readonly watch: StepWatch
  ) {
    this.hook = call.hook
    this.body = call.body
    this.trace = call.record === undefined ? undefined : new ChainTrace(call.record, call.hook, this.entries)
    instances.entries = this.entries
  }

  /** Runs the steps from number `first` on. */
  from(first: number): Entry<Uint8Array>[] | Promise<Entry<Uint8Array>[]> {
    const { steps } = this.call
    for (let i = first; i < steps.length; i++) {
      const over = this.step(i)
      if (over instanceof Promise) return over.then(isOver => (isOver ? this.finish() : this.from(i + 1)))
      if (over) break
    }
    return this.finish()
  }

  private finish(): Entry<Uint8Array>[] {
    this.trace?.finish()
    return this.entries
  }

  /** True: the chain ends with this step. */
  private step(index: number): boolean | Promise<boolean> {
    const step = this.call.steps[index]
    const binding = step === undefined ? undefined : this.bindings[step.binding]
    if (step === undefined || binding === undefined) return false
    const hook = calledHook(this.hook, step.effect)
    const at: StepRun = { index, step, binding, hook, trace: this.trace?.begin(binding, hook, step.input) }
    // Recorded to be done again: by an instance that remembers nothing of the exchanges before.
    if (this.call.record === 'all') return this.make(at, true)
    const instance = this.instances.ready(binding)
    return instance === undefined ? this.make(at, false) : this.run(at, instance)
  }

  private async make(at: StepRun, alone: boolean): Promise<boolean> {
    const { instances } = this
    const { binding } = at
    this.arena.beginStep(at.index, true)
    try {
      if (!alone) return await this.run(at, await instances.get(binding))
      const { instance, configured } = await instances.alone(binding)
      return await this.run(at, instance, { configured, served: 0 })
    } catch (thrown) {
      return this.failed(at, thrown)
    }
  }

  private run(at: StepRun, instance: PluginInstance, history?: History): boolean | Promise<boolean> {
    const { step, binding, hook, trace } = at
    at.instance = instance
    this.arena.beginStep(at.index, false)
    try {
      const input =
        this.earlier.length === 0
          ? step.input
          : inputAfter(asBuffer(step.input), this.hook, this.earlier, instance.reader)
      const body = bodyGrant(binding.grants, this.hook) === 'none' ? NO_BODY : this.body
      const head = withBody(input, body)
      trace?.calls(instance, history ?? this.instances.history(binding), head, body)
      this.watch.begin(this.call.timed === true)
      const answered = instance.call(hook, head, body)
      if (!(answered instanceof Promise)) return this.answered(at, answered, input)
      return answered.then(output => this.answered(at, output, input)).catch(thrown => this.failed(at, thrown))
    } catch (thrown) {
      return this.failed(at, thrown)
    }
  }

  /** @throws PluginFault when the verdict is none, or asks for too much */
  private answered(at: StepRun, output: Uint8Array, input: Uint8Array): boolean {
    this.took(at)
    const { binding, trace, instance } = at
    trace?.answers(output)
    const { hook } = this
    let over = false
    if (output.length > 0) {
      over = isAiHook(hook) ? judgeAi(output, binding, hook, this) : judge(output, input, binding, this)
    }
    trace?.ends(instance)
    return over
  }

  private failed(at: StepRun, thrown: unknown): boolean {
    this.took(at)
    const { binding, trace, instance } = at
    const fault = asFault(thrown)
    trace?.fails(fault)
    if (fault.reason !== 'denied') this.instances.discard(binding)
    this.entries.push({ kind: ENTRY.fault, binding: binding.index, bytes: encodeFault(fault) })
    trace?.ends(instance)
    return binding.failure === 'closed'
  }

  private took({ index, binding }: StepRun): void {
    const ms = this.watch.end(binding.index)
    if (ms === undefined || this.call.timed !== true) return
    this.entries.push(timeEntry(binding.index, ms))
    this.arena.took(index, ms)
  }
}

/** One step on its way. */
interface StepRun {
  readonly index: number
  readonly step: StepInput
  readonly binding: Binding
  readonly hook: Hook
  readonly trace: StepTrace | undefined
  instance?: PluginInstance
}

/** Takes what an AI hook answered into the run: read and checked here, read again by the event loop. */
function judgeAi(output: Uint8Array, binding: Binding, hook: AiHook, run: ChainRun): boolean {
  readAiVerdict(output, binding, hook)
  run.entries.push({ kind: ENTRY.verdict, binding: binding.index, bytes: output })
  return true
}

/** Takes a verdict into the run. True: it replies, or asks for something first; the chain ends here. */
function judge(output: Uint8Array, input: Uint8Array, binding: Binding, run: ChainRun): boolean {
  let bytes = output
  let read = knownVerdicts(binding, run.hook).of(asBuffer(output), said => readVerdict(said, binding, run.hook))
  if (renames(read.verdict)) {
    const own = decodeVerdict(bytes) // what is known is shared
    resolveRenames(own, visibleHeaders(input, run.hook))
    bytes = encodeVerdict(own)
    read = new ReadVerdict(own, binding.plugin)
  }
  const { verdict } = read
  run.entries.push({ kind: ENTRY.verdict, binding: binding.index, bytes, read })
  if (verdict.body !== null) run.body = verdict.body
  if (changesInput(verdict)) run.earlier.push(read)
  return verdict.reply !== null || verdict.effects.some(({ detached }) => !detached)
}

/** What this thread has read and checked, by binding and hook. */
const known = new Map<number, KnownVerdicts>()

function knownVerdicts({ index, plugin }: Binding, hook: PhaseHook): KnownVerdicts {
  const key = index * PHASE_HOOKS.length + PHASE_HOOKS.indexOf(hook)
  let verdicts = known.get(key)
  if (verdicts === undefined) {
    verdicts = new KnownVerdicts(plugin)
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
