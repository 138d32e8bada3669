import { Buffer } from 'node:buffer'
import { encodeFault, PluginFault } from '../fault.js'
import type { GuestMemory } from '../guest-memory.js'
import type { HostCall } from './format.js'
import type { Tape, TapeCall } from './taped.js'

/** Beyond these a call's tape is cut: a plugin may make very many host calls. */
const MAX_CALLS = 10_000
const MAX_BYTES = 1 << 20

/** Runs the functions and writes down what they answered. */
export class RecordingTape implements Tape {
  readonly calls: HostCall[] = []
  /** Whether something is missing. */
  cut = false
  private bytes = 0

  play(call: TapeCall): number | undefined {
    const known = signature(call)
    try {
      const result = call.run()
      this.keep({ ...known, ...written(call, result) })
      return result
    } catch (thrown) {
      if (thrown instanceof PluginFault) this.keep({ ...known, fault: encodeFault(thrown).toString('utf8') })
      throw thrown
    }
  }

  private keep(call: HostCall): void {
    this.bytes += 64 + (call.out?.length ?? 0) + (call.reads ?? []).reduce((sum, each) => sum + each.length, 0)
    if (this.calls.length >= MAX_CALLS || this.bytes > MAX_BYTES) this.cut = true
    else this.calls.push(call)
  }
}

/** By what a call is known again. */
export function signature({ name, how, args, memory }: TapeCall): HostCall {
  const { reads, numbers } = how
  return {
    name,
    ...(reads && { reads: reads.map(([at, size]) => base64(memory, args[at] ?? 0, args[size] ?? 0)) }),
    ...(numbers && { numbers: numbers.map(place => asText(args[place] ?? 0)) })
  }
}

function written({ how, args, memory }: TapeCall, result: number | undefined): Pick<HostCall, 'result' | 'out'> {
  if (result === undefined && how.writes === undefined) return {}
  const place = how.writes?.(args, result ?? 0)
  return {
    ...(result !== undefined && { result: asText(result) }),
    ...(place !== undefined && place[1] > 0 && { out: base64(memory, ...place) })
  }
}

/** JSON has no word for infinity. */
function asText(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}

function base64(memory: GuestMemory | undefined, pointer: number, length: number): string {
  if (memory === undefined) return ''
  const from = pointer >>> 0
  return Buffer.from(memory.bytes.subarray(from, from + (length >>> 0))).toString('base64')
}
