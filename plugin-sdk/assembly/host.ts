import {
  fillRandom,
  hostMonotonic,
  hostNow,
  logLine,
  logLineFields,
  regexCompile,
  regexFindAll,
  regexMatch
} from './imports'
import { LogFields } from './log-fields'
import { utf8Bytes, utf8Text } from './utf8'

/**
 * Log lines of the plugin; the host adds the plugin's name and the exchange. What changes from line to line is better a field than a
 * part of the message. Needs the permission "log".
 */
export namespace log {
  export function debug(message: string, fields: LogFields | null = null): void {
    write(0, message, fields)
  }
  export function info(message: string, fields: LogFields | null = null): void {
    write(1, message, fields)
  }
  export function warn(message: string, fields: LogFields | null = null): void {
    write(2, message, fields)
  }
  export function error(message: string, fields: LogFields | null = null): void {
    write(3, message, fields)
  }
  function write(level: i32, message: string, fields: LogFields | null): void {
    const bytes = utf8Bytes(message)
    if (fields === null || fields.json.size == 0) return logLine(level, bytes.dataStart, bytes.length)
    const json = fields.json
    const size = json.size
    json.byte(0x7d)
    logLineFields(level, bytes.dataStart, bytes.length, json.start, json.size)
    json.size = size // it may be used again
  }
}

/** Wall clock, Unix milliseconds. Inside a hook, `nowMs` of the view is cheaper. */
export function now(): i64 {
  return <i64>hostNow()
}

/** Milliseconds since some moment in the past; never goes back. */
export function monotonic(): f64 {
  return hostMonotonic()
}

/** `count` bytes that nobody can predict. */
export function randomBytes(count: i32): Uint8Array {
  const bytes = new Uint8Array(count)
  fillRandom(bytes.dataStart, count)
  return bytes
}

const drawn: usize = memory.data(8)

/** A number from 0 up to, but not including, 1. */
export function random(): f64 {
  fillRandom(drawn, 8)
  return <f64>(load<u64>(drawn) >> 11) * (1.0 / 9007199254740992.0)
}

/** Where a pattern was found: byte offsets into the UTF-8 text. */
@final
export class Match {
  constructor(
    readonly start: i32,
    readonly end: i32
  ) {}
}

/** The first match of a pattern and its groups, the whole being group 0: byte offsets into the UTF-8 text. */
@final
export class GroupMatch {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly places: StaticArray<i32>
  ) {}

  /** How many groups the pattern has. */
  get groups(): i32 {
    return (this.places.length >> 1) - 1
  }

  /** Where a group begins; -1 when it took no part, or there is no such one. */
  start(group: i32 = 0): i32 {
    return group < 0 || group > this.groups ? -1 : this.places[group << 1]
  }

  end(group: i32 = 0): i32 {
    return group < 0 || group > this.groups ? -1 : this.places[(group << 1) + 1]
  }

  /** The text of a group; "" when it took no part. */
  text(group: i32 = 0): string {
    const from = this.start(group)
    return from < 0 ? '' : utf8Text(this.bytes.subarray(from, this.end(group)))
  }
}

const MAX_GROUPS: i32 = 100
const places = new StaticArray<i32>((MAX_GROUPS + 1) << 1)

/**
 * A regular expression in RE2 syntax, run by the host in linear time. Compile once, in on_configure: a compiled
 * pattern stays until the instance ends.
 */
// @ts-ignore: decorator
@final
export class Regex {
  private constructor(private readonly handle: i32) {}

  /** null when the pattern is not valid. */
  static compile(pattern: string): Regex | null {
    const bytes = utf8Bytes(pattern)
    const handle = regexCompile(bytes.dataStart, bytes.length)
    return handle > 0 ? new Regex(handle) : null
  }

  /** Whether the pattern is found anywhere in `text`. */
  test(text: string): bool {
    return this.testBytes(utf8Bytes(text))
  }

  /** Whether the pattern is found anywhere in the UTF-8 text `bytes`. */
  testBytes(bytes: Uint8Array): bool {
    return this.findAll(bytes, 1).length > 0
  }

  /**
   * The first match from byte `from` on, with its groups (100 at most); null when there is none.
   * @param here - only a match that begins at `from` counts
   */
  match(bytes: Uint8Array, from: i32 = 0, here: bool = false): GroupMatch | null {
    const at = changetype<usize>(places)
    const pairs = regexMatch(this.handle, bytes.dataStart, bytes.length, from, here, at, MAX_GROUPS + 1)
    if (pairs <= 0) return null
    const size = min(pairs, MAX_GROUPS + 1) << 1
    const own = new StaticArray<i32>(size)
    memory.copy(changetype<usize>(own), at, <usize>size << 2)
    return new GroupMatch(bytes, own)
  }

  /** `match` in a text; offsets are bytes of its UTF-8 form. */
  matchText(text: string): GroupMatch | null {
    return this.match(utf8Bytes(text))
  }

  /** The first `max` places, left to right, where the pattern is found in the UTF-8 text `bytes`. */
  findAll(bytes: Uint8Array, max: i32 = 1024): Match[] {
    const pairs = new StaticArray<u32>(clamp(max) << 1)
    const at = changetype<usize>(pairs)
    const count = regexFindAll(this.handle, bytes.dataStart, bytes.length, at, clamp(max))
    const matches: Match[] = []
    for (let i = 0; i < count; i++) matches.push(new Match(<i32>unchecked(pairs[i << 1]), <i32>unchecked(pairs[(i << 1) + 1])))
    return matches
  }
}

function clamp(count: i32): i32 {
  return max(0, min(count, 1 << 16))
}
