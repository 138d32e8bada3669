/** What can stand in a path, and where it ends. */

/**
 * Besides letters, digits and "-._~": what a segment may hold as it is (RFC 3986 section 3.3), less ";", which begins
 * parameters.
 */
export const SEGMENT_CHARS = "!$&'()*+,=:@"

/** Servers take no longer ones. */
export const MAX_LENGTH: i32 = 16384

/** Whether every character may stand in a path, and every "%" begins an escape. */
export function isPathText(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit <= 0x20 || unit >= 0x7f) return false
    if (unit == 0x22 || unit == 0x23 || unit == 0x3c || unit == 0x3e || unit == 0x3f || unit == 0x5c) return false
    if (unit == 0x7b || unit == 0x7d) return false
    if (unit == 0x25 && !(isHex(text, i + 1) && isHex(text, i + 2))) return false
  }
  return true
}

/**
 * Whether a segment is "." or "..", encoded or not, also between encoded slashes or with parameters behind it: servers
 * resolve those, and the path would lead elsewhere.
 */
export function hasDotSegment(path: string): bool {
  for (let at = 0; at < path.length; ) {
    const size = separator(path, at)
    if (size == 0) {
      at++
      continue
    }
    at += size
    let end = at
    let dots = 0
    while (dots < 3) {
      const dot = dotSize(path, end)
      if (dot == 0) break
      end += dot
      dots++
    }
    if (dots > 0 && dots < 3 && (end == path.length || path.charCodeAt(end) == 0x3b || separator(path, end) > 0))
      return true
  }
  return false
}

/**
 * `path` without `prefix`, which must end where a segment does; null when it begins otherwise. Empty segments do not
 * count.
 */
export function withoutPrefix(path: string, prefix: string): string | null {
  let at = 0
  for (let i = 0; i < prefix.length; i++) {
    const unit = prefix.charCodeAt(i)
    if (at >= path.length || path.charCodeAt(at) != unit) return null
    at++
    if (unit == 0x2f) while (at < path.length && path.charCodeAt(at) == 0x2f) at++
  }
  if (at == path.length) return '/'
  return path.charCodeAt(at) == 0x2f ? path.substring(at) : null
}

/** Length of the slash or backslash at `at`, 3 when it is encoded; 0 for anything else. */
function separator(path: string, at: i32): i32 {
  const unit = path.charCodeAt(at)
  if (unit == 0x2f) return 1
  if (unit != 0x25 || at + 2 >= path.length) return 0
  const high = path.charCodeAt(at + 1)
  const low = path.charCodeAt(at + 2) | 0x20
  return (high == 0x32 && low == 0x66) || (high == 0x35 && low == 0x63) ? 3 : 0
}

function dotSize(path: string, at: i32): i32 {
  if (at >= path.length) return 0
  if (path.charCodeAt(at) == 0x2e) return 1
  if (path.charCodeAt(at) != 0x25 || at + 2 >= path.length) return 0
  return path.charCodeAt(at + 1) == 0x32 && (path.charCodeAt(at + 2) | 0x20) == 0x65 ? 3 : 0
}

function isHex(text: string, at: i32): bool {
  if (at >= text.length) return false
  const unit = text.charCodeAt(at)
  const lower = unit | 0x20
  return (unit >= 0x30 && unit <= 0x39) || (lower >= 0x61 && lower <= 0x66)
}
