import { logLine } from './imports'

const ERROR: i32 = 3
const ROOM: i32 = 512

// The message is put together here, not on the heap: memory may be what ran out.
const line = memory.data(512)

/** What `throw`, `assert` and a failed bounds check end in: one log line at level error, then a trap. */
export function abort(message: string | null, file: string | null, row: u32, column: u32): void {
  let size = append(0, message === null || message.length == 0 ? 'aborted' : message)
  if (file !== null) {
    size = append(size, ' (')
    size = append(size, file)
    size = append(size, ':')
    size = appendNumber(size, row)
    size = append(size, ':')
    size = appendNumber(size, column)
    size = append(size, ')')
  }
  logLine(ERROR, line, size)
  unreachable()
}

/** ASCII only, the rest becomes "?": this is the last thing the plugin says and must not fail. */
function append(size: i32, text: string): i32 {
  let i = 0
  while (i < text.length && size + i < ROOM) {
    const unit = <u32>load<u16>(changetype<usize>(text) + (<usize>i << 1))
    store<u8>(line + <usize>(size + i), <u8>(unit < 0x80 ? unit : 0x3f))
    i++
  }
  return size + i
}

function appendNumber(size: i32, value: u32): i32 {
  let divisor: u32 = 1
  while (value / divisor >= 10) divisor *= 10
  for (; divisor > 0 && size < ROOM; divisor /= 10) {
    store<u8>(line + <usize>size, <u8>(0x30 + ((value / divisor) % 10)))
    size++
  }
  return size
}
