import { Buffer } from 'node:buffer'
import { decodeFault, type PluginFault } from '../fault.js'
import type { HostCall } from './format.js'
import { Secrets } from './secrets.js'
import { signature } from './tape.js'
import type { Tape, TapeCall } from './taped.js'

/** A plugin that does something else altogether is not listed call by call. */
const MAX_NOTES = 20
const PRINTABLE = /^[\x20-\x7e]*$/

/**
 * Gives back what was written down, as long as the plugin asks for it. What it asks for anew is done now; what it leaves out is passed
 * over. Both are noted.
 */
export class ReplayTape implements Tape {
  private readonly noted: string[] = []
  private next = 0

  constructor(
    private readonly calls: readonly HostCall[],
    /** Counts a call that is answered from the tape. @throws PluginFault when it is one too many */
    private readonly spend: () => void,
    /** What is noted does not have these. */
    private readonly secrets = new Secrets([])
  ) {}

  play(call: TapeCall): number | undefined {
    const asked = signature(call)
    const found = this.calls.findIndex((each, index) => index >= this.next && sameCall(each, asked))
    const recorded = this.calls[found]
    if (recorded === undefined) {
      const expected = this.calls[this.next]
      this.note(`asks for ${this.inWords(asked)}; recorded was ${expected ? this.inWords(expected) : 'nothing more'}`)
      return call.run()
    }
    for (const passed of this.calls.slice(this.next, found)) this.note(`does not ask for ${this.inWords(passed)}`)
    this.next = found + 1
    if (recorded.fault !== undefined) throw faultOf(recorded.fault)
    this.spend()
    if (recorded.out !== undefined && call.how.writes !== undefined) write(call, recorded)
    return recorded.result === undefined ? undefined : Number(recorded.result)
  }

  /** How the plugin's host calls differ from those that were recorded. */
  notes(): readonly string[] {
    const left = this.calls.slice(this.next).map(each => `does not ask for ${this.inWords(each)}`)
    const all = [...this.noted, ...left]
    const more = all.length - MAX_NOTES
    return more > 0 ? [...all.slice(0, MAX_NOTES), `and ${more} more host calls differ`] : all
  }

  private note(text: string): void {
    this.noted.push(text)
  }

  /** "bucket_take(client:7, 1, 5, 1)": keys as text where they are text. */
  private inWords({ name, reads = [], numbers = [] }: HostCall): string {
    const texts = reads.map(each => {
      const shown = this.secrets.show(Buffer.from(each, 'base64'), text => (PRINTABLE.test(text) ? text : undefined))
      return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown
    })
    return `${name}(${[...texts, ...numbers].join(', ')})`
  }
}

function sameCall(a: HostCall, b: HostCall): boolean {
  return a.name === b.name && same(a.reads, b.reads) && same(a.numbers, b.numbers)
}

function same(a: readonly unknown[] = [], b: readonly unknown[] = []): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index])
}

/** @throws PluginFault as the function itself does when there is no such place */
function write(call: TapeCall, { out = '', result }: HostCall): void {
  const bytes = Buffer.from(out, 'base64')
  const [pointer = 0, length = 0] = call.how.writes?.(call.args, Number(result ?? 0)) ?? []
  const memory = call.memory?.bytes
  const from = pointer >>> 0
  if (memory === undefined || from + length > memory.length) {
    call.run()
    return
  }
  memory.set(bytes.subarray(0, length), from)
}

function faultOf(text: string): PluginFault {
  return decodeFault(Buffer.from(text))
}
