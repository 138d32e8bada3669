import { isWideCharset } from './charset'
import { mediaType } from './media-type'
import { HeaderView } from './request'

/** What a body is, by its content type and its first character. */
export enum BodyKind {
  /** Nothing to read: images, archives, multipart … */
  BINARY,
  TEXT,
  /** Text of another type that begins as JSON does: it may have JSON's escapes. */
  JSON_LIKE,
  JSON,
  FORM,
  /** Text in a coding that cannot be read here, UTF-16 for one. */
  UNREADABLE
}

const TEXT_TYPES = [
  'application/xml',
  'application/javascript',
  'application/ecmascript',
  'application/graphql',
  'application/yaml',
  'application/x-yaml',
  'application/toml',
  'application/sql'
]
const JSON_TYPES = ['application/json', 'text/json', 'application/x-ndjson', 'application/jsonl', 'application/json-seq']
const FORM_TYPE = 'application/x-www-form-urlencoded'

/** What the body of a message is. One with content types that differ cannot be read: the next reader may take the other. */
export function bodyKindOf(message: HeaderView, body: usize, size: i32, any: bool): BodyKind {
  const types = message.headers('content-type')
  for (let i = 1; i < types.length; i++) {
    if (mediaType(types[i]) != mediaType(types[0]) || isWideCharset(types[i])) return BodyKind.UNREADABLE
  }
  return bodyKind(types.length > 0 ? types[0] : '', body, size, any)
}

/** What the body of this content type is; `any` takes every type for text. */
export function bodyKind(contentType: string, body: usize, size: i32, any: bool): BodyKind {
  const type = mediaType(contentType)
  const json = JSON_TYPES.includes(type) || type.endsWith('+json')
  const readable = json || type == '' || type == FORM_TYPE || isText(type)
  if (!readable && !any) return BodyKind.BINARY
  if (readable && isWide(contentType, body, size)) return BodyKind.UNREADABLE
  if (type == FORM_TYPE) return BodyKind.FORM
  if (json) return BodyKind.JSON
  if (!beginsAsJson(body, size)) return BodyKind.TEXT
  return type == '' ? BodyKind.JSON : BodyKind.JSON_LIKE
}

function isText(type: string): bool {
  return type.startsWith('text/') || TEXT_TYPES.includes(type) || type.endsWith('+xml') || type.endsWith('+yaml')
}

/** UTF-16, UTF-7, EBCDIC: their letters are not the bytes of ASCII, so nothing would be found. */
function isWide(contentType: string, body: usize, size: i32): bool {
  if (isWideCharset(contentType)) return true
  if (size < 2) return false
  const mark = load<u16>(body)
  if (mark == 0xfeff || mark == 0xfffe) return true
  // RFC 4627 section 3: JSON begins with two ASCII characters, so a zero byte shows a wide coding.
  return load<u8>(body) == 0 || load<u8>(body, 1) == 0
}

function beginsAsJson(body: usize, size: i32): bool {
  for (let i = 0; i < size; i++) {
    const byte = load<u8>(body + <usize>i)
    if (byte == 0x7b || byte == 0x5b || byte == 0x22) return true
    if (byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09) return false
  }
  return false
}
