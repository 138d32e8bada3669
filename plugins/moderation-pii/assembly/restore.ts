import { BodyKind, Coding } from '@sluice/plugin-sdk/assembly'
import { edit, encoded, nested } from '@sluice/plugin-sdk/assembly/pii'
import { opens, readPlaceholder } from './placeholder'
import { codingOf } from './search'
import { CHANNEL_COUNT, isData, joined, joinPieces, pieceFrom, pieceTo, TOOLS } from './stream'
import { isKept, original } from './vault'

/** Puts the originals back where a reply has their placeholders. */

const NOTHING = new Uint8Array(0)

/** Makes the edits that restore the body; returns how many originals come back. */
export function restore(body: usize, size: i32, kind: BodyKind, isStream: bool): i32 {
  if (isStream) return restoreStream(body, size)
  return restoreIn(body, body, body + <usize>size, codingOf(kind))
}

function restoreStream(body: usize, size: i32): i32 {
  const end = body + <usize>size
  let count = 0
  for (let at = body; at < end; ) {
    let stop = at
    while (stop < end && load<u8>(stop) != 0x0a && load<u8>(stop) != 0x0d) stop++
    count += restoreIn(body, at, stop, isData(at, stop) ? Coding.JSON : Coding.PLAIN)
    at = stop + 1
  }
  for (let channel = 0; channel < CHANNEL_COUNT; channel++) count += restoreSplit(body, size, channel)
  return count
}

/** Placeholders that lie in the bytes as they are. */
function restoreIn(body: usize, from: usize, end: usize, coding: Coding): i32 {
  let count = 0
  let opened: usize = 0 // the JSON string it is in; 0 outside
  for (let at = from; at < end; at++) {
    const byte = load<u8>(at)
    if (opens(at, end, coding == Coding.FORM)) {
      const stop = readPlaceholder(at, end)
      if (stop == 0 || !isKept()) continue
      const value = original()
      const bytes = coding == Coding.JSON && opened != 0 && holdsJson(opened, end) ? nested(value) : encoded(value, coding)
      edit(<i32>(at - body), <i32>(stop - body), bytes)
      count++
      at = stop - 1
    } else if (coding == Coding.JSON) {
      if (byte == 0x5c) at++
      else if (byte == 0x22) opened = opened == 0 ? at + 1 : 0
    }
  }
  return count
}

/** Placeholders that lie in several pieces of a stream: the original goes into the first one. */
function restoreSplit(body: usize, size: i32, channel: i32): i32 {
  const length = joinPieces(body, size, channel)
  const start = joined()
  let count = 0
  for (let i = 0; i < length; i++) {
    if (load<u8>(start + <usize>i) != 0x5b) continue
    const stop = readPlaceholder(start + <usize>i, start + <usize>length)
    if (stop == 0 || !isKept()) continue
    const last = <i32>(stop - start) - 1
    if (!isSplit(i, last)) continue // it was restored where it lies
    edit(pieceFrom(i), pieceTo(i), channel == TOOLS ? nested(original()) : encoded(original(), Coding.JSON))
    for (let j = i + 1; j <= last; j++) edit(pieceFrom(j), pieceTo(j), NOTHING)
    count++
    i = last
  }
  return count
}

function isSplit(first: i32, last: i32): bool {
  for (let i = first; i < last; i++) if (pieceTo(i) != pieceFrom(i + 1)) return true
  return false
}

/** Whether a JSON string is itself JSON, as the arguments of a tool call are. */
function holdsJson(at: usize, end: usize): bool {
  while (at < end && load<u8>(at) == 0x20) at++
  if (at + 1 >= end) return false
  const first = load<u8>(at)
  const second = load<u8>(at, 1)
  return first == 0x7b || (first == 0x5b && (second == 0x7b || second == 0x5c))
}
