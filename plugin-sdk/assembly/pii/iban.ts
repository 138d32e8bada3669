import { byteAt, isDigit, isLetter, isWord } from './text'

/** Bank accounts: the country's length and the checksum (ISO 13616, ISO 7064 mod 97-10). */

const LENGTHS =
  'AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27' +
  'GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22' +
  'MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28' +
  'TL23TN24TR26UA29VA22VG24XK20YE30'

/** Prose with a word like "at 20" before it has letters where accounts have digits. */
const MIN_DIGITS: i32 = 8

const lengths = lengthTable()
const account = new StaticArray<u8>(40)

/** The end of the account at `at`, where a word begins; 0 when there is none. */
export function ibanEnd(at: usize): usize {
  const first = byteAt(at) | 0x20
  const second = byteAt(at + 1) | 0x20
  if (!isLetter(first) || !isLetter(second)) return 0
  const wanted = <i32>unchecked(lengths[(first - 0x61) * 26 + second - 0x61])
  if (wanted == 0) return 0
  let count = 0
  let figures = 0
  let gap = false
  for (; count < wanted; at++) {
    const byte = byteAt(at)
    if (isDigit(byte)) {
      unchecked((account[count++] = <u8>(byte - 0x30)))
      figures++
    } else if (isLetter(byte)) {
      if (count == 2 || count == 3) return 0 // the check digits
      unchecked((account[count++] = <u8>((byte | 0x20) - 0x57)))
    } else {
      if (gap || (byte != 0x20 && byte != 0x2d)) return 0
      gap = true
      continue
    }
    gap = false
  }
  if (isWord(byteAt(at)) || figures < MIN_DIGITS + 2) return 0
  return remainder(wanted) == 1 ? at : 0
}

/** Of the account with its first four characters moved to the end, letters as 10 to 35, divided by 97. */
function remainder(count: i32): u32 {
  let rest: u32 = 0
  for (let i = 0; i < count; i++) {
    const value = <u32>unchecked(account[i + 4 < count ? i + 4 : i + 4 - count])
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest
}

function lengthTable(): StaticArray<u8> {
  const table = new StaticArray<u8>(26 * 26)
  for (let i = 0; i < LENGTHS.length; i += 4) {
    const place = (LENGTHS.charCodeAt(i) - 0x41) * 26 + LENGTHS.charCodeAt(i + 1) - 0x41
    table[place] = <u8>((LENGTHS.charCodeAt(i + 2) - 0x30) * 10 + LENGTHS.charCodeAt(i + 3) - 0x30)
  }
  return table
}
