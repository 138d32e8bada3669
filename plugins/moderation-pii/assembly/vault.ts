import { ByteWriter, Coding, Decoder } from '@sluice/plugin-sdk/assembly'
import { LABELS } from '@sluice/plugin-sdk/assembly/pii'
import { utf8Decode } from '@sluice/plugin-sdk/assembly/utf8'
import { MAX_NUMBER, placeholder, placeholderKind, placeholderNumber, readPlaceholder } from './placeholder'

/** The originals of an exchange. They are kept as the binding's state, and nowhere else. */

/** What the gateway keeps of a binding's state at most. */
const MAX_STATE: i32 = 65_536

let numbers = new Map<string, i32>()
let originals = new Map<i32, string>()
/** The placeholders that the body of the request has already. */
let taken = new Set<i32>()
/** By kind: the number that was given last. */
const lastNumber = new StaticArray<i32>(7)
const decoder = new Decoder()
const state = new ByteWriter()

/** Begins the vault of a request. */
export function openVault(): void {
  numbers = new Map<string, i32>()
  taken = new Set<i32>()
  state.clear()
  lastNumber.fill(0)
}

/** Leaves to the body the placeholders that it has already, however they are escaped, so that none means two things. */
export function reserve(body: usize, size: i32, coding: Coding): void {
  const text = decoder.read(body, 0, size, coding)
  const end = text.start + <usize>text.size
  for (let at = text.start; at < end; at++) if (load<u8>(at) == 0x5b && readPlaceholder(at, end) != 0) taken.add(keyOf(placeholderKind, placeholderNumber))
}

/** The placeholder of a value; the same one for the same value. */
export function keep(kind: i32, value: string): string {
  const key = kind.toString() + value
  if (numbers.has(key)) return placeholder(kind, numbers.get(key))
  const number = freeNumber(kind)
  numbers.set(key, number)
  state.varint(kind)
  state.varint(number)
  state.string(value)
  return placeholder(kind, number)
}

/** Whether more was kept than can be. */
export function isVaultFull(): bool {
  for (let kind = 0; kind < lastNumber.length; kind++) if (lastNumber[kind] > MAX_NUMBER) return true
  return state.size > MAX_STATE
}

export function isVaultEmpty(): bool {
  return state.size == 0
}

export function sealVault(): Uint8Array {
  return state.toBytes()
}

/** Takes back what `sealVault` gave. False: there is nothing in it. */
export function unsealVault(bytes: Uint8Array): bool {
  originals = new Map<i32, string>()
  let at = bytes.dataStart
  const end = at + <usize>bytes.length
  while (at < end) {
    const kind = number(at, end)
    const count = number(next, end)
    const size = number(next, end)
    if (kind >= LABELS.length || size < 0 || next + <usize>size > end) break
    originals.set(keyOf(kind, count), utf8Decode(next, size))
    at = next + <usize>size
  }
  return originals.size > 0
}

/** Whether the placeholder that was read last is one of this exchange. */
export function isKept(): bool {
  return originals.has(keyOf(placeholderKind, placeholderNumber))
}

/** The original of the placeholder that was read last. */
export function original(): string {
  return originals.get(keyOf(placeholderKind, placeholderNumber))
}

/** The lowest number that is free. */
function freeNumber(kind: i32): i32 {
  let number = lastNumber[kind]
  do number++
  while (taken.has(keyOf(kind, number)))
  lastNumber[kind] = number
  return number
}

function keyOf(kind: i32, number: i32): i32 {
  return number * 8 + kind
}

let next: usize = 0

function number(at: usize, end: usize): i32 {
  let value: u32 = 0
  for (let shift = 0; at < end && shift < 28; shift += 7) {
    const byte = <u32>load<u8>(at++)
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  next = at
  return <i32>value
}
