import { CAPS } from './caps.js'
import type { Signature, Size } from './info.js'
import type { Reader } from './reader.js'
import { listed } from './text.js'

const VALUE_TYPES: ReadonlyMap<number, string> = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
  [0x70, 'funcref'],
  [0x6f, 'externref']
])

const FUNCTION_TYPE = 0x60
/** 0x40 read as a signed number. */
const NO_TYPE = -0x40
const NOTHING: Signature = { text: '() -> ()', params: 0, results: 0 }
const ONE_RESULT: Signature = { text: '() -> one', params: 0, results: 1 }
const HAS_MAX = 0x01
const SHARED = 0x02
const IS_64_BIT = 0x04
const MAX_MEMORY_PAGES = 65_536

/** A value type, by its name in the text format. */
export function valueType(reader: Reader, of: string): string {
  const at = reader.at
  const byte = reader.byte(of)
  const type = VALUE_TYPES.get(byte)
  if (type === undefined) throw reader.errorHere(`${of} is 0x${byte.toString(16)}, not a known value type`, at)
  return type
}

export function referenceType(reader: Reader, of: string): void {
  const at = reader.at
  const type = valueType(reader, of)
  if (type !== 'funcref' && type !== 'externref') throw reader.errorHere(`${of} is ${type}, not a reference type`, at)
}

/** The type of a block: none, one result, or that of a function. */
export function blockType(reader: Reader, types: readonly Signature[]): Signature {
  const at = reader.at
  const code = reader.s33('a block type')
  if (code === NO_TYPE) return NOTHING
  if (VALUE_TYPES.has(code + 0x80)) return ONE_RESULT
  const type = types[code]
  if (type === undefined) throw reader.errorHere('has a block of a type that does not exist', at)
  return type
}

export function functionType(reader: Reader): Signature {
  const at = reader.at
  const form = reader.byte('a type')
  if (form !== FUNCTION_TYPE) {
    throw reader.errorHere(
      `has a type of form 0x${form.toString(16)}; only function types are supported (build without garbage collection)`,
      at
    )
  }
  const params = valueTypes(reader, 'parameters', CAPS.params)
  const results = valueTypes(reader, 'results', CAPS.results)
  return { text: signatureText(params, results), params: params.length, results: results.length }
}

/** "(i32, i32) -> i32", "() -> ()". */
export function signatureText(params: readonly string[], results: readonly string[]): string {
  const [only, ...others] = results
  const result = only !== undefined && others.length === 0 ? only : `(${results.join(', ')})`
  return `(${params.join(', ')}) -> ${result}`
}

/** The size of a memory. Shared and 64-bit ones are refused here: they cannot be clamped. */
export function memorySize(reader: Reader): Size {
  const size = limits(reader, 'memory')
  const { min, max } = size
  if (Math.max(min, max ?? 0) > MAX_MEMORY_PAGES) {
    throw reader.error(`has a memory of ${Math.max(min, max ?? 0)} pages; there are no more than ${MAX_MEMORY_PAGES}`)
  }
  return size
}

/** The type and size of a table. */
export function tableSize(reader: Reader): Size {
  referenceType(reader, 'the element type of a table')
  return limits(reader, 'table')
}

function valueTypes(reader: Reader, of: string, cap: number): string[] {
  const count = reader.count(`${of} of one function type`, cap)
  const types: string[] = []
  for (let i = 0; i < count; i++) types.push(valueType(reader, `the type of one of the ${of}`))
  return types
}

function limits(reader: Reader, of: string): Size {
  const at = reader.at
  const flags = reader.byte(`the limits of a ${of}`)
  if (flags > HAS_MAX) throw reader.errorHere(`has a ${of} that is ${oddities(flags)}; plugins cannot have that`, at)
  const min = reader.u32(`the minimum of a ${of}`)
  const max = flags === HAS_MAX ? reader.u32(`the maximum of a ${of}`) : undefined
  if (max !== undefined && max < min)
    throw reader.errorHere(`has a ${of} whose maximum ${max} is below its minimum ${min}`, at)
  return { min, max }
}

function oddities(flags: number): string {
  const known = [flags & SHARED ? 'shared' : '', flags & IS_64_BIT ? '64-bit' : ''].filter(word => word !== '')
  return flags > (HAS_MAX | SHARED | IS_64_BIT)
    ? `of an unknown form (0x${flags.toString(16)})`
    : listed(known, ' and ')
}
