import { percentDecode } from '@sluice/plugin-sdk/assembly'

/** A parameter of a query: its decoded value, and how often it is there. */
@final
export class Found {
  value: string = ''
  count: i32 = 0
}

/** Looks for parameter `name`. */
export function findParameter(query: string, name: string): Found {
  const found = new Found()
  for (let at = 0; at < query.length; ) {
    const stop = partEnd(query, at)
    const equals = nameEnd(query, at, stop)
    if (isNamed(query, at, equals, name)) {
      found.count++
      found.value = equals < stop ? formDecode(query.substring(equals + 1, stop)) : ''
    }
    at = stop + 1
  }
  return found
}

/** `query` without parameter `name`; every other byte stays as it is. */
export function withoutParameter(query: string, name: string): string {
  let kept = ''
  let first = true
  let dropped = false
  for (let at = 0; at <= query.length; ) {
    const stop = partEnd(query, at)
    if (isNamed(query, at, nameEnd(query, at, stop), name)) {
      dropped = true
    } else {
      if (!first) kept += '&'
      kept += query.substring(at, stop)
      first = false
    }
    at = stop + 1
  }
  return dropped ? kept : query
}

function partEnd(query: string, at: i32): i32 {
  while (at < query.length && query.charCodeAt(at) != 0x26) at++
  return at
}

function nameEnd(query: string, at: i32, stop: i32): i32 {
  while (at < stop && query.charCodeAt(at) != 0x3d) at++
  return at
}

/** A name may be escaped too: the upstream would decode it, so it is the same parameter. */
function isNamed(query: string, from: i32, to: i32, name: string): bool {
  for (let i = from; i < to; i++) {
    const unit = query.charCodeAt(i)
    if (unit == 0x25 || unit == 0x2b) return formDecode(query.substring(from, to)) == name
  }
  return query.substring(from, to) == name
}

function formDecode(text: string): string {
  return percentDecode(text.replaceAll('+', ' '))
}
