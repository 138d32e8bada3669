import { PluginFault } from './fault.js'
import { type GuestContext, overBudget, writeLog } from './host-functions.js'

/** What a plain Extism plugin may use of the host's memory in one call, and what it answered. */
export interface ExtismContext extends GuestContext {
  /** Blocks it may still make: past 65,536 in one call their addresses would overlap. */
  blocksLeft: number
  /** Bytes those may hold together. */
  blockBytesLeft: number
  readonly outputBytes: number
  /** Reads what output_set named last, as it is then: a plugin may go on writing there. */
  output: (() => Uint8Array) | undefined
  readonly varNames: Set<string>
}

/** As much of Extism's CallContext as is used here. A block is addressed by its index << 48 | offset. */
interface CallContext {
  alloc(size: bigint): bigint
  store(bytes: Uint8Array): bigint
  read(address: bigint): { bytes(): Uint8Array; string(): string } | null
  getVariable(name: string): { bytes(): Uint8Array } | null
  setVariable(name: string, value: Uint8Array): void
  deleteVariable(name: string): void
}

/** Extism keeps each guest allocation as an object of the host: without a cap one call could fill its heap. */
export const MAX_BLOCKS = 4_096
const MAX_VAR_NAMES = 256
const MAX_NAME_BYTES = 1_024

type ExtismFunction = (call: CallContext, ...args: bigint[]) => bigint | undefined

/**
 * Extism's own functions where what they do must be bounded: everything that makes blocks, keeps variables or hands
 * over the output. The others only read and write blocks that are there.
 */
export function boundedExtism(
  guest: ExtismContext,
  config: Readonly<Record<string, string>>
): Record<string, ExtismFunction> {
  const counted = (run: ExtismFunction): ExtismFunction => {
    return (call, ...args) => {
      if (guest.callsLeft-- <= 0) throw overBudget()
      return run(call, ...args)
    }
  }
  const store = (call: CallContext, bytes: Uint8Array): bigint => {
    spend(guest, bytes.length)
    return call.store(bytes)
  }
  return {
    alloc: (call, size = 0n) => {
      spend(guest, size)
      return call.alloc(size)
    },
    config_get: counted((call, name = 0n) => {
      const key = nameAt(call, name)
      return key !== undefined && Object.hasOwn(config, key) ? store(call, Buffer.from(config[key] ?? '')) : 0n
    }),
    var_get: counted((call, name = 0n) => {
      const key = nameAt(call, name)
      const value = key === undefined ? null : call.getVariable(key)
      return value === null ? 0n : store(call, value.bytes())
    }),
    var_set: counted((call, name = 0n, value = 0n) => {
      const key = nameAt(call, name)
      if (key === undefined) throw new PluginFault('trap', 'names a variable by a block that is not there')
      setVariable(guest, call, key, value)
      return undefined
    }),
    output_set: counted((call, address = 0n, length = 0n) => {
      guest.output = () => outputAt(guest, call, address, length)
      return undefined
    })
  }
}

/** Extism's logger: where the lines of log_debug and its siblings go. */
export function extismLogger(guest: GuestContext): Console {
  const at = (level: number) => (message: unknown) => writeLog(guest, level, String(message))
  return { ...console, trace: at(0), debug: at(0), info: at(1), log: at(1), warn: at(2), error: at(3) }
}

function spend(guest: ExtismContext, size: bigint | number): void {
  if (guest.blocksLeft-- <= 0) throw new PluginFault('budget', `allocated more than ${MAX_BLOCKS} blocks`)
  if (size < 0 || size > guest.blockBytesLeft) {
    throw new PluginFault('budget', `asked for a block of ${size} bytes; ${guest.blockBytesLeft} are left of its limit`)
  }
  guest.blockBytesLeft -= Number(size)
}

function nameAt(call: CallContext, address: bigint): string | undefined {
  const bytes = call.read(address)?.bytes()
  if (bytes === undefined) return undefined
  if (bytes.length > MAX_NAME_BYTES) throw new PluginFault('budget', `a name of ${bytes.length} bytes`)
  return Buffer.from(bytes).toString('utf8')
}

/** Variables outlive the call: their size is bounded by Extism (maxVarBytes), their number here. */
function setVariable(guest: ExtismContext, call: CallContext, name: string, address: bigint): void {
  if (address === 0n) {
    call.deleteVariable(name)
    guest.varNames.delete(name)
    return
  }
  const value = call.read(address)
  if (value === null) throw new PluginFault('trap', 'sets a variable to a block that is not there')
  guest.varNames.add(name)
  if (guest.varNames.size > MAX_VAR_NAMES) throw new PluginFault('budget', `keeps more than ${MAX_VAR_NAMES} variables`)
  try {
    call.setVariable(name, value.bytes().slice()) // copied: a variable outlives its block
  } catch (thrown) {
    throw new PluginFault('budget', thrown instanceof Error ? thrown.message : String(thrown))
  }
}

/** Extism's JavaScript host takes the whole block for the output, wherever in it the plugin says it is. */
function outputAt(guest: ExtismContext, call: CallContext, address: bigint, length: bigint): Uint8Array {
  const block = call.read(address)?.bytes()
  const offset = address & 0xffff_ffff_ffffn
  if (block === undefined || length < 0n || offset + length > BigInt(block.length)) {
    throw new PluginFault('output', 'its output lies outside its blocks')
  }
  if (length > BigInt(guest.outputBytes)) {
    throw new PluginFault('budget', `its verdict has ${length} bytes; the limit is ${guest.outputBytes}`)
  }
  return block.slice(Number(offset), Number(offset + length))
}
