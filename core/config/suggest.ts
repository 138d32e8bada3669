/** ` did you mean "x"?` is said at the end of a message; what comes before it stands by itself. */
export const HINT = '; did you mean '

/** The end of a message: the candidate that was probably meant, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates)
  return near === undefined ? '' : `${HINT}"${near}"?`
}

/** The candidate nearest to `word`, when it is near enough to have been meant. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const plainWord = plain(word)
  if (plainWord === '' || plainWord.length > 64) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(plainWord.length / 3)) + 1
  for (const candidate of candidates) {
    if (candidate === word || candidate.length > 64) continue
    const edits = distance(plainWord, plain(candidate))
    if (edits < least) {
      best = candidate
      least = edits
    }
  }
  return best
}

/** `trusted_proxies`, `trusted-proxies` and `TrustedProxies` are the same word. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[-_. ]/g, '')
}

/** Edits between two words, where two swapped neighbours are one edit (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, (beforeLast[j - 2] ?? 0) + 1)
      }
      row.push(edits)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
