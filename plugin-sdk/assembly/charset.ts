import { HeaderView } from './request'
import { lowerAscii } from './text'

const WORD = 'charset'

/** Code pages of IBM whose first half is ASCII, as their numbers begin; all others may be EBCDIC. */
const ASCII_PAGES = ['125', '367', '437', '65001', '737', '775', '819', '85', '86', '874', '932', '936', '943', '949', '950']
/** Codings with more than a byte for letters of ASCII, or with shifts between sets of letters. */
const WIDE = ['ucs', 'unicode', 'iso10646', 'iso2022', 'hz', 'scsu', 'bocu', 'jis', 'compound']

/** Whether a content type of the message names a charset in which the letters of ASCII are other bytes: UTF-16, UTF-7, EBCDIC and their kin. */
export function hasWideCharset(message: HeaderView): bool {
  return isWideCharset(message.headers('content-type').join(', '))
}

/** The same of one content type. Of several charsets in it each counts, since readers take one or another. */
export function isWideCharset(contentType: string): bool {
  const header = lowerAscii(contentType)
  for (let at = header.indexOf(WORD); at >= 0; at = header.indexOf(WORD, at)) {
    at = skipBlanks(header, at + WORD.length)
    if (header.charCodeAt(at) == 0x3d && isWide(nameAt(header, at + 1))) return true
  }
  return false
}

/** The charset behind a "=", of its letters and digits only: "UTF-7", "utf_7" and "\"utf-7\"" are one. */
function nameAt(header: string, at: i32): string {
  let name = ''
  at = skipBlanks(header, at)
  for (; at < header.length; at++) {
    const unit = header.charCodeAt(at)
    if (unit == 0x3b || unit == 0x2c || unit == 0x20 || unit == 0x09) break
    if ((unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39)) name += String.fromCharCode(unit)
  }
  return name
}

function isWide(name: string): bool {
  if (name.includes('utf7') || name.includes('utf16') || name.includes('utf32') || name.includes('ebcdic')) return true
  // x-ibm037, csISO2022JP
  const from = name.startsWith('x') ? 1 : name.startsWith('cs') ? 2 : 0
  for (let i = 0; i < WIDE.length; i++) if (name.startsWith(WIDE[i], from)) return true
  const page = from + (name.startsWith('ibm', from) ? 3 : name.startsWith('cp', from) ? 2 : 0)
  const digit = name.charCodeAt(page) - 0x30
  if (page >= name.length || <u32>digit > 9) return false
  for (let i = 0; i < ASCII_PAGES.length; i++) if (name.startsWith(ASCII_PAGES[i], page)) return false
  return true
}

function skipBlanks(text: string, at: i32): i32 {
  while (at < text.length && (text.charCodeAt(at) == 0x20 || text.charCodeAt(at) == 0x09)) at++
  return at
}
