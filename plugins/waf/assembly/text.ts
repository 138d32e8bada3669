/** The text that is looked at: decoded, in lower case, blanks made one. */
export let start: usize = 0
export let end: usize = 0

/** It is the path of the request: no prose. */
export let isPath: bool = false
/** It comes from a body, where people write more than in a query. */
export let isBody: bool = false

export function useText(from: usize, to: usize): void {
  start = from
  end = to
}

export function setPlace(path: bool, body: bool): void {
  isPath = path
  isBody = body
}

/** The byte at `at`; 0 outside the text. */
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
  return byte - 0x61 < 26
}

/** What words are made of. */
@inline
export function isWord(byte: u32): bool {
  return byte - 0x61 < 26 || byte - 0x30 < 10 || byte == 0x5f
}

@inline
export function isBlank(byte: u32): bool {
  return byte == 0x20 || byte == 0x0a
}

export function isQuote(byte: u32): bool {
  return byte == 0x27 || byte == 0x22 || byte == 0x60
}

/** The first place from `at` on that is no blank. */
export function skip(at: usize): usize {
  while (at < end && isBlank(load<u8>(at))) at++
  return at
}

/** The place of the last byte before `at` that is no blank; before the text when there is none. */
export function back(at: usize): usize {
  at--
  while (at >= start && isBlank(load<u8>(at))) at--
  return at
}

/** The end of the word at `at`. */
export function wordEnd(at: usize): usize {
  while (at < end && isWord(load<u8>(at))) at++
  return at
}

/** Whether the ASCII text `word` stands at `at`. */
export function isAt(at: usize, word: string): bool {
  const size = <usize>word.length
  if (at < start || at + size > end) return false
  for (let i: usize = 0; i < size; i++) {
    if (load<u8>(at + i) != <u8>load<u16>(changetype<usize>(word) + (i << 1))) return false
  }
  return true
}

/** Whether `word` stands at `at` as a whole word. */
export function isWordAt(at: usize, word: string): bool {
  return isAt(at, word) && !isWord(byteAt(at + <usize>word.length))
}

/** The end of the whole word at `at` if it is one of `words` ("a b c"); 0 when it is not. */
export function oneOf(at: usize, words: string): usize {
  const stop = wordEnd(at)
  const size = <i32>(stop - at)
  if (size == 0) return 0
  let from = 0
  for (let i = 0; i <= words.length; i++) {
    if (i < words.length && words.charCodeAt(i) != 0x20) continue
    if (i - from == size) {
      let same = 0
      while (same < size && <i32>load<u8>(at + <usize>same) == words.charCodeAt(from + same)) same++
      if (same == size) return stop
    }
    from = i + 1
  }
  return 0
}

/** Whether `word` stands anywhere from `at` on, at most `most` bytes away. */
export function isNear(at: usize, word: string, most: usize): bool {
  const stop = min(end, at + most)
  const first = <u8>word.charCodeAt(0)
  for (; at < stop; at++) if (load<u8>(at) == first && isAt(at, word)) return true
  return false
}
