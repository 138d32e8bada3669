import { Buffer } from 'node:buffer'
import type { Hook, PhaseHook } from '../../base/hooks.js'
import { ENTRY, type Entry } from '../arena.js'
import type { Binding } from '../binding.js'
import { encodeFault, type PluginFault } from '../fault.js'
import type { PluginInstance } from '../instance.js'
import type { History } from '../instance-cache.js'
import type { RecordedCall } from './format.js'
import type { RecordMode } from './mode.js'
import { RecordingTape } from './tape.js'

/** What one call may have of input and output together to be recorded. */
const MAX_CALL_BYTES = 8 << 20

const NO_BODY = new Uint8Array(0)

interface Traced {
  readonly binding: number
  readonly hook: Hook
  input: Uint8Array
  body: Uint8Array
  output: Uint8Array | undefined
  fault: PluginFault | undefined
  tape: RecordingTape | undefined
  /** How many entries the chain had when the hook began. */
  from: number
  history: History
  log: string[]
}

/** Writes down one chain of calls, on the plugins' thread. Nothing is copied before the chain is done. */
export class ChainTrace {
  private readonly calls: Traced[] = []

  constructor(
    private readonly mode: RecordMode,
    private readonly phase: PhaseHook,
    private readonly entries: Entry<Uint8Array>[]
  ) {}

  /** A step begins. @returns what hears of it */
  begin(binding: Binding, hook: Hook, input: Uint8Array): StepTrace {
    const call: Traced = {
      binding: binding.index,
      hook,
      input,
      body: NO_BODY,
      output: undefined,
      fault: undefined,
      tape: undefined,
      from: this.entries.length,
      history: { configured: [], served: 0 },
      log: []
    }
    this.calls.push(call)
    return new StepTrace(call, this.entries)
  }

  /** Puts what was traced in front of the chain's entries. */
  finish(): void {
    if (this.mode === 'faults' && this.calls.every(({ fault }) => fault === undefined)) return
    const traces = this.calls.map(call => ({
      kind: ENTRY.trace,
      binding: call.binding,
      bytes: Buffer.from(JSON.stringify(recorded(call, this.phase)))
    }))
    this.entries.unshift(...traces)
  }
}

/** One step of a chain that is traced. */
export class StepTrace {
  constructor(
    private readonly call: Traced,
    private readonly entries: readonly Entry<Uint8Array>[]
  ) {}

  /** The hook is about to be called with `input`, then `body`. */
  calls(instance: PluginInstance, history: History, input: Uint8Array, body: Uint8Array): void {
    this.call.input = input
    this.call.body = body
    this.call.from = this.entries.length
    this.call.tape = new RecordingTape()
    this.call.history = history
    instance.tape = this.call.tape
  }

  answers(output: Uint8Array): void {
    this.call.output = output
  }

  fails(fault: PluginFault): void {
    this.call.fault = fault
  }

  ends(instance: PluginInstance | undefined): void {
    if (instance !== undefined) instance.tape = undefined
    for (const { kind, bytes } of this.entries.slice(this.call.from)) {
      if (kind === ENTRY.log) this.call.log.push(Buffer.from(bytes).toString('utf8'))
    }
  }
}

function recorded(call: Traced, phase: PhaseHook): RecordedCall {
  const { binding, hook, input, body, output, fault, tape, history, log } = call
  const size = (output?.length ?? 0) + input.length + body.length
  const fits = size <= MAX_CALL_BYTES
  const missing = fits ? (tape?.cut === true ? 'later host calls: there were too many' : undefined) : tooLarge(size)
  return {
    binding,
    hook,
    phase,
    ...(fits && { input: Buffer.concat([input, body]).toString('base64') }),
    ...(fits && body.length > 0 && { bodyBytes: body.length }),
    ...(fits && output !== undefined && { output: base64(output) }),
    ...(fault !== undefined && { fault: encodeFault(fault).toString('utf8') }),
    log,
    ...(tape !== undefined && { host: tape.calls }),
    configure: [...history.configured],
    served: history.served,
    ...(missing !== undefined && { missing })
  }
}

function tooLarge(size: number): string {
  return `input and output: they have ${size} bytes; the limit is ${MAX_CALL_BYTES}`
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
