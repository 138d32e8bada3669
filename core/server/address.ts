/** An address as uWebSockets.js gives it, 4 or 16 bytes, in its usual text form. IPv4 in IPv6 (::ffff:…) is IPv4. */
export function addressText(raw: ArrayBuffer): string {
  const bytes = new Uint8Array(raw)
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}` // join costs three times this
  if (bytes.length !== 16) return ''
  const mapped = bytes.subarray(0, 10).every(byte => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  if (mapped) return bytes.subarray(12).join('.')
  const groups: string[] = []
  for (let i = 0; i < 16; i += 2) groups.push((((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)).toString(16))
  return compressed(groups)
}

/** RFC 5952 §4.2: the longest run of at least two zero groups is written "::". */
function compressed(groups: readonly string[]): string {
  let from = 0
  let longest = 0
  for (let i = 0; i < groups.length; i++) {
    let run = 0
    while (groups[i + run] === '0') run++
    if (run > longest) {
      longest = run
      from = i
    }
  }
  if (longest < 2) return groups.join(':')
  return `${groups.slice(0, from).join(':')}::${groups.slice(from + longest).join(':')}`
}
