import { Algorithm, algorithmOf, base64Size, base64UrlDecodeAt, Json, JsonScratch, lowerAscii, Room } from '@sluice/plugin-sdk/assembly'
import { Why } from './refusals'

/** Headers of tokens are short; a long one is only there to be work. */
const MAX_HEADER: i32 = 8192
const MAX_VALUES: i32 = 4096

/** For what is looked at while a token is checked, and not kept. */
const room = new Room()
const scratch = new JsonScratch()

/** The parts of a token, read before anything in it is believed. They are there until the next is read, within one call. */
@final
export class Token {
  signedAt: usize = 0
  signedSize: i32 = 0
  signatureSize: i32 = 0
  header: TokenHeader = NO_HEADER
  private payload: usize = 0
  private payloadSize: i32 = 0

  get signatureAt(): usize {
    return room.start
  }

  /** Takes the token apart that the `size` bytes at `at` are. Why.NONE, or what is wrong. */
  read(at: usize, size: i32): Why {
    const end = at + <usize>size
    const first = dotFrom(at, end)
    const payload = first + 1
    const second = payload < end ? dotFrom(payload, end) : end
    const signature = second + 1
    if (<i32>(first - at) > MAX_HEADER || signature >= end) return Why.MALFORMED
    this.signedAt = at
    this.signedSize = <i32>(second - at)
    this.payload = payload
    this.payloadSize = <i32>(second - payload)
    const letters = <i32>(end - signature)
    this.signatureSize = base64Size(letters)
    room.reserve(this.signatureSize)
    // A dot in it, the beginning of a fourth part, is no letter of base64url.
    if (!base64UrlDecodeAt(signature, letters, room.start)) return Why.MALFORMED
    this.header = headerOf(at, <i32>(first - at))
    return this.header.why
  }

  /** The claims; null when they are not a JSON object in base64url, or one in which a claim is there twice. */
  claims(): Json | null {
    return objectOf(this.payload, this.payloadSize)
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
const lastRoom = new Room()
let lastSize: i32 = 0
let lastHeader = NO_HEADER

function headerOf(at: usize, size: i32): TokenHeader {
  if (size == lastSize && memory.compare(at, lastRoom.start, <usize>size) == 0) return lastHeader
  lastRoom.reserve(size)
  memory.copy(lastRoom.start, at, <usize>size)
  lastSize = size
  lastHeader = readHeader(at, size)
  return lastHeader
}

function readHeader(at: usize, size: i32): TokenHeader {
  const json = objectOf(at, size)
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

/**
 * The object that the base64url at `at` is; null when it is none.
 * RFC 7519 section 4: of two claims with the same name readers take either; such a token is refused.
 */
function objectOf(at: usize, size: i32): Json | null {
  const bytes = base64Size(size)
  if (!base64UrlDecodeAt(at, size, scratch.reserve(bytes))) return null
  const json = scratch.parse(bytes, MAX_VALUES)
  if (json === null || !json.isObject) return null
  const twice = json.length > MANY ? hasTwinOfMany(json) : hasTwin(json)
  return twice ? null : json
}

/** With more members than this a set is faster. */
const MANY: i32 = 24

function hasTwinOfMany(json: Json): bool {
  const seen = new Set<string>()
  for (let i = 0; i < json.length; i++) {
    if (seen.has(json.keyAt(i))) return true
    seen.add(json.keyAt(i))
  }
  return false
}

function hasTwin(json: Json): bool {
  // A bit for each key: where two have another, they need not be compared.
  let seen: u64 = 0
  for (let i = 0; i < json.length; i++) {
    const key = json.keyAt(i)
    const first = key.length > 0 ? load<u16>(changetype<usize>(key)) : 0
    const bit = <u64>1 << ((<u64>first + <u64>key.length * 5) & 63)
    if (seen & bit) for (let j = 0; j < i; j++) if (json.keyAt(j) == key) return true
    seen |= bit
  }
  return false
}

/** Where the next dot is, or the end. */
function dotFrom(at: usize, end: usize): usize {
  while (at + 8 <= end && !hasDot(load<u64>(at))) at += 8
  while (at < end && load<u8>(at) != 0x2e) at++
  return at
}

/** Whether one of eight bytes is a dot: where one is, the subtraction borrows. */
// @ts-ignore: decorator
@inline
function hasDot(eight: u64): bool {
  const dots = eight ^ 0x2e2e2e2e2e2e2e2e
  return ((dots - 0x0101010101010101) & ~dots & 0x8080808080808080) != 0
}
