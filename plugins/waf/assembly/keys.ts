import { Coding, Decoder, utf8Bytes } from '@sluice/plugin-sdk/assembly'
import { utf8Decode } from '@sluice/plugin-sdk/assembly/utf8'
import { isOperator } from './places'
import { enter, hit, Rule } from './rules'

/**
 * Keys of JSON that mean something to a database or to the language: "$ne":, "__proto__":, "constructor": {"prototype":. They are
 * looked for at every quote, not by reading the text as JSON: then one that is not quite JSON hides none.
 */

/** Longer keys are none of these, whatever escapes they are written with. */
const MAX_KEY: usize = 128
const CONSTRUCTOR = utf8Bytes('constructor')
const PROTOTYPE = utf8Bytes('prototype')
const PROTO = utf8Bytes('__proto__')

const decoder = new Decoder()
/** The key at hand, without its escapes. */
let key: usize = 0
let keySize: i32 = 0

export function scanKeys(body: usize, size: i32): void {
  const end = body + <usize>size
  let constructs = false
  for (let at = body; at + 4 < end; at++) {
    if (load<u8>(at) != 0x22 || !mayMatter(load<u8>(at, 1)) || !readKey(at + 1, end)) continue
    if (load<u8>(key) == 0x24 && isOperator(utf8Decode(key, keySize), 1)) hitKey(Rule.NOSQL_OPERATOR)
    else if (isKey(PROTO)) hitKey(Rule.CODE_PROTOTYPE)
    else if (isKey(CONSTRUCTOR)) constructs = true
  }
  if (constructs && holdsPrototype(body, end)) hitKey(Rule.CODE_PROTOTYPE)
}

/** Whether a key that matters may begin with this byte. */
function mayMatter(byte: u32): bool {
  return byte == 0x24 || byte == 0x5f || byte == 0x63 || byte == 0x5c
}

/** Takes in the key at `at`. False: the string there is no key, or a long or empty one. */
function readKey(at: usize, end: usize): bool {
  const limit = min(end, at + MAX_KEY)
  let stop = at
  let escaped = false
  for (; stop < limit && load<u8>(stop) != 0x22; stop++) if (load<u8>(stop) == 0x5c) escaped = true
  if (stop == at || stop >= limit || !isColonNext(stop + 1, end)) return false
  const text = decoder.read(at, 0, <i32>(stop - at), escaped ? Coding.JSON : Coding.PLAIN)
  key = text.start
  keySize = text.size
  return true
}

function isColonNext(at: usize, end: usize): bool {
  while (at < end && load<u8>(at) <= 0x20) at++
  return at < end && load<u8>(at) == 0x3a
}

function isKey(name: Uint8Array): bool {
  return keySize == name.length && memory.compare(key, name.dataStart, <usize>keySize) == 0
}

/** Whether an object that is called "constructor" has a member that is called "prototype". */
function holdsPrototype(body: usize, end: usize): bool {
  // For each depth, whether the object there is called so.
  const called = new Uint8Array(<i32>(end - body) + 1)
  let depth = 0
  let isNext = false
  for (let at = body; at < end; at++) {
    const byte = load<u8>(at)
    if (byte == 0x22) {
      if (readKey(at + 1, end)) {
        if (called[depth] != 0 && isKey(PROTOTYPE)) return true
        isNext = isKey(CONSTRUCTOR)
      }
      at++
      while (at < end && load<u8>(at) != 0x22) at += load<u8>(at) == 0x5c ? 2 : 1
    } else if (byte == 0x7b || byte == 0x5b) {
      called[++depth] = isNext && byte == 0x7b ? 1 : 0
      isNext = false
    } else if (byte == 0x7d || byte == 0x5d) {
      if (depth > 0) depth--
      isNext = false
    } else if (byte == 0x2c) {
      isNext = false
    }
  }
  return false
}

function hitKey(rule: Rule): void {
  enter('json', '', 0)
  hit(rule)
}
