import { createHash, randomFillSync } from 'node:crypto'
import { RE2JS } from 're2js'
import { PluginFault } from './fault.js'

/** What a plugin's host functions share: its memory, its budget, and where its log lines go. */
export interface GuestContext {
  memory: WebAssembly.Memory | undefined
  /** Host calls left in this hook call. */
  callsLeft: number
  /** Blocks an Extism guest may still allocate in this hook call: past 65,536 their addresses would overlap. */
  blocksLeft: number
  readonly mayLog: boolean
  readonly log: (level: number, message: string) => void
}

const MAX_LOG_BYTES = 2_048
const MAX_PATTERN_BYTES = 4_096
const MAX_PATTERNS = 256

type HostFunction = (call: unknown, ...args: number[]) => number | undefined

/**
 * The functions of module "sluice" for one instance (their table is imports.ts). Every pointer comes from the guest:
 * each is checked against the memory as it is now, and bytes are copied before they are used. Throwing a PluginFault
 * ends the guest's call.
 */
export function hostFunctions(guest: GuestContext): Record<string, HostFunction> {
  const patterns: RE2JS[] = []

  const at = (ptr: number, length: number): Buffer => {
    const { memory } = guest
    if (memory === undefined) throw new PluginFault('trap', 'called the host before it was initialised')
    const from = ptr >>> 0
    const size = length >>> 0
    if (from + size > memory.buffer.byteLength) {
      throw new PluginFault('trap', `handed the host ${size} bytes at ${from}, outside its memory`)
    }
    return Buffer.from(memory.buffer, from, size)
  }

  const counted = (run: (...args: number[]) => number | undefined): HostFunction => {
    return (_call, ...args) => {
      if (guest.callsLeft-- <= 0) throw new PluginFault('budget', 'made more host calls than its limit')
      return run(...args)
    }
  }

  return {
    log: counted((level = 1, ptr = 0, length = 0) => {
      const text = at(ptr, Math.min(length >>> 0, MAX_LOG_BYTES)).toString('utf8')
      if (guest.mayLog) guest.log(level, text)
      return undefined
    }),
    now: counted(() => Date.now()),
    random: counted((ptr = 0, length = 0) => {
      randomFillSync(at(ptr, length))
      return undefined
    }),
    sha256: counted((ptr = 0, length = 0, out = 0) => {
      const digest = createHash('sha256').update(at(ptr, length)).digest()
      digest.copy(at(out, 32))
      return undefined
    }),
    regex_compile: counted((ptr = 0, length = 0) => {
      if (length >>> 0 > MAX_PATTERN_BYTES || patterns.length >= MAX_PATTERNS) return -1
      try {
        return patterns.push(RE2JS.compile(at(ptr, length).toString('utf8')))
      } catch (thrown) {
        if (thrown instanceof PluginFault) throw thrown
        return -1
      }
    }),
    regex_find_all: counted((handle = 0, ptr = 0, length = 0, out = 0, maxPairs = 0) => {
      const pattern = patterns[handle - 1]
      if (pattern === undefined) return -1
      const pairs = maxPairs >>> 0
      at(out, pairs * 8)
      const text = Uint8Array.from(at(ptr, length))
      return writeMatches(pattern, text, at(out, pairs * 8), pairs)
    })
  }
}

/** Writes start and end of each match, little-endian u32 byte offsets; returns how many. Linear time (RE2). */
function writeMatches(pattern: RE2JS, text: Uint8Array, out: Buffer, maxPairs: number): number {
  const matcher = pattern.matcher(text)
  let count = 0
  while (count < maxPairs && matcher.find()) {
    out.writeUInt32LE(matcher.start(), count * 8)
    out.writeUInt32LE(matcher.end(), count * 8 + 4)
    count++
  }
  return count
}
