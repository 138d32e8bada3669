import type { InputField } from '../base/hooks.js'
import { ConfigureInput, ConfigureResult } from './abi.js'
import { ENTRY, type Entry } from './arena.js'
import type { Binding } from './binding.js'
import { PluginFault } from './fault.js'
import type { Figures } from './figures.js'
import { encodeLine } from './functions/log-fields.js'
import type { Log } from './host-functions.js'
import { PluginInstance } from './instance.js'
import type { HostCall } from './record/format.js'
import { RecordingTape } from './record/tape.js'
import type { WorkerData } from './tasks.js'

/**
 * One thread's instances, one for each binding, made when first needed. Thrown away when they fail, when they have served
 * enough calls or grown too much, and, isolated, after every call.
 */
export class InstanceCache {
  private readonly instances = new Map<number, Kept>()
  /** Where log lines go: the entries of the chain that runs. */
  entries: Entry<Uint8Array>[] = []

  constructor(
    private readonly plan: Pick<WorkerData, 'bindings' | 'modules' | 'shared' | 'stores' | 'record'>,
    private readonly figures?: Figures
  ) {}

  /** The instance if it is there: no promise on the hot path. */
  ready(binding: Binding): PluginInstance | undefined {
    const kept = this.instances.get(binding.index)
    if (kept === undefined) return undefined
    if (binding.isolation === 'pooled' && ++kept.calls % LOOK_EVERY !== 0) return kept.instance
    return this.isWorn(kept, binding) ? undefined : kept.instance
  }

  /** Whether it is time for a new instance: it is forgotten then. */
  private isWorn(kept: Kept, binding: Binding): boolean {
    const { memoryPages: pages } = kept.instance
    if (kept.calls === LOOK_EVERY) kept.usualPages = pages
    const grown = kept.calls > LOOK_EVERY && pages > kept.usualPages * MAX_GROWTH + FREE_PAGES
    const isolated = binding.isolation === 'per-request' && kept.calls++ > 0
    if (!isolated && !grown && kept.calls < binding.limits.recycleCalls) return false
    this.discard(binding)
    return true
  }

  /**
   * The binding's instance, configured.
   * @throws PluginFault
   */
  async get(binding: Binding): Promise<PluginInstance> {
    const known = this.ready(binding)
    if (known !== undefined) return known
    const { instance, configured } = await this.alone(binding)
    const calls = binding.isolation === 'pooled' ? 0 : 1
    this.instances.set(binding.index, { instance, calls, usualPages: 0, configured })
    return instance
  }

  /**
   * A new instance, configured, that is the caller's alone: what it answers, it answers again when all it is told is told again.
   * @throws PluginFault
   */
  async alone(binding: Binding): Promise<Alone> {
    const module = this.plan.modules[binding.module]
    if (module === undefined) throw new PluginFault('trap', 'its module is missing')
    const write: Log = (level, message, fields) => {
      this.entries.push({ kind: ENTRY.log, binding: binding.index, bytes: encodeLine(level, message, fields) })
    }
    const { shared, stores, record } = this.plan
    const tape = record === true ? new RecordingTape() : undefined
    const around = { shared, figures: this.figures, kept: stores.get(binding.namespace), mayTape: record === true }
    const instance = await PluginInstance.create(binding, module, write, around)
    this.figures?.made(binding.index)
    instance.tape = tape
    if (binding.hooks.includes('on_configure')) instance.reader = await configure(instance, binding)
    instance.tape = undefined
    return { instance, configured: tape?.calls ?? [] }
  }

  /** What a recording says of the binding's instance. */
  history(binding: Binding): History {
    const kept = this.instances.get(binding.index)
    return { configured: kept?.configured ?? [], served: binding.isolation === 'pooled' ? (kept?.calls ?? 0) : 0 }
  }

  /** Pages of 64 KiB the binding's instance has; 0 without one. */
  memoryPages(binding: Binding): number {
    return this.instances.get(binding.index)?.instance.memoryPages ?? 0
  }

  /** What the binding reads of an exchange; undefined without an instance. */
  input(binding: Binding): readonly InputField[] | undefined {
    return this.instances.get(binding.index)?.instance.reader.input
  }

  /** Forgets an instance: after a trap its memory is not to be trusted. */
  discard(binding: Binding): void {
    this.instances.delete(binding.index)
  }
}

interface Alone {
  readonly instance: PluginInstance
  /** Host calls of its on_configure, when there may be recordings. */
  readonly configured: readonly HostCall[]
}

interface Kept extends Alone {
  calls: number
  /** Pages of memory once it had served a while. */
  usualPages: number
}

/** What came before a call: how its instance was configured, and how many calls that had at most. */
export interface History {
  readonly configured: readonly HostCall[]
  readonly served: number
}

/** Calls after which an instance is looked at. */
const LOOK_EVERY = 256
/** Memory of a guest never shrinks: one that has become so much larger than it usually is is replaced. */
const MAX_GROWTH = 2
const FREE_PAGES = 16

/**
 * Hands an instance its settings.
 * @returns what the binding reads of an exchange, with them
 * @throws PluginFault when it refuses them
 */
export async function configure(instance: PluginInstance, binding: Binding): Promise<PluginInstance['reader']> {
  const input = ConfigureInput.encode({
    plugin: binding.plugin,
    binding: binding.where,
    settings: Buffer.from(binding.settings)
  }).finish()
  const output = await instance.call('on_configure', input)
  const { error, input: reads } = result(output)
  if (error !== '') throw new PluginFault('refused', `refuses its settings: ${error}`)
  if (reads.length === 0) return binding
  const unknown = reads.find(name => name !== 'none' && !binding.input.some(field => field === name))
  if (unknown !== undefined)
    throw new PluginFault('output', `says it reads ${JSON.stringify(unknown)}, which its manifest does not`)
  return { grants: binding.grants, input: binding.input.filter(field => reads.includes(field)) }
}

function result(output: Uint8Array): ConfigureResult {
  try {
    return ConfigureResult.decode(Uint8Array.from(output)) // copied: the guest owns the bytes
  } catch (thrown) {
    throw new PluginFault('output', `its answer to on_configure cannot be read: ${thrown}`)
  }
}
