import { BodyKind, bodyKindOf, Coding, Json, RequestView, visitedKey, visitedKeySize, walkJson } from '@sluice/plugin-sdk/assembly'
import { utf8Decode } from '@sluice/plugin-sdk/assembly/utf8'
import { scanKeys } from './keys'
import { scanMultipart } from './multipart'
import { scanNamed, scanPairs } from './places'
import { enter, hit, isOn, Rule } from './rules'
import { setPlace } from './text'

/** Bodies, by what they are. */

const BODY = 'body'

let most: i32 = 131072
let blocksLarge = false

let body: usize = 0

export function prepareBodies(bytes: i32, block: bool): void {
  most = bytes
  blocksLarge = block
}

export function scanBody(request: RequestView): void {
  body = request.bodyAt
  let size = request.bodySize
  if (size == 0) return
  const type = request.header('content-type')
  enter(BODY, '', 0)
  if (type == '') hit(Rule.PROTO_TYPE)
  if (size > most) {
    if (blocksLarge) hit(Rule.PROTO_SIZE)
    size = most
  }
  setPlace(false, true)
  if (type.toLowerCase().startsWith('multipart/form-data')) return scanMultipart(type, body, size)
  const kind = bodyKindOf(request, body, size, false)
  if (kind == BodyKind.BINARY) return
  if (kind == BodyKind.UNREADABLE) return hit(Rule.PROTO_CHARSET)
  if (kind == BodyKind.JSON) return scanJson(size)
  if (kind == BodyKind.FORM) {
    const bytes = new Uint8Array(size)
    memory.copy(bytes.dataStart, body, <usize>size)
    return scanPairs(bytes, 'form')
  }
  scanNamed(BODY, '', body, size, kind == BodyKind.JSON_LIKE ? Coding.JSON : Coding.PLAIN)
}

function scanJson(size: i32): void {
  scanKeys(body, size)
  if (walkJson(body, size, null, scanString)) return
  enter(BODY, '', 0)
  if (isOn(Rule.PROTO_JSON)) hit(Rule.PROTO_JSON)
  // Not JSON, or cut off: some readers are lenient.
  scanNamed(BODY, '', body, size, Coding.JSON)
}

function scanString(from: i32, to: i32, escaped: bool): bool {
  scanNamed('json', keyName(), body + <usize>from, to - from, escaped ? Coding.JSON : Coding.PLAIN)
  return true
}

function keyName(): string {
  if (visitedKeySize == 0) return ''
  for (let i = 0; i < visitedKeySize; i++) {
    if (load<u8>(visitedKey + <usize>i) != 0x5c) continue
    const quoted = Json.parseAt(visitedKey - 1, visitedKeySize + 2)
    return quoted === null ? '' : quoted.asString()
  }
  return utf8Decode(visitedKey, visitedKeySize)
}
