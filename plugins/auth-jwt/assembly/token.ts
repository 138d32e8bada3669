import {
  Algorithm,
  algorithmOf,
  base64Decode,
  base64DecodePart,
  base64DecodeTo,
  base64Size,
  Json,
  lowerAscii,
  Room
} from '@sluice/plugin-sdk/assembly'
import { Why } from './refusals'

/** Headers of tokens are short; a long one is only there to be work. */
const MAX_HEADER: i32 = 8192
const MAX_VALUES: i32 = 4096

/** For what is looked at while a token is checked, and not kept. */
const room = new Room()

/** The parts of a token, read before anything in it is believed. */
@final
export class Token {
  /** How many bytes the signature is of; they are at `signedAt`. */
  signedSize: i32 = 0
  signatureSize: i32 = 0
  private payload: Uint8Array = new Uint8Array(0)
  header: TokenHeader = NO_HEADER

  /** Takes a token apart. Why.NONE, or what is wrong. */
  read(text: string): Why {
    const first = dotFrom(text, 0)
    if (first < 0 || first > MAX_HEADER || first == text.length) return Why.MALFORMED
    const second = dotFrom(text, first + 1)
    if (second < 0 || dotFrom(text, second + 1) != text.length || second == text.length) return Why.MALFORMED
    const payload = base64DecodePart(text, first + 1, second)
    this.signedSize = second
    this.signatureSize = base64Size(text.length - second - 1)
    room.reserve(this.signedSize + this.signatureSize)
    if (payload === null || !base64DecodeTo(text, second + 1, text.length, this.signatureAt)) return Why.MALFORMED
    this.header = headerOf(text, first)
    this.payload = payload
    copyAscii(text, second, room.start)
    return this.header.why
  }

  // Both are there until the next token is read.
  get signedAt(): usize {
    return room.start
  }

  get signatureAt(): usize {
    return room.start + <usize>this.signedSize
  }

  /** The claims; null when they are not a JSON object, or one in which a claim is there twice. */
  claims(): Json | null {
    return objectOf(this.payload)
  }
}

/** What is used of a token's header. Keys and addresses of keys in it (jwk, jku, x5c, x5u) are not. */
@final
class TokenHeader {
  constructor(
    readonly why: Why,
    readonly algorithm: Algorithm,
    readonly kid: string | null,
    /** In lower case, without "application/". */
    readonly type: string
  ) {}
}

const NO_HEADER = new TokenHeader(Why.MALFORMED, Algorithm.UNKNOWN, null, '')

/** Tokens of one key have the same header: the last one is kept. */
let lastText = ''
let lastHeader = NO_HEADER

/** @param size - of the header, units at the beginning of the token */
function headerOf(token: string, size: i32): TokenHeader {
  if (size == lastText.length && token.startsWith(lastText)) return lastHeader
  lastText = token.substring(0, size)
  lastHeader = readHeader(lastText)
  return lastHeader
}

function readHeader(text: string): TokenHeader {
  const bytes = base64Decode(text)
  if (bytes === null) return NO_HEADER
  const json = objectOf(bytes)
  if (json === null) return NO_HEADER
  const kid = json.get('kid')
  const type = json.get('typ')
  const strange = (kid.exists && !kid.isString) || (type.exists && !type.isString) || !json.get('alg').isString
  if (strange) return NO_HEADER
  // RFC 7515 section 4.1.11: what is critical must be understood, and nothing is.
  const why = json.has('crit') ? Why.CRITICAL : Why.NONE
  return new TokenHeader(
    why,
    algorithmOf(json.get('alg').asString()),
    kid.exists ? kid.asString() : null,
    typeName(type.asString())
  )
}

/** RFC 7515 section 4.1.9: "application/" may be left out; media types have no case. */
export function typeName(text: string): string {
  const lower = lowerAscii(text)
  const prefix = 'application/'
  return lower.startsWith(prefix) && lower.indexOf('/', prefix.length) < 0 ? lower.substring(prefix.length) : lower
}

/** RFC 7519 section 4: of two claims with the same name readers take either; such a token is refused. */
function objectOf(bytes: Uint8Array): Json | null {
  const json = Json.parseOwned(bytes.buffer, MAX_VALUES)
  if (json === null || !json.isObject) return null
  if (json.length > MANY) {
    const seen = new Set<string>()
    for (let i = 0; i < json.length; i++) {
      if (seen.has(json.keyAt(i))) return null
      seen.add(json.keyAt(i))
    }
    return json
  }
  for (let i = 1; i < json.length; i++) {
    const key = json.keyAt(i)
    for (let j = 0; j < i; j++) if (json.keyAt(j) == key) return null
  }
  return json
}

const MANY: i32 = 24

/**
 * Where the next dot is, or the end of the text; -1 when something comes before it that is no letter of base64url: padding, blanks,
 * a second way to write the same token.
 */
function dotFrom(text: string, from: i32): i32 {
  for (let i = from; i < text.length; i++) {
    const unit = <u32>load<u16>(changetype<usize>(text) + (<usize>i << 1))
    const lower = unit | 0x20
    if ((lower >= 0x61 && lower <= 0x7a && unit < 0x80) || (unit >= 0x30 && unit <= 0x39)) continue
    if (unit == 0x2e) return i
    if (unit != 0x2d && unit != 0x5f) return -1
  }
  return text.length
}

/** Writes the first `length` units of a text that is ASCII to `out`. */
function copyAscii(text: string, length: i32, out: usize): void {
  const from = changetype<usize>(text)
  for (let i: usize = 0; i < <usize>length; i++) store<u8>(out + i, load<u8>(from + (i << 1)))
}
