import { ByteWriter } from './writer'

/** Input larger than this is refused: a plugin's memory is far smaller. */
const MAX_INPUT: i32 = 0x3fff0000

const FIRST_CAPACITY: i32 = 4096

let input: usize = 0
let capacity: i32 = 0

/** Verdicts are written here: four bytes of length, then the message. Reused by every call. */
const output = new ByteWriter(1024)

/** The version of the calling convention this module speaks. */
export function sluice_abi(): i32 {
  return 1
}

/**
 * Room for `len` bytes of input, or 0 when that is no sensible length. There is one input buffer: asking again ends
 * the life of what it held.
 */
export function sluice_alloc(len: i32): i32 {
  if (len < 0 || len > MAX_INPUT) return 0
  if (len > capacity || input == 0) {
    if (input != 0) heap.free(input)
    input = 0
    capacity = max(len, FIRST_CAPACITY)
    input = heap.alloc(<usize>capacity)
  }
  return <i32>input
}

/** The writer for this call's output, with room for the length kept free. */
export function beginOutput(): ByteWriter {
  output.clear()
  output.fixed<u32>(0)
  return output
}

/** Puts the length before what was written; returns its address, or 0 when nothing was written. */
export function endOutput(): i32 {
  if (output.size == 4) return 0
  store<u32>(output.start, <u32>(output.size - 4))
  return <i32>output.start
}
