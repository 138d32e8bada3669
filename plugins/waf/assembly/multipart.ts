import { Coding, utf8Bytes } from '@sluice/plugin-sdk/assembly'
import { utf8Decode } from '@sluice/plugin-sdk/assembly/utf8'
import { scanFileName, scanNamed } from './places'
import { enter, hit, Rule } from './rules'

/** Multipart forms (RFC 7578): fields are looked at, of files only their names. */

const MAX_PARTS: i32 = 1024
const MAX_HEAD: i32 = 2048

export function scanMultipart(type: string, body: usize, size: i32): void {
  const boundary = boundaryOf(type)
  if (boundary == '') {
    enter('body', '', 0)
    return hit(Rule.PROTO_CHARSET) // nobody can tell what an upstream makes of it
  }
  const mark = utf8Bytes('--' + boundary)
  const end = body + <usize>size
  let at = find(mark, body, end)
  for (let parts = 0; at != 0 && at < end && parts < MAX_PARTS; parts++) {
    const from = at + <usize>mark.length
    const next = find(mark, from, end)
    scanPart(from, next == 0 ? end : next)
    at = next
  }
}

function scanPart(from: usize, end: usize): void {
  let at = from
  while (at + 1 < end && !isBlankLine(at, end)) at++
  const head = utf8Decode(from, <i32>min<usize>(at - from, MAX_HEAD))
  const name = parameter(head, 'name=')
  if (head.toLowerCase().indexOf('filename') >= 0) {
    const file = utf8Bytes(parameter(head, 'filename='))
    scanFileName(name, file.dataStart, file.length)
    const extended = utf8Bytes(parameter(head, 'filename*='))
    if (extended.length > 0) scanFileName(name, extended.dataStart, extended.length)
    return
  }
  while (at < end && (load<u8>(at) == 0x0d || load<u8>(at) == 0x0a)) at++
  if (name != '') {
    const bytes = utf8Bytes(name)
    scanNamed('form', name, bytes.dataStart, bytes.length, Coding.PLAIN)
  }
  if (end > at) scanNamed('form', name, at, <i32>(end - at), Coding.PLAIN)
}

function isBlankLine(at: usize, end: usize): bool {
  if (load<u8>(at) != 0x0a) return false
  const next = load<u8>(at, 1)
  return next == 0x0a || (next == 0x0d && at + 2 < end && load<u8>(at, 2) == 0x0a)
}

/** The value of a parameter of a part's head, with or without quotes; "" when it is absent. */
function parameter(head: string, key: string): string {
  const lower = head.toLowerCase()
  let at = lower.indexOf(key)
  // "name=" is also the end of "filename=".
  while (at > 0 && lower.charCodeAt(at - 1) != 0x20 && lower.charCodeAt(at - 1) != 0x3b) at = lower.indexOf(key, at + 1)
  if (at < 0) return ''
  at += key.length
  if (head.charCodeAt(at) != 0x22) {
    let stop = at
    while (stop < head.length && head.charCodeAt(stop) > 0x20 && head.charCodeAt(stop) != 0x3b) stop++
    return head.substring(at, stop)
  }
  const close = head.indexOf('"', at + 1)
  return head.substring(at + 1, close < 0 ? head.length : close)
}

function boundaryOf(type: string): string {
  const at = type.toLowerCase().indexOf('boundary=')
  if (at < 0) return ''
  let value = type.substring(at + 9)
  if (value.startsWith('"')) {
    const close = value.indexOf('"', 1)
    return close < 0 ? '' : value.substring(1, close)
  }
  const semicolon = value.indexOf(';')
  if (semicolon >= 0) value = value.substring(0, semicolon)
  return value.trim()
}

/** Where `mark` stands next; 0 for nowhere. */
function find(mark: Uint8Array, from: usize, end: usize): usize {
  const size = <usize>mark.length
  for (let at = from; at + size <= end; at++) {
    if (load<u16>(at) == 0x2d2d && memory.compare(at, mark.dataStart, size) == 0) return at
  }
  return 0
}
