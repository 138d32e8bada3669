/** Whether `text` is as one of `globs` says. */
export function hasGlob(globs: string[], text: string): bool {
  for (let i = 0; i < globs.length; i++) if (isGlob(unchecked(globs[i]), text)) return true
  return false
}

/**
 * Whether `text` is what `glob` says, where "*" is any text, also none. Only the last star is tried anew, which is
 * enough: time grows with the two lengths multiplied, never more.
 */
export function isGlob(glob: string, text: string): bool {
  let g = 0
  let t = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    if (g < glob.length && glob.charCodeAt(g) == 0x2a) {
      star = g++
      mark = t
    } else if (g < glob.length && glob.charCodeAt(g) == text.charCodeAt(t)) {
      g++
      t++
    } else if (star >= 0) {
      g = star + 1
      t = ++mark
    } else return false
  }
  while (g < glob.length && glob.charCodeAt(g) == 0x2a) g++
  return g == glob.length
}
