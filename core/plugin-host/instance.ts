import { createPlugin, type Plugin } from '@extism/extism'
import { copyTo, partOf } from '../base/bare.js'
import { HOOKS, type Hook } from '../base/hooks.js'
import type { Binding } from './binding.js'
import { clockOf } from './clock.js'
import { boundedExtism, type ExtismContext, extismLogger, MAX_BLOCKS } from './extism-functions.js'
import { PluginFault } from './fault.js'
import type { Figures } from './figures.js'
import { schemaChecker } from './functions/schema.js'
import { GuestMemory } from './guest-memory.js'
import { type GuestContext, hostFunctions, overBudget } from './host-functions.js'
import { inputAsJson, outputFromJson } from './json-messages.js'
import { metricFunctions } from './metric-functions.js'
import type { Tape } from './record/taped.js'
import { SharedStore, storeMemory } from './shared-store.js'
import { SharedTable } from './shared-table.js'

/** The three exports of the direct calling convention (policy.proto has it whole). */
interface DirectExports {
  readonly memory: GuestMemory
  readonly alloc: (length: number) => number
  readonly hooks: ReadonlyMap<Hook, (ptr: number, length: number) => number>
}

const NO_BYTES = new Uint8Array(0)
const PAGE_BYTES = 65_536
const MAX_EXTISM_VAR_BYTES = 1 << 20

/** What an instance shares with the other threads. */
export interface Surroundings {
  /** Memory of the counters and buckets. */
  readonly shared?: SharedArrayBuffer | undefined
  /** Where its metrics are counted; left out, nobody asks for them. */
  readonly figures?: Figures | undefined
  /** Memory of its keys and values. */
  readonly kept?: SharedArrayBuffer | undefined
  /** Whether its host calls may be recorded, or answered by a recording. */
  readonly mayTape?: boolean
}

/** One instance of a plugin for one binding, on one thread: the only importer of Extism. One call at a time. */
export class PluginInstance {
  /** What its inputs hold. */
  reader: Pick<Binding, 'grants' | 'input'>
  private readonly allowance: Allowance

  private constructor(
    private readonly binding: Binding,
    private readonly plugin: Plugin,
    private readonly guest: ExtismContext,
    private readonly direct: DirectExports | undefined
  ) {
    this.reader = binding
    this.allowance = allowance(binding)
  }

  /**
   * Instantiates `module` and runs its initialisation. on_configure is the caller's to call.
   * @param around - what it shares with others; left out, it shares nothing with anybody
   * @throws PluginFault
   */
  static async create(
    binding: Binding,
    module: WebAssembly.Module,
    log: GuestContext['log'],
    { shared, figures, kept, mayTape = false }: Surroundings = {}
  ): Promise<PluginInstance> {
    const clock = clockOf(binding.script)
    const guest: ExtismContext = {
      memory: undefined,
      tape: undefined,
      mayTape,
      ...allowance(binding),
      outputBytes: binding.limits.outputBytes,
      output: undefined,
      varNames: new Set(),
      mayLog: binding.grants.log && binding.limits.logLines > 0,
      mayCount: binding.grants.counters,
      shared: new SharedTable(shared, binding.namespace, clock),
      clock,
      log,
      onDropped: () => figures?.dropped(binding.index),
      metrics: metricFunctions(binding, figures),
      store: binding.grants.kv ? new SharedStore(kept ?? storeMemory(binding.limits.kvBytes), clock.now) : undefined,
      body: NO_BYTES,
      document: undefined,
      configures: false
    }
    const config: Record<string, string> = Object.create(null) // config_get uses `in`: keep Object's members out
    config.settings = binding.settings
    try {
      const checker = await schemaChecker(module)
      const plugin = await createPlugin(
        { wasm: [{ module }] },
        {
          useWasi: false,
          config,
          logger: extismLogger(guest),
          logLevel: 'trace',
          memory: { maxVarBytes: MAX_EXTISM_VAR_BYTES },
          functions: { sluice: hostFunctions(guest, checker), 'extism:host/env': boundedExtism(guest, config) }
        }
      )
      const exports = (await plugin.getInstance()).exports
      if (exports.memory instanceof WebAssembly.Memory) guest.memory = new GuestMemory(exports.memory)
      const direct = binding.abi === 'direct' ? directExports(exports, guest.memory) : undefined
      return new PluginInstance(binding, plugin, guest, direct)
    } catch (thrown) {
      throw fault(thrown)
    }
  }

  /** Pages of 64 KiB its memory has. */
  get memoryPages(): number {
    return this.guest.memory?.pages ?? 0
  }

  /** Hears of its host calls, or answers them, until it is taken away. */
  set tape(tape: Tape | undefined) {
    this.guest.tape = tape
  }

