import { type Effect, EffectInput, TickInput } from '../plugin-host/abi.js'
import { ENTRY, type Entry } from '../plugin-host/arena.js'
import type { Binding } from '../plugin-host/binding.js'
import { decodeVerdict } from '../plugin-host/edit-reader.js'
import { decodeFault, type PluginFault } from '../plugin-host/fault.js'
import { MAX_ROUNDS } from './effects.js'
import { askedTooOften, beginDetached } from './phase.js'
import type { PolicyHost } from './snapshot.js'
import { nowFor } from './view.js'

/** The longest a plugin whose ticks fail is left alone, milliseconds. */
const MAX_REST_MS = 60_000

/**
 * Calls on_tick of every binding that has it, each by its own clock, never twice at a time: a tick that is not over when the next is
 * due takes its place. One that fails is left alone for a while, twice as long each time: a loop costs a thread, at every tick.
 * @returns what stops them
 */
export function startTicks(bindings: readonly Binding[], host: PolicyHost): () => void {
  const timers = bindings.flatMap(binding => {
    if (!binding.hooks.includes('on_tick')) return []
    const ticker = new Ticker(binding, host)
    const timer = setInterval(() => void ticker.tick(), binding.tickMs)
    timer.unref()
    return [timer]
  })
  return () => timers.forEach(clearInterval)
}

/** Calls on_tick of one binding, and does what it asks for. */
export class Ticker {
  private ticks = 0
  private state: Uint8Array | undefined
  private running = false
  /** Failures since the last tick that went well. */
  private failures = 0
  /** Ticks still to leave out. */
  private rest = 0

  constructor(
    private readonly binding: Binding,
    private readonly host: PolicyHost
  ) {}

  /** Never rejects. */
  async tick(): Promise<void> {
    if (this.running || this.rest-- > 0) return
    this.rest = 0
    this.running = true
    const before = this.failures
    try {
      await this.run()
      if (this.failures === before) this.failures = 0
      else this.rest = Math.min(2 ** this.failures, Math.ceil(MAX_REST_MS / this.binding.tickMs)) - 1
    } catch {
      // the pool is closing, or overloaded: there is a next tick
    } finally {
      this.running = false
    }
  }

  private async run(): Promise<void> {
    let asked = await this.call(TickInput.encode({ context: this.context(), tick: this.ticks++ }).finish(), false)
    for (let round = 0; asked.length > 0 && round < MAX_ROUNDS; round++) {
      const answers = await this.host.effects.perform(asked, this.binding, undefined)
      const input = EffectInput.encode({ context: this.context(), hook: 'on_tick', answers })
      asked = await this.call(input.finish(), true)
    }
    if (asked.length > 0) this.failed(askedTooOften())
  }

  private context() {
    return { nowMs: nowFor(this.binding), state: this.state }
  }

  /** @returns the effects whose answers it waits for */
  private async call(input: Uint8Array, effect: boolean): Promise<readonly Effect[]> {
    const step = { binding: this.binding.index, input, ...(effect && { effect }) }
    const entries = await this.host.plugins.run({ hook: 'on_tick', steps: [step], body: NO_BODY })
    return entries.flatMap(entry => this.take(entry))
  }

  private take({ kind, bytes }: Entry): readonly Effect[] {
    if (kind === ENTRY.log) this.host.log.plugin(this.binding, NO_EXCHANGE, bytes)
    else if (kind === ENTRY.fault) this.failed(decodeFault(bytes))
    else {
      const verdict = decodeVerdict(bytes)
      if (verdict.state !== null) this.state = Uint8Array.from(verdict.state)
      return beginDetached(verdict.effects, { binding: this.binding }, undefined, this.host)
    }
    return []
  }

  private failed(fault: PluginFault): void {
    this.failures++
    this.host.log.fault(this.binding, NO_EXCHANGE, fault)
  }
}

const NO_BODY = new Uint8Array(0)
const NO_EXCHANGE = { id: 'tick' }
