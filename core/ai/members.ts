import { GatewayError } from '../base/errors.js'
import { Refusal } from '../base/refusal.js'

/** A JSON object as it was parsed. */
export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Makes the error for a member that is not what it should be. */
export type Complain = (path: string, expected: string, found: unknown) => Error

/** For what clients send: 400, with the member in the problem document and in the dialect's `param`. */
export const badRequest: Complain = (path, expected, found) => {
  const message = `${path}: expected ${expected}, found ${shown(found)}`
  return new Refusal('GW_AI_REQUEST_INVALID', message, [], { param: path, detail: message })
}

/** For what providers send. */
export const badResponse: Complain = (path, expected, found) =>
  new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `${path}: expected ${expected}, found ${shown(found)}`)

/**
 * Reads the members of a JSON object one by one and remembers which: `rest()` has those nobody asked for, so that none is lost silently.
 * `null` counts as absent, as it does in every provider's API.
 */
export class Members {
  private readonly read = new Set<string>()

  /** @param path - where the object is, "messages[0]"; empty: the body itself */
  constructor(
    readonly object: JsonObject,
    readonly path: string,
    private readonly complain: Complain
  ) {}

  /** @throws what `complain` makes when the value is no object */
  static of(value: unknown, path: string, complain: Complain): Members {
    if (!isObject(value)) throw complain(path === '' ? 'body' : path, 'an object', value)
    return new Members(value, path, complain)
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`
  }

  /** Any value; undefined when it is absent or null. */
  any(name: string): unknown {
    this.read.add(name)
    const value = Object.hasOwn(this.object, name) ? this.object[name] : undefined
    return value === null ? undefined : value
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.fail(name, 'a string', undefined)
  }

  optionalText(name: string): string | undefined {
    const value = this.any(name)
    return value === undefined || typeof value === 'string' ? value : this.fail(name, 'a string', value)
  }

  number(name: string): number | undefined {
    const value = this.any(name)
    return value === undefined || typeof value === 'number' ? value : this.fail(name, 'a number', value)
  }

  /** A number that is whole and at least 0. */
  count(name: string): number | undefined {
    const value = this.number(name)
    return value === undefined || (Number.isSafeInteger(value) && value >= 0)
      ? value
      : this.fail(name, 'a whole number, at least 0', value)
  }

  flag(name: string): boolean | undefined {
    const value = this.any(name)
    return value === undefined || typeof value === 'boolean' ? value : this.fail(name, 'true or false', value)
  }

  record(name: string): JsonObject | undefined {
    const value = this.any(name)
    return value === undefined || isObject(value) ? value : this.fail(name, 'an object', value)
  }

  /** The members of an object within; undefined when there is none. */
  within(name: string): Members | undefined {
    const value = this.record(name)
    return value && new Members(value, this.at(name), this.complain)
  }

  list(name: string): unknown[] | undefined {
    const value = this.any(name)
    return value === undefined || Array.isArray(value) ? value : this.fail(name, 'a list', value)
  }

  /** The objects of a list; empty when there is none. */
  objects(name: string): Members[] {
    return (this.list(name) ?? []).map((value, i) => Members.of(value, `${this.at(name)}[${i}]`, this.complain))
  }

  /** The strings of a list, or the one string that stands for it. */
  texts(name: string): string[] | undefined {
    const value = this.any(name)
    if (value === undefined) return undefined
    if (typeof value === 'string') return [value]
    if (Array.isArray(value) && value.every(each => typeof each === 'string')) return value
    return this.fail(name, 'a string or a list of strings', value)
  }

  /** Says that these were read, or need not be. */
  ignore(...names: string[]): void {
    for (const name of names) this.read.add(name)
  }

  /** What nobody asked for, null left out. */
  rest(): Map<string, unknown> {
    const found = new Map<string, unknown>()
    for (const [name, value] of Object.entries(this.object)) {
      if (value !== null && value !== undefined && !this.read.has(name)) found.set(name, value)
    }
    return found
  }

  fail(name: string, expected: string, found: unknown): never {
    throw this.complain(this.at(name), expected, found)
  }
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
