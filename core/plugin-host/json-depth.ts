const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Whether JSON text nests no deeper than `max`. Text that is no JSON gets some answer. */
export function nestsWithin(json: Uint8Array, max: number): boolean {
  let depth = 0
  for (let i = 0; i < json.length; i++) {
    const byte = json[i] ?? 0
    if (byte === QUOTE) i = endOfString(json, i + 1)
    else if ((byte | 0x20) === 0x7b) {
      if (++depth > max) return false
    } else if ((byte | 0x20) === 0x7d) depth--
  }
  return true
}

function endOfString(json: Uint8Array, from: number): number {
  let at = from
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1
  return at
}
