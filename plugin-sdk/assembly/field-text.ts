import { utf8Bytes } from './utf8'

/** Framing and routing of the message on the wire: the gateway's own. The host refuses changes to them, one by one. */
const RESERVED = [
  'cdn-loop',
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via'
]

const HEX = '0123456789ABCDEF'

/** Whether no policy may write the header of that name (lower case): refuse it when the settings are read. */
export function isReservedHeader(name: string): bool {
  return RESERVED.includes(name)
}

/** Whether `text` is printable ASCII or tabs: what every server and client agrees on in a header value. */
export function isFieldText(text: string): bool {
  for (let i = 0; i < text.length; i++) if (!isPlain(text.charCodeAt(i))) return false
  return true
}

/**
 * `text` as it can stand in a header: control characters (a CR or LF would begin a header of the client's making) and
 * what is not ASCII are percent-encoded, as UTF-8.
 */
export function fieldText(text: string): string {
  if (isFieldText(text)) return text
  const bytes = utf8Bytes(text)
  let safe = ''
  for (let i = 0; i < bytes.length; i++) {
    const byte = <i32>bytes[i]
    if (isPlain(byte)) safe += String.fromCharCode(byte)
    else safe += '%' + HEX.charAt(byte >> 4) + HEX.charAt(byte & 15)
  }
  return safe
}

// @ts-ignore: decorator
@inline
function isPlain(unit: i32): bool {
  return (unit >= 0x20 && unit < 0x7f) || unit == 0x09
}
