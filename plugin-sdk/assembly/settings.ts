import { Json } from './json'

/** The settings of a binding. A value that is absent or of another type gives the fallback. */
@final
export class Settings {
  constructor(readonly json: Json) {}

  /** null when `bytes` are not a JSON object; no bytes at all are the empty object. */
  static parse(bytes: Uint8Array): Settings | null {
    const json = bytes.length == 0 ? Json.object() : Json.parseBytes(bytes, i32.MAX_VALUE)
    return json !== null && json.isObject ? new Settings(json) : null
  }

  /** Whether there is a setting of this name, null included. */
  has(name: string): bool {
    return this.json.has(name)
  }

  /** A text. */
  string(name: string, fallback: string = ''): string {
    return this.json.get(name).asString(fallback)
  }

  /** true or false. */
  bool(name: string, fallback: bool = false): bool {
    return this.json.get(name).asBool(fallback)
  }

  /** A whole number of 32 bits. */
  int(name: string, fallback: i32 = 0): i32 {
    const value = this.json.get(name).asInteger(<i64>fallback)
    return value >= <i64>i32.MIN_VALUE && value <= <i64>i32.MAX_VALUE ? <i32>value : fallback
  }

  /** Any number. */
  float(name: string, fallback: f64 = 0): f64 {
    return this.json.get(name).asNumber(fallback)
  }

  /** The strings of an array; other elements are left out. */
  strings(name: string): string[] {
    const list: string[] = []
    const array = this.array(name)
    for (let i = 0; i < array.length; i++) if (array[i].isString) list.push(array[i].asString())
    return list
  }

  /** The elements of an array; none when it is absent. */
  array(name: string): Json[] {
    const list: Json[] = []
    const json = this.json.get(name)
    if (json.isArray) for (let i = 0; i < json.length; i++) list.push(json.at(i))
    return list
  }

  /** The objects of an array; other elements are left out. */
  objects(name: string): Settings[] {
    const list: Settings[] = []
    const array = this.array(name)
    for (let i = 0; i < array.length; i++) if (array[i].isObject) list.push(new Settings(array[i]))
    return list
  }

  /** A nested object; an empty one when it is absent. */
  object(name: string): Settings {
    const json = this.json.get(name)
    return new Settings(json.isObject ? json : Json.object())
  }

  /** The texts of a nested object, flat: name, value, …; null when there are none. So Verdict.tags has them. */
  pairs(name: string): string[] | null {
    const nested = this.object(name)
    const names = nested.names()
    if (names.length == 0) return null
    const flat: string[] = []
    for (let i = 0; i < names.length; i++) {
      flat.push(names[i])
      flat.push(nested.string(names[i]))
    }
    return flat
  }

  /** The names of all settings, in the order they were written. */
  names(): string[] {
    const list: string[] = []
    for (let i = 0; i < this.json.length; i++) list.push(this.json.keyAt(i))
    return list
  }
}
