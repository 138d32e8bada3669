import { Buffer } from 'node:buffer'
import { copyTo, latin1Of } from '../base/bare.js'
import type { JsonObject } from './members.js'
import type { BodyEdits } from './providers/provider.js'

/**
 * Changes members at the top of a JSON object without touching any other byte: spaces, order, escapes and number formats stay as the client
 * wrote them, and with them what providers cache by prefix. A member that is there twice is changed at each place.
 * @param body - known to be a JSON object
 * @param parsed - it, parsed: where it has none of the names, nothing is looked for
 */
export function splice(body: Buffer, { set = {}, remove = [] }: BodyEdits, parsed?: JsonObject): Buffer {
  if (parsed !== undefined && remove.length === 0 && hasNone(parsed, set)) return appended(body, set)
  const missing = new Map(Object.entries(set).filter(([, value]) => value !== undefined))
  if (missing.size + remove.length === 0) return body
  const added = new Map(missing)
  const cut = new Set(remove)
  const pieces: Buffer[] = []
  let kept = 0
  let members = 0
  const { found, end } = topMembers(body)
  for (const [i, member] of found.entries()) {
    if (cut.has(member.name)) {
      // With the comma before it, or of the first one with the comma after it.
      const from = members > 0 ? (found[i - 1]?.end ?? member.start) : member.start
      const next = found[i + 1]
      pieces.push(body.subarray(kept, Math.max(kept, from)))
      kept = members > 0 || next === undefined ? member.end : next.start
      continue
    }
    members++
    if (!missing.has(member.name)) continue
    pieces.push(body.subarray(kept, member.valueStart), Buffer.from(JSON.stringify(missing.get(member.name))))
    kept = member.end
    added.delete(member.name)
  }
  pieces.push(body.subarray(kept, end))
  for (const [name, value] of added) {
    pieces.push(Buffer.from(`${members++ > 0 ? ',' : ''}${memberText(name, value)}`))
  }
  pieces.push(body.subarray(end))
  return Buffer.concat(pieces)
}

function hasNone(object: JsonObject, set: JsonObject): boolean {
  for (const name in set) if (Object.hasOwn(object, name)) return false
  return true
}

function memberText(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`
}

/** With members of names that are new to it. */
function appended(body: Buffer, set: JsonObject): Buffer {
  let members = ''
  for (const name in set) {
    const value = set[name]
    if (value !== undefined) members += `${members === '' ? '' : ','}${memberText(name, value)}`
  }
  return members === '' ? body : withMembers(body, members)
}

/**
 * A JSON object with more members at its end.
 * @param members - as they are to stand there, of names that it does not have: `"a":1,"b":2`
 */
export function withMembers(body: Buffer, members: string): Buffer {
  const end = beforeSpace(body, body.length) - 1
  const comma = body[beforeSpace(body, end) - 1] === OPEN ? '' : ','
  const last = Buffer.from(comma + members + latin1Of(body, end, body.length)) // the brace and spaces
  const whole = Buffer.allocUnsafe(end + last.length)
  copyTo(whole, body, 0)
  copyTo(whole, last, end)
  return whole
}

interface Member {
  readonly name: string
  /** Of its name, the quote included. */
  readonly start: number
  readonly valueStart: number
  readonly end: number
}

export const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = 0x7b

/** Where the members at the top of a JSON object are, and where the object's closing brace is. */
export function topMembers(body: Buffer): { readonly found: readonly Member[]; readonly end: number } {
  const found: Member[] = []
  let at = pastSpace(body, body.indexOf('{') + 1)
  while (body[at] === QUOTE) {
    const start = at
    const nameEnd = pastString(body, at)
    const valueStart = pastSpace(body, pastSpace(body, nameEnd) + 1)
    const end = pastValue(body, valueStart)
    found.push({ name: nameOf(body, start, nameEnd), start, valueStart, end })
    at = pastSpace(body, end)
    if (body[at] !== 0x2c) break
    at = pastSpace(body, at + 1)
  }
  return { found, end: at }
}

export function nameOf(body: Buffer, start: number, end: number): string {
  const text = body.toString('utf8', start + 1, end - 1)
  return text.includes('\\') ? String(JSON.parse(`"${text}"`)) : text
}

export function pastSpace(body: Buffer, from: number): number {
  let at = from
  while (at < body.length) {
    const byte = body[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break
    at++
  }
  return at
}

function beforeSpace(body: Buffer, from: number): number {
  let at = from
  while (at > 0 && (body[at - 1] ?? 0) <= 0x20) at--
  return at
}

export function pastString(body: Buffer, from: number): number {
  let at = from + 1
  for (;;) {
    const quote = body.indexOf(QUOTE, at)
    if (quote === -1) return body.length
    let slashes = 0
    while (body[quote - 1 - slashes] === BACKSLASH) slashes++
    at = quote + 1
    if (slashes % 2 === 0) return at
  }
}

function pastValue(body: Buffer, from: number): number {
  let at = from
  let depth = 0
  while (at < body.length) {
    const byte = body[at]
    if (byte === QUOTE) {
      at = pastString(body, at)
      if (depth === 0) return at
      continue
    }
    if (byte === OPEN || byte === 0x5b) depth++
    else if (byte === 0x7d || byte === 0x5d) {
      if (depth === 0) return beforeSpace(body, at) // a number or a word
      depth--
      if (depth === 0) return at + 1
    } else if (byte === 0x2c && depth === 0) return beforeSpace(body, at)
    at++
  }
  return at
}
