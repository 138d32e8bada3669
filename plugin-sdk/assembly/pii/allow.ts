import { utf8Bytes } from '../utf8'

/** What may stay though it looks like personal data. */

const values: Uint8Array[] = []
const domains: Uint8Array[] = []

export function prepareAllow(list: string[]): void {
  for (let i = 0; i < list.length; i++) {
    const bytes = utf8Bytes(list[i].trim().toLowerCase())
    if (list[i].trim().startsWith('@')) domains.push(bytes)
    else values.push(bytes)
  }
}

/** Whether the text from `from` to `to` is one of the values, or an address of one of the domains. */
export function isAllowed(from: usize, to: usize): bool {
  for (let i = 0; i < values.length; i++) {
    const value = unchecked(values[i])
    if (value.length == <i32>(to - from) && sameAt(from, value)) return true
  }
  for (let i = 0; i < domains.length; i++) {
    const domain = unchecked(domains[i])
    if (<usize>domain.length < to - from && sameAt(to - <usize>domain.length, domain)) return true
  }
  return false
}

function sameAt(at: usize, lower: Uint8Array): bool {
  for (let i = 0; i < lower.length; i++) {
    let byte = <u32>load<u8>(at + <usize>i)
    if (byte - 0x41 < 26) byte |= 0x20
    if (byte != <u32>unchecked(lower[i])) return false
  }
  return true
}