  /** Counts a host call that a tape answers. @throws PluginFault when it is one too many */
  spendHostCall(): void {
    if (this.guest.callsLeft-- <= 0) throw overBudget()
  }

  /**
   * Calls a hook. The result is valid until the next call on this instance; empty when the plugin answered nothing.
   * @param body - appended to `input` as an encoded field, so that a large body is copied once
   * @throws PluginFault; the instance must then be thrown away
   */
  call(hook: Hook, input: Uint8Array, body: Uint8Array = NO_BYTES): Uint8Array | Promise<Uint8Array> {
    const { guest, allowance } = this
    guest.body = body
    guest.document = undefined
    guest.configures = hook === 'on_configure'
    guest.callsLeft = allowance.callsLeft
    guest.linesLeft = allowance.linesLeft
    guest.logBytesLeft = allowance.logBytesLeft
    guest.blocksLeft = allowance.blocksLeft
    guest.blockBytesLeft = allowance.blockBytesLeft
    if (this.direct === undefined) return this.callExtism(hook, input, body)
    try {
      return this.callDirect(this.direct, hook, input, body)
    } catch (thrown) {
      throw fault(thrown)
    }
  }

  private callDirect(direct: DirectExports, hook: Hook, input: Uint8Array, body: Uint8Array): Uint8Array {
    const run = direct.hooks.get(hook)
    if (run === undefined) throw new PluginFault('output', `does not export ${hook}`)
    const size = input.length + body.length
    const ptr = direct.alloc(size) >>> 0
    const memory = direct.memory.bytes
    if (ptr === 0 || ptr + size > memory.length) throw new PluginFault('output', `sluice_alloc(${size}) gave ${ptr}`)
    copyTo(memory, input, ptr)
    if (body.length > 0) copyTo(memory, body, ptr + input.length)
    const out = run(ptr, size) >>> 0
    this.checkBudget()
    return out === 0 ? NO_BYTES : this.output(direct.memory, out)
  }

  /** The length-prefixed bytes at `out`, as they are now: the guest may have grown its memory. */
  private output(memory: GuestMemory, out: number): Uint8Array {
    const { bytes } = memory
    if (out + 4 > bytes.length) throw new PluginFault('output', `its verdict lies outside its memory`)
    const length = memory.word(out)
    this.checkSize(length)
    if (out + 4 + length > bytes.length) throw new PluginFault('output', `its verdict ends outside its memory`)
    return partOf(bytes, out + 4, out + 4 + length)
  }

  private async callExtism(hook: Hook, input: Uint8Array, body: Uint8Array): Promise<Uint8Array> {
    const whole = new Uint8Array(input.length + body.length)
    whole.set(input)
    whole.set(body, input.length)
    const json = this.binding.messages === 'json'
    try {
      this.guest.output = undefined
      await this.plugin.call(hook, json ? inputAsJson(hook, whole) : whole)
      this.checkBudget()
      const output = extismOutput(this.guest)
      return json ? outputFromJson(hook, output) : output
    } catch (thrown) {
      throw fault(thrown)
    }
  }

  /** A guest with exception handling can catch what a host function throws, and go on. */
  private checkBudget(): void {
    if (this.guest.callsLeft < 0) throw overBudget()
  }

  private checkSize(length: number): void {
    const { outputBytes } = this.binding.limits
    if (length > outputBytes) {
      throw new PluginFault('budget', `its verdict has ${length} bytes; the limit is ${outputBytes}`)
    }
  }
}

type Exports = WebAssembly.Exports

function directExports(exports: Exports, memory: GuestMemory | undefined): DirectExports {
  const { sluice_alloc: alloc } = exports
  if (memory === undefined || typeof alloc !== 'function') {
    throw new PluginFault('output', 'does not export memory and sluice_alloc')
  }
  const hooks = new Map<Hook, (ptr: number, length: number) => number>()
  for (const hook of HOOKS) {
    const run = exports[hook]
    if (typeof run === 'function') hooks.set(hook, (ptr, length) => run(ptr, length))
  }
  return { memory, alloc: length => alloc(length), hooks }
}

function extismOutput({ output }: ExtismContext): Uint8Array {
  return output === undefined ? NO_BYTES : output()
}

type Allowance = Pick<ExtismContext, 'callsLeft' | 'linesLeft' | 'logBytesLeft' | 'blocksLeft' | 'blockBytesLeft'>

/** What one hook call may use. */
function allowance({ limits }: Binding): Allowance {
  return {
    callsLeft: limits.hostCalls,
    linesLeft: limits.logLines,
    logBytesLeft: limits.logBytes,
    blocksLeft: MAX_BLOCKS,
    blockBytesLeft: limits.memoryPages * PAGE_BYTES
  }
}

function fault(thrown: unknown): PluginFault {
  if (thrown instanceof PluginFault) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new PluginFault('trap', message)
}
