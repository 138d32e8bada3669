/** Whether a text is one of these, where "*" stands for any text, also none. */
export function textPattern(patterns: readonly string[]): (text: string) => boolean {
  const exact = new Set(patterns.filter(pattern => !pattern.includes('*')))
  const open = patterns.filter(pattern => pattern.includes('*')).map(pattern => pattern.split('*'))
  return text => exact.has(text) || open.some(parts => fits(text, parts))
}

/** The pieces between the "*" follow each other: the first stands at the beginning, the last at the end. */
function fits(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  const end = text.length - last.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
