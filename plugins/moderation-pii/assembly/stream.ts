import { Coding, Decoder, Field, Room, walkJson } from '@sluice/plugin-sdk/assembly'

/**
 * Event streams of models: a text comes in pieces, each in a JSON string of its own. The pieces are put together here, with
 * the place in the body of every byte.
 */

/** Where the pieces lie, by channel: texts; texts of the Responses API; arguments of tool calls, which are JSON themselves. */
const CHANNELS: Field[] = [
  Field.of(['/choices/*/delta/content', '/choices/*/text', '/delta/text', '/candidates/*/content/parts/*/text']),
  Field.of(['/delta']),
  Field.of(['/choices/*/delta/tool_calls/*/function/arguments', '/delta/partial_json'])
]
export const CHANNEL_COUNT: i32 = 3
export const TOOLS: i32 = 2

const decoder = new Decoder()
const bytes = new Room()
const places = new Room()
let size = 0
let base: i32 = 0
let body: usize = 0

/** Puts the pieces of one channel together. Returns how many bytes that is. */
export function joinPieces(ofBody: usize, bodySize: i32, channel: i32): i32 {
  body = ofBody
  size = 0
  const end = body + <usize>bodySize
  for (let at = body; at < end; ) {
    let stop = at
    while (stop < end && load<u8>(stop) != 0x0a && load<u8>(stop) != 0x0d) stop++
    if (isData(at, stop)) {
      base = <i32>(at + 5 - body)
      walkJson(at + 5, <i32>(stop - at - 5), CHANNELS[channel], addPiece)
    }
    at = stop + 1
  }
  return size
}

/** Where the joined text lies. */
export function joined(): usize {
  return bytes.start
}

/** Where the source of byte `index` begins in the body. */
export function pieceFrom(index: i32): i32 {
  return load<i32>(places.start + (<usize>index << 3))
}

/** Where the source of byte `index` ends. */
export function pieceTo(index: i32): i32 {
  return load<i32>(places.start + (<usize>index << 3), 4)
}

/** "data:" and an object. */
export function isData(at: usize, stop: usize): bool {
  if (at + 7 > stop || load<u32>(at) != 0x61746164 || load<u8>(at, 4) != 0x3a) return false
  return load<u8>(at, 5) == 0x7b || load<u8>(at, 6) == 0x7b
}

function addPiece(from: i32, to: i32, _escaped: bool): bool {
  decoder.clear()
  const text = decoder.add(body, base + from, base + to, Coding.JSON)
  bytes.reserve(size + text.size)
  places.reserve((size + text.size) << 3)
  memory.copy(bytes.start + <usize>size, text.start, <usize>text.size)
  for (let i = 0; i < text.size; i++, size++) {
    const place = places.start + (<usize>size << 3)
    let next = i + 1
    while (next < text.size && text.sourceOf(next) == text.sourceOf(i)) next++ // bytes of one escape
    store<i32>(place, text.sourceOf(i))
    store<i32>(place, text.sourceOf(next), 4)
  }
  return true
}
