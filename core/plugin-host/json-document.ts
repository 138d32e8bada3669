import { Buffer } from 'node:buffer'
import { nestsWithin } from './json-depth.js'
import { withMarks, withoutMarks } from './json-numbers.js'

const MAX_DOCUMENT_BYTES = 4 << 20
export const MAX_DEPTH = 256
const BOM = Buffer.from('\ufeff')

/**
 * A JSON value that is read and changed at JSON pointers (RFC 6901). Names such as "__proto__" are names like any other; numbers keep
 * their value, also those that no double holds.
 */
export class JsonDocument {
  private constructor(private root: unknown) {}

  /** undefined when the bytes are no JSON, or too large or too deep. */
  static parse(bytes: Buffer): JsonDocument | undefined {
    if (bytes.length > MAX_DOCUMENT_BYTES) return undefined
    const value = parseJson(bytes, withMarks)
    return value === undefined ? undefined : new JsonDocument(value)
  }

  /** The JSON text at a pointer; undefined when there is nothing. */
  get(pointer: string): string | undefined {
    const steps = stepsOf(pointer)
    const value = steps === undefined ? undefined : steps.reduce(child, this.root)
    return value === undefined ? undefined : withoutMarks(JSON.stringify(value))
  }

  /**
   * Puts a value there, in place of what is there or anew ("-" behind an array's end).
   * @returns false when there is nothing to put it into, or the text is no JSON
   */
  set(pointer: string, json: Buffer): boolean {
    const value = parseJson(json, withMarks)
    const steps = stepsOf(pointer)
    if (value === undefined || steps === undefined || steps.length > MAX_DEPTH) return false
    const last = steps.at(-1)
    if (last === undefined) {
      this.root = value
      return true
    }
    const parent = steps.slice(0, -1).reduce(child, this.root)
    if (Array.isArray(parent)) {
      const index = last === '-' ? parent.length : indexOf(last)
      if (index === undefined || index > parent.length) return false
      parent[index] = value
      return true
    }
    if (!isObject(parent)) return false
    Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true })
    return true
  }

  /** @returns whether there was something */
  remove(pointer: string): boolean {
    const steps = stepsOf(pointer)
    const last = steps?.at(-1)
    if (steps === undefined || last === undefined) return false
    const parent = steps.slice(0, -1).reduce(child, this.root)
    if (child(parent, last) === undefined) return false
    if (Array.isArray(parent)) parent.splice(Number(last), 1)
    else if (isObject(parent)) Reflect.deleteProperty(parent, last)
    return true
  }

  /** The whole as JSON text. */
  toString(): string {
    return withoutMarks(JSON.stringify(this.root))
  }
}

/**
 * undefined when it is no JSON, or too deep for what walks through it. A byte order mark is passed over (RFC 8259 section 8.1).
 * @param prepare - what is done to the text before
 */
export function parseJson(bytes: Buffer, prepare = (json: string): string => json): unknown {
  const json = bytes.subarray(0, BOM.length).equals(BOM) ? bytes.subarray(BOM.length) : bytes
  if (!nestsWithin(json, MAX_DEPTH)) return undefined
  try {
    return JSON.parse(prepare(json.toString('utf8')))
  } catch {
    return undefined
  }
}

function stepsOf(pointer: string): string[] | undefined {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined
  const steps = pointer.slice(1).split('/')
  return steps.map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function child(parent: unknown, step: string): unknown {
  if (Array.isArray(parent)) {
    const index = indexOf(step)
    return index === undefined ? undefined : parent[index]
  }
  return isObject(parent) && Object.hasOwn(parent, step) ? Reflect.get(parent, step) : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function indexOf(step: string): number | undefined {
  return /^(?:0|[1-9][0-9]{0,8})$/.test(step) ? Number(step) : undefined
}
