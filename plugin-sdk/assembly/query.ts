import { percentDecode, percentEncode } from './text'

/**
 * Changes to a query string that leave every other byte as it is. Names are compared as the upstream will read them:
 * decoded, with "+" for a blank.
 */

/** A parameter of a query: its decoded value (of several, the last one's), and how often it is there. */
@final
export class FoundParameter {
  value: string = ''
  count: i32 = 0
}

/** Looks for parameter `name`. */
export function findParameter(query: string, name: string): FoundParameter {
  const found = new FoundParameter()
  for (let at = 0; at < query.length; ) {
    const stop = partEnd(query, at)
    const equals = nameEnd(query, at, stop)
    if (isNamed(query, at, equals, name)) {
      found.count++
      found.value = valueOf(query, equals, stop)
    }
    at = stop + 1
  }
  return found
}

/** The decoded value of every parameter `name`, in the order they came. */
export function parameterValues(query: string, name: string): string[] {
  const values: string[] = []
  for (let at = 0; at < query.length; ) {
    const stop = partEnd(query, at)
    const equals = nameEnd(query, at, stop)
    if (isNamed(query, at, equals, name)) values.push(valueOf(query, equals, stop))
    at = stop + 1
  }
  return values
}

/** `query` without parameter `name`. */
export function withoutParameter(query: string, name: string): string {
  return edited(query, name, '', '', true)
}

/**
 * `query` with that value for parameter `name`: in place of the first one, the others are dropped, or else at the end.
 */
export function withParameter(query: string, name: string, value: string): string {
  const part = percentEncode(name) + '=' + percentEncode(value)
  return hasParameter(query, name) ? edited(query, name, part, '', true) : withPart(query, part)
}

/** `query` with one more parameter at its end. */
export function withAddedParameter(query: string, name: string, value: string): string {
  return withPart(query, percentEncode(name) + '=' + percentEncode(value))
}

/**
 * `query` with the parameters `name` under another one. Those that had it already are dropped, so that they cannot be
 * taken for the renamed ones.
 */
export function withRenamedParameter(query: string, name: string, newName: string): string {
  if (name == newName || !hasParameter(query, name)) return query
  return edited(withoutParameter(query, newName), name, '', percentEncode(newName), false)
}

/** `query` with the named parameters only. */
export function withOnlyParameters(query: string, names: string[]): string {
  let kept = ''
  let first = true
  for (let at = 0; at < query.length; ) {
    const stop = partEnd(query, at)
    const equals = nameEnd(query, at, stop)
    for (let i = 0; i < names.length; i++) {
      if (!isNamed(query, at, equals, names[i])) continue
      if (!first) kept += '&'
      kept += query.substring(at, stop)
      first = false
      break
    }
    at = stop + 1
  }
  return kept
}

function hasParameter(query: string, name: string): bool {
  return findParameter(query, name).count > 0
}

function withPart(query: string, part: string): string {
  return query.length == 0 ? part : query + '&' + part
}

/**
 * Each part of that name becomes `newName` with its old value; or, without one, the first becomes `part` ("" for
 * nothing) and the others are dropped.
 */
function edited(query: string, name: string, part: string, newName: string, once: bool): string {
  let kept = ''
  let first = true
  let found = false
  for (let at = 0; at <= query.length; ) {
    const stop = partEnd(query, at)
    const equals = nameEnd(query, at, stop)
    let text = query.substring(at, stop)
    let keeps = true
    if (at < query.length && isNamed(query, at, equals, name)) {
      keeps = !once || (!found && part.length > 0)
      text = once ? part : newName + query.substring(equals, stop)
      found = true
    }
    if (keeps) {
      if (!first) kept += '&'
      kept += text
      first = false
    }
    at = stop + 1
  }
  return found ? kept : query
}

function partEnd(query: string, at: i32): i32 {
  while (at < query.length && query.charCodeAt(at) != 0x26) at++
  return at
}

function nameEnd(query: string, at: i32, stop: i32): i32 {
  while (at < stop && query.charCodeAt(at) != 0x3d) at++
  return at
}

function valueOf(query: string, equals: i32, stop: i32): string {
  return equals < stop ? formDecode(query.substring(equals + 1, stop)) : ''
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
