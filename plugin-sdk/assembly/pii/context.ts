import { utf8Bytes } from '../utf8'
import { addressOf, bodyStart, byteAt } from './text'

/**
 * Words that say what the number behind them is. They are looked for in the body itself, so that the key of a JSON member
 * counts: "phone": "5551234".
 */

const WINDOW: usize = 32

const PHONE = lists(['phone', 'telephone', 'tel', 'mobile', 'mobil', 'cell', 'call', 'fax', 'sms', 'whatsapp', 'signal', 'telefon', 'telefono', 'handy', 'celular', '电话', '手机', 'тел'])
/** Those that make a telephone number of what they are joined to: not "mobile" and "call", which identifiers begin with. */
const PHONE_NAMES = lists(['phone', 'telephone', 'tel', 'fax', 'telefon', 'telefono'])
const SSN = lists(['ssn', 'social security', 'socialsecurity', 'social_security', 'itin', 'taxpayer'])
const VERSION = lists(['version', 'ver', 'release', 'build', 'firmware', 'v'])

export function saysPhone(at: usize): bool {
  return precededBy(at, PHONE)
}

/** Whether such a word and a sign stand right before `at`: "tel.0301234567", "phone_5551234567". */
export function isCalledPhone(at: usize): bool {
  const sign = byteAt(at - 1)
  if (sign != 0x2e && sign != 0x2d && sign != 0x5f) return false
  const stop = addressOf(at) - 1
  const body = bodyStart()
  for (let i = 0; i < PHONE_NAMES.length; i++) {
    const word = unchecked(PHONE_NAMES[i])
    const from = stop - <usize>word.length
    if (stop < body + <usize>word.length || !sameAt(from, word)) continue
    if (from == body || beginsWord(<u32>load<u8>(from - 1), <u32>load<u8>(from))) return true
  }
  return false
}

export function saysSsn(at: usize): bool {
  return precededBy(at, SSN)
}

export function saysVersion(at: usize): bool {
  return precededBy(at, VERSION)
}

/** Whether one of the words stands shortly before `at`, in the same member or sentence. */
function precededBy(at: usize, words: Uint8Array[]): bool {
  const stop = addressOf(at)
  const body = bodyStart()
  let from = stop
  while (from > body && stop - from < WINDOW && !separates(load<u8>(from - 1))) from--
  for (; from < stop; from++) {
    const byte = <u32>load<u8>(from)
    if (byte < 0x80 && (byte | 0x20) - 0x61 >= 26) continue
    if (from > body && !beginsWord(<u32>load<u8>(from - 1), byte)) continue
    for (let i = 0; i < words.length; i++) if (isWordAt(from, stop, unchecked(words[i]))) return true
  }
  return false
}

/** phoneNumber and homePhone are two words each; hotel has no "tel". */
function beginsWord(before: u32, byte: u32): bool {
  return (before | 0x20) - 0x61 >= 26 || (byte - 0x41 < 26 && before >= 0x61)
}

function isWordAt(at: usize, stop: usize, word: Uint8Array): bool {
  const after = at + <usize>word.length
  if (after > stop || !sameAt(at, word)) return false
  return after == stop || <u32>load<u8>(after) - 0x61 >= 26
}

function sameAt(at: usize, word: Uint8Array): bool {
  for (let i = 0; i < word.length; i++) {
    let byte = <u32>load<u8>(at + <usize>i)
    if (byte - 0x41 < 26) byte |= 0x20
    if (byte != <u32>unchecked(word[i])) return false
  }
  return true
}

function separates(byte: u8): bool {
  return byte == 0x2c || byte == 0x3b || byte == 0x0a || byte == 0x7b || byte == 0x7d
}

function lists(words: string[]): Uint8Array[] {
  const list: Uint8Array[] = []
  for (let i = 0; i < words.length; i++) list.push(utf8Bytes(words[i]))
  return list
}
