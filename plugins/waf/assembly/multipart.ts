import { Coding, lowerAscii, utf8Bytes } from '@sluice/plugin-sdk/assembly'
import { utf8Decode } from '@sluice/plugin-sdk/assembly/utf8'
import { dispositionOf } from './disposition'
import { parametersOf } from './parameters'
import { scanFileName, scanNamed } from './places'
import { enter, hit, Rule } from './rules'

/**
 * Multipart forms (RFC 7578): fields are looked at, of files only their names. Readers of such forms differ. What one of them may
 * take for a field is looked at; where they do not agree what the parts are, nobody can tell what an upstream makes of it.
 */

const MAX_PARTS: i32 = 1024
const MAX_HEAD: usize = 8192
const CRLF: u32 = 0x0d0a
const CR: u32 = 0x0d

let body: usize = 0
let end: usize = 0
/** "--" and the boundary. */
let mark: Uint8Array = new Uint8Array(0)
/** How lines end: CRLF, or an LF in forms written by hand; 0 before the first delimiter. */
let lineEnd: u32 = 0

export function scanMultipart(type: string, at: usize, size: i32): void {
  const boundary = boundaryOf(type)
  if (boundary == '') return hitBody(Rule.PROTO_CHARSET)
  mark = utf8Bytes('--' + boundary)
  body = at
  end = at + <usize>size
  lineEnd = 0
  if (!findDelimiter(body)) return scanNamed('body', '', body, size, Coding.PLAIN)
  let parts = 0
  for (let more = true; more; ) {
    const from = delimiterEnd
    const isPart = !isLast
    if (isPart && ++parts > MAX_PARTS) return hitBody(Rule.PROTO_LIMIT)
    more = findDelimiter(from)
    if (isPart) scanPart(from, more ? max(from, delimiterFrom) : end)
  }
}

/** The one boundary; "" when there is none, or readers could find two: some take the first "boundary=", wherever it stands. */
function boundaryOf(type: string): string {
  const lower = lowerAscii(type)
  if (lower.indexOf('boundary') != lower.lastIndexOf('boundary=')) return ''
  const parameters = parametersOf(type)
  const value = parameters.get('boundary')
  if (!parameters.isPlain || value.includes(',') || value.includes(' ')) return ''
  return value
}

/** The delimiter that was found last: with the line end before it, and with the one behind it. */
let delimiterFrom: usize = 0
let delimiterEnd: usize = 0
/** It has "--" behind it. */
let isLast = false

/** Finds the next delimiter: the mark, alone on its line (RFC 2046 section 5.1.1). */
function findDelimiter(at: usize): bool {
  const size = <usize>mark.length
  for (; at + size <= end; at++) {
    if (load<u16>(at) != 0x2d2d || memory.compare(at, mark.dataStart, size) != 0) continue
    const before = lineEndBefore(at)
    if ((at == body || before != 0) && readDelimiter(at, before)) return true
  }
  return false
}

function readDelimiter(at: usize, before: u32): bool {
  let stop = at + <usize>mark.length
  const last = stop + 2 <= end && load<u16>(stop) == 0x2d2d
  if (last) stop += 2
  const padding = stop
  while (stop < end && (load<u8>(stop) == 0x20 || load<u8>(stop) == 0x09)) stop++
  const isPadded = stop > padding
  let after: u32 = 0
  if (stop < end) {
    if (load<u8>(stop++) == 0x0d && stop < end && load<u8>(stop) == 0x0a) stop++
    after = lineEndBefore(stop)
    if (after == 0) return false
  }
  if (last || stop == end) after = 0 // nothing behind it counts
  if (lineEnd == 0) lineEnd = after == 0 ? CRLF : after
  // To some readers these are delimiters, to others text.
  const isOdd = isPadded || lineEnd == CR || (before != 0 && before != lineEnd) || (after != 0 && after != lineEnd)
  if (isOdd) hitBody(Rule.PROTO_CHARSET)
  delimiterFrom = before == 0 ? at : before == CRLF ? at - 2 : at - 1
  delimiterEnd = stop
  isLast = last
  return true
}

/** CRLF, LF or CR when that ends at `at`; else 0. */
function lineEndBefore(at: usize): u32 {
  if (at == body) return 0
  const byte = <u32>load<u8>(at - 1)
  if (byte == 0x0a) return at > body + 1 && load<u8>(at - 2) == 0x0d ? CRLF : byte
  return byte == CR ? CR : 0
}

function scanPart(from: usize, to: usize): void {
  const content = contentOf(from, to)
  if (content - from > MAX_HEAD) hitBody(Rule.PROTO_LIMIT)
  const part = dispositionOf(utf8Decode(from, <i32>min(content - from, MAX_HEAD)))
  const name = part.name
  for (let i = 0; i < part.names.length; i++) {
    const bytes = utf8Bytes(part.names[i])
    if (bytes.length > 0) scanNamed('form', name, bytes.dataStart, bytes.length, Coding.PLAIN)
  }
  for (let i = 0; i < part.files.length; i++) {
    const bytes = utf8Bytes(part.files[i])
    if (bytes.length > 0) scanFileName(name, bytes.dataStart, bytes.length)
  }
  if (part.isFile && hasOneLineEnd(from, content)) return
  if (to > content) scanNamed('form', name, content, <i32>(to - content), Coding.PLAIN)
}

/** What is behind the first empty line; all of the part when it has none. */
function contentOf(from: usize, to: usize): usize {
  let line = from
  for (let at = from; at < to; at++) {
    if (load<u8>(at) != 0x0a) continue
    if (at == line || (at == line + 1 && load<u8>(line) == 0x0d)) return at + 1
    line = at + 1
  }
  return from
}

/** Whether all lines end as those of the delimiters do: others see other lines. */
function hasOneLineEnd(from: usize, to: usize): bool {
  for (let at = from; at < to; at++) {
    const byte = load<u8>(at)
    if (byte == 0x0d && (lineEnd != CRLF || load<u8>(at, 1) != 0x0a)) return false
    if (byte == 0x0a && lineEndBefore(at + 1) != lineEnd) return false
  }
  return true
}

/** Takes note of what is wrong with the whole of it. */
function hitBody(rule: Rule): void {
  enter('body', '', 0)
  hit(rule)
}
