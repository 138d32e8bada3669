import { fillRandom, hostMonotonic, hostNow, logLine, regexCompile, regexFindAll } from './imports'
import { utf8Bytes } from './utf8'

/** Log lines of the plugin; the host adds the plugin's name and the exchange. Needs the permission "log". */
export namespace log {
  export function debug(message: string): void {
    write(0, message)
  }
  export function info(message: string): void {
    write(1, message)
  }
  export function warn(message: string): void {
    write(2, message)
  }
  export function error(message: string): void {
    write(3, message)
  }
  function write(level: i32, message: string): void {
    const bytes = utf8Bytes(message)
    logLine(level, bytes.dataStart, bytes.length)
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

/** A number from 0 up to, but not including, 1. */
export function random(): f64 {
  const bytes = randomBytes(8)
  return <f64>(load<u64>(bytes.dataStart) >> 11) * (1.0 / 9007199254740992.0)
}

/** Where a pattern was found: byte offsets into the UTF-8 text. */
@final
export class Match {
  constructor(
    readonly start: i32,
    readonly end: i32
  ) {}
}

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
