import { ByteWriter, Coding, utf8Bytes, utf8Text } from '@sluice/plugin-sdk/assembly'
import { isJson } from '@sluice/plugin-sdk/assembly/json-scan'
import { encoded, nested } from '@sluice/plugin-sdk/assembly/pii'
import { CUT, mayBegin, placeholderName, readPlaceholder } from './placeholder'
import { answersJson, isKept, original } from './vault'

/** Puts the originals back where an answer has their placeholders. Others stay: the model made them up. */

/** How many came back with the last text. */
export let restoredCount = 0
/** The end of the last text, from what may be the beginning of a placeholder on; only where more is to come. */
export let cutOff = ''

/** A text of the answer. @param last - nothing comes behind it */
export function restored(text: string, last: bool): string {
  const bytes = utf8Bytes(text)
  return restoredBytes(bytes, answersJson ? Coding.JSON : Coding.PLAIN, last, false)
}

/** Arguments of a tool call, which are JSON most of the time. */
export function restoredArguments(text: string): string {
  const bytes = utf8Bytes(text)
  const json = isJson(bytes.dataStart, bytes.dataStart + <usize>bytes.length)
  return restoredBytes(bytes, json ? Coding.JSON : Coding.PLAIN, true, json)
}

/** @param strings - the text is whole JSON: what lies in strings that are JSON themselves is written as such */
function restoredBytes(bytes: Uint8Array, coding: Coding, last: bool, strings: bool): string {
  const end = bytes.dataStart + <usize>bytes.length
  const out = new ByteWriter(bytes.length + 64)
  let kept = bytes.dataStart // all before is written
  let opened: usize = 0 // the JSON string it is in; 0 outside
  restoredCount = 0
  cutOff = ''
  for (let at = bytes.dataStart; at < end; at++) {
    const byte = load<u8>(at)
    if (coding == Coding.JSON && byte == 0x5c && !mayBegin(at, end)) {
      at++
    } else if (strings && byte == 0x22) {
      opened = opened == 0 ? at + 1 : 0
    } else if (byte == 0x5b || (coding == Coding.JSON && byte == 0x5c)) {
      const stop = readPlaceholder(at, end)
      if (stop == CUT && !last) {
        out.raw(kept, <i32>(at - kept))
        cutOff = utf8Text(bytes.subarray(<i32>(at - bytes.dataStart)))
        return utf8Text(out.toBytes())
      }
      if (stop == 0 || stop == CUT || !isKept(placeholderName)) {
        if (byte == 0x5c) at++
        continue
      }
      const value = original(placeholderName)
      const written = opened != 0 && holdsJson(opened, end) ? nested(value) : encoded(value, coding)
      out.raw(kept, <i32>(at - kept))
      out.raw(written.dataStart, written.length)
      restoredCount++
      kept = stop
      at = stop - 1
    }
  }
  out.raw(kept, <i32>(end - kept))
  return utf8Text(out.toBytes())
}

/** Whether a JSON string is itself JSON. */
function holdsJson(at: usize, end: usize): bool {
  while (at < end && load<u8>(at) == 0x20) at++
  if (at + 1 >= end) return false
  const first = load<u8>(at)
  const second = load<u8>(at, 1)
  return first == 0x7b || (first == 0x5b && (second == 0x7b || second == 0x5c))
}
