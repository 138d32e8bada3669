import wabt from 'wabt'
import { GatewayError } from '../../../core/base/errors.js'

const tools = await wabt()

const FEATURES = {
  mutable_globals: true,
  multi_value: true,
  bulk_memory: true,
  reference_types: true,
  simd: true,
  sign_extension: true,
  sat_float_to_int: true,
  tail_call: true,
  exceptions: true,
  threads: true,
  memory64: true
}

/** The binary of a module in text form; `check: false` for modules that are meant to be invalid. */
export function wat(text: string, options: { check?: boolean; debugNames?: boolean } = {}): Uint8Array {
  const parsed = tools.parseWat('guest.wat', text, FEATURES)
  try {
    if (options.check !== false) parsed.validate()
    return parsed.toBinary({ write_debug_names: options.debugNames ?? false }).buffer
  } finally {
    parsed.destroy()
  }
}

/** A plugin of the direct convention with one hook; `more` is added to it. */
export function direct(more = '', imports = ''): string {
  return `(module ${imports}
    (memory (export "memory") 1)
    (func (export "sluice_abi") (result i32) i32.const 1)
    (func (export "sluice_alloc") (param i32) (result i32) i32.const 1024)
    (func (export "on_request") (param i32 i32) (result i32) i32.const 0)
    ${more})`
}

/** A plugin as Extism's PDKs make them; `more` is added to it. */
export function extism(more = '', imports = ''): string {
  return `(module ${imports}
    (memory (export "memory") 1)
    (func (export "on_request") (result i32) i32.const 0)
    ${more})`
}

/** A number as unsigned LEB128. */
export function leb(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}

/** A section of the binary format, its size in front. */
export function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length)].concat(content)
}

/** A module of hand-made sections. */
export function binary(...sections: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0].concat(...sections))
}

/** A module with functions of type () -> (), of these bodies (locals and instructions). */
export function functions(...bodies: readonly (readonly number[])[]): Uint8Array {
  const code = bodies.flatMap(body => [...leb(body.length), ...body])
  return binary(
    section(1, [1, 0x60, 0, 0]),
    section(3, [...leb(bodies.length), ...bodies.map(() => 0)]),
    section(10, [...leb(bodies.length), ...code])
  )
}

export function repeat(count: number, ...bytes: readonly number[]): number[] {
  return Array.from({ length: count * bytes.length }, (_, i) => bytes[i % bytes.length] ?? 0)
}

/** The message it refuses with; 'accepted' when it does not. Anything but GW_PLUGIN_INVALID is thrown on. */
export function refusal(check: () => unknown): string {
  try {
    check()
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.code === 'GW_PLUGIN_INVALID') return thrown.message
    throw thrown
  }
  return 'accepted'
}
