import { GatewayError } from '../../base/errors.js'
import type { ModuleInfo } from './info.js'
import { inspectModule } from './inspect.js'
import { quoted } from './text.js'

const MEMORY_SECTION = 5
const ONE_MEMORY_WITH_MAX = [1, 1] as const

/**
 * A copy of the module whose memory cannot grow past `maxPages` (of 64 KiB): memory.grow answers -1 there. Extism's own
 * memory limit does not reach the guest's memory, so the limit is written into the module. All other bytes stay.
 * @throws GatewayError GW_PLUGIN_INVALID when it starts with more than that
 */
export function clampMemory(
  bytes: Uint8Array,
  maxPages: number,
  info: ModuleInfo = inspectModule(bytes, 'module')
): Uint8Array {
  const memory = info.memories[0]
  const section = info.memorySection
  if (memory === undefined || section === undefined) throw refusal(info, 'has no memory of its own')
  if (memory.min > maxPages) {
    throw refusal(
      info,
      `asks for ${pages(memory.min)} of memory at start, its limit is ${pages(maxPages)} (${quoted('limits.memoryPages')} in its manifest, or the operator's cap)`
    )
  }
  const max = Math.min(memory.max ?? maxPages, maxPages)
  const content = [...ONE_MEMORY_WITH_MAX, ...leb128(memory.min), ...leb128(max)]
  const rewritten = [MEMORY_SECTION, ...leb128(content.length), ...content]
  const clamped = new Uint8Array(bytes.length - (section.end - section.start) + rewritten.length)
  clamped.set(bytes.subarray(0, section.start))
  clamped.set(rewritten, section.start)
  clamped.set(bytes.subarray(section.end), section.start + rewritten.length)
  return clamped
}

function leb128(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
  return bytes
}

function pages(count: number): string {
  return `${count} pages (${count * 64} KiB)`
}

function refusal(info: ModuleInfo, problem: string): GatewayError {
  return new GatewayError('GW_PLUGIN_INVALID', `${info.what}: ${problem}`)
}
