import { utf8Decode } from './utf8'

/**
 * Room for what the host answers when its size is not known before: the host writes what fits and says the size, and is asked
 * again with more room when that was too little.
 */
let room = new ArrayBuffer(1024)

@inline
export function answerStart(): usize {
  return changetype<usize>(room)
}

@inline
export function answerRoom(): i32 {
  return room.byteLength
}

/** Makes room for `size` bytes. @returns false when there was enough: the answer is there */
export function answerGrown(size: i32): bool {
  if (size <= room.byteLength) return false
  room = new ArrayBuffer(size)
  return true
}

export function answerBytes(size: i32): Uint8Array {
  const bytes = new Uint8Array(size)
  memory.copy(bytes.dataStart, answerStart(), <usize>size)
  return bytes
}

export function answerText(size: i32): string {
  return utf8Decode(answerStart(), size)
}
