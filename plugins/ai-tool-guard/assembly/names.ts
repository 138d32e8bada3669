/** Names of tools, in which a * is anything. */
@final
export class Names {
  constructor(private readonly patterns: string[]) {}

  get none(): bool {
    return this.patterns.length == 0
  }

  has(name: string): bool {
    for (let i = 0; i < this.patterns.length; i++) if (fits(name, this.patterns[i])) return true
    return false
  }
}

/** In a time that grows with both lengths only: of several *, the last decides where to go back to. */
function fits(name: string, pattern: string): bool {
  let at = 0
  let place = 0
  let star = -1
  let back = 0
  while (at < name.length) {
    if (place < pattern.length && pattern.charCodeAt(place) == 0x2a) {
      star = place++
      back = at
    } else if (place < pattern.length && pattern.charCodeAt(place) == name.charCodeAt(at)) {
      place++
      at++
    } else if (star >= 0) {
      place = star + 1
      at = ++back
    } else return false
  }
  while (place < pattern.length && pattern.charCodeAt(place) == 0x2a) place++
  return place == pattern.length
}
