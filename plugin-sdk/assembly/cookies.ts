import { FoundParameter } from './query'

/** Looks for cookie `name` in all lines of the header Cookie: a second one is seen too. Values stay as they came. */
export function cookieOf(lines: string[], name: string): FoundParameter {
  const found = new FoundParameter()
  for (let i = 0; i < lines.length; i++) {
    const parts = lines[i].split(';')
    for (let j = 0; j < parts.length; j++) {
      if (nameOf(parts[j]) != name) continue
      found.count++
      found.value = parts[j].substring(parts[j].indexOf('=') + 1).trim()
    }
  }
  return found
}

/** The lines without cookie `name`; those in which nothing is left are gone. */
export function withoutCookie(lines: string[], name: string): string[] {
  const left: string[] = []
  for (let i = 0; i < lines.length; i++) {
    const parts = lines[i].split(';')
    const kept: string[] = []
    for (let j = 0; j < parts.length; j++) if (nameOf(parts[j]) != name) kept.push(parts[j])
    if (kept.length == parts.length) left.push(lines[i])
    else if (kept.length > 0) left.push(kept.join(';').trim())
  }
  return left
}

/** RFC 6265 section 5.2: blanks around a name do not belong to it. */
function nameOf(part: string): string {
  const equals = part.indexOf('=')
  return equals < 0 ? '' : part.substring(0, equals).trim()
}
