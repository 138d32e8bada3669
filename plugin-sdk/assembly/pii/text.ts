import { SourceText } from '../source-text'

/** The text that is searched at the moment, as bytes. Only one is at a time, so it is kept here. */
export let start: usize = 0
export let end: usize = 0
/** The end of what was found last: nothing before it is part of anything else. */
export let floor: usize = 0

let source: SourceText = new SourceText()
let body: usize = 0

/** Begins a text of `ofBody`. */
export function openText(text: SourceText, ofBody: usize): void {
  source = text
  body = ofBody
  start = text.start
  end = start + <usize>text.size
  floor = start
}

export function setFloor(at: usize): void {
  floor = at
}

/** The place in the body of the byte at `at`, or of the text's end. */
export function placeOf(at: usize): i32 {
  return source.sourceOf(<i32>(at - start))
}

/** How far from the body's beginning `at` may look back for a word that says what a number is. */
export function addressOf(at: usize): usize {
  return body + <usize>placeOf(at)
}

export function bodyStart(): usize {
  return body
}

/** The byte at `at`; 0 beyond the text. */
@inline
export function byteAt(at: usize): u32 {
  return at < end && at >= start ? <u32>load<u8>(at) : 0
}

@inline
export function isDigit(byte: u32): bool {
  return byte - 0x30 < 10
}

@inline
export function isLetter(byte: u32): bool {
  return (byte | 0x20) - 0x61 < 26
}

/** Letters and digits of ASCII: what a number or key must not touch. */
@inline
export function isWord(byte: u32): bool {
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 26
}
