import { ByteWriter, Hash, hexEncode, hmac, utf8Bytes } from '@sluice/plugin-sdk/assembly'
import { utf8Decode } from '@sluice/plugin-sdk/assembly/utf8'

/** The originals of an exchange. They are kept as the binding's state, and nowhere else. */

/** What the gateway keeps of a binding's state at most. */
const MAX_STATE: i32 = 65_536
const ID_BYTES: i32 = 4
const HASH_BYTES: i32 = 6

let secret: Uint8Array | null = null

/** By label and value: the name of its placeholder. */
let names = new Map<string, string>()
/** By name: its value. */
let originals = new Map<string, string>()
/** By label: how many there are. */
let counts = new Map<string, i32>()
const state = new ByteWriter()

/** null: placeholders are counted. */
export function prepareVault(key: Uint8Array | null): void {
  secret = key
}

/** Begins the vault of an exchange. */
export function openVault(): void {
  if (names.size > 0) {
    names = new Map<string, string>()
    counts = new Map<string, i32>()
    originals = new Map<string, string>()
  }
  state.clear()
}

/** The name of the placeholder of a value: always the same one for the same value of the exchange, and with a secret, of every exchange. */
export function keep(label: string, value: string): string {
  const key = label + ' ' + value
  if (names.has(key)) return names.get(key)
  const name = label + '_' + freeId(label, value)
  names.set(key, name)
  originals.set(name, value)
  state.string(name)
  state.string(value)
  return name
}

/** A keyed hash of a value, in hexadecimal. */
export function hashOf(label: string, value: string): string {
  return hexEncode(digestOf(label + '#', value).subarray(0, HASH_BYTES))
}

/** Whether more was kept than can be. */
export function isVaultFull(): bool {
  return state.size > MAX_STATE - 1
}

export function isVaultEmpty(): bool {
  return state.size == 0
}

/** @param isJson - the answer is going to be JSON: originals are written in it as such */
export function sealVault(isJson: bool): Uint8Array {
  const sealed = new Uint8Array(state.size + 1)
  sealed[0] = isJson ? 1 : 0
  memory.copy(sealed.dataStart + 1, state.start, <usize>state.size)
  return sealed
}

/** Whether the answer of the vault that was opened last is JSON. */
export let answersJson = false

/** Takes back what `sealVault` gave. False: there is nothing in it. */
export function unsealVault(bytes: Uint8Array): bool {
  originals = new Map<string, string>()
  if (bytes.length == 0) return false
  answersJson = bytes[0] == 1
  let at = bytes.dataStart + 1
  const end = bytes.dataStart + <usize>bytes.length
  while (at < end) {
    const name = text(at, end)
    const value = text(next, end)
    originals.set(name, value)
    at = next
  }
  return originals.size > 0
}

export function isKept(name: string): bool {
  return originals.has(name)
}

export function original(name: string): string {
  return originals.get(name)
}

function freeId(label: string, value: string): string {
  if (secret !== null) {
    const digest = digestOf(label, value)
    // The first four bytes are nearly always free: two values with the same ones take some 65,000 values.
    for (let from = 0; from + ID_BYTES <= digest.length; from += ID_BYTES) {
      const id = hexEncode(digest.subarray(from, from + ID_BYTES))
      if (!originals.has(label + '_' + id)) return id
    }
  }
  let count = counts.has(label) ? counts.get(label) : 0
  do count++
  while (originals.has(label + '_' + count.toString()))
  counts.set(label, count)
  return count.toString()
}

function digestOf(label: string, value: string): Uint8Array {
  const key = secret
  return key === null ? new Uint8Array(0) : hmac(Hash.SHA256, key, utf8Bytes(label + '\0' + value))
}

let next: usize = 0

function text(at: usize, end: usize): string {
  let size: u32 = 0
  for (let shift = 0; at < end && shift < 28; shift += 7) {
    const byte = <u32>load<u8>(at++)
    size |= (byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  const stop = min(end, at + <usize>size)
  next = stop
  return utf8Decode(at, <i32>(stop - at))
}
