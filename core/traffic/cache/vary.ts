import { allValues, type HeaderList } from '../../base/headers.js'

/** The request headers that selected a reply: name, value, name, value … in the order of the names. */
export function selecting(vary: readonly string[], headers: HeaderList): readonly string[] {
  return [...new Set(vary)].sort().flatMap(name => [name, normalValue(headers, name)])
}

/** Whether a reply selected like this is what a request with these headers would get (RFC 9111 §4.1). */
export function selects(selected: readonly string[], headers: HeaderList): boolean {
  for (let i = 0; i < selected.length; i += 2) {
    if (normalValue(headers, selected[i] ?? '') !== selected[i + 1]) return false
  }
  return true
}

/** Several lines are one list, and blanks around its commas mean nothing. */
function normalValue(headers: HeaderList, name: string): string {
  const value = allValues(headers, name)
  if (!value.includes(',')) return value.trim()
  return value
    .split(',')
    .map(each => each.trim())
    .join(',')
}
