import type { Look } from './preamble.js'

const HANDSHAKE = 22
const CLIENT_HELLO = 1
const SERVER_NAME = 0
const HOST_NAME = 0
/** A ClientHello is a few hundred bytes, some thousand with post-quantum keys. */
const MAX_BYTES = 65_536

/**
 * The name a TLS client asks for, in lower case; empty when it asks for none, or what it says is no ClientHello: then it
 * is for TLS itself to say so. Nothing is taken off the connection.
 */
export function lookForServerName(bytes: Buffer): Look<string> {
  const hello = handshakeMessage(bytes)
  if (hello === 'more') return bytes.length > MAX_BYTES ? found('') : { kind: 'more' }
  return found(hello === undefined ? '' : serverName(new Reader(hello)).toLowerCase())
}

function found(value: string): Look<string> {
  return { kind: 'whole', bytes: 0, value }
}

/** The first handshake message, put together from the records it lies in (RFC 8446 §5.1). */
function handshakeMessage(bytes: Buffer): Buffer | 'more' | undefined {
  const parts: Buffer[] = []
  let gathered = 0
  for (let at = 0; ; ) {
    if (at < bytes.length && bytes[at] !== HANDSHAKE) return undefined
    if (at + 5 > bytes.length) return 'more'
    const length = bytes.readUInt16BE(at + 3)
    if (length === 0) return undefined
    const part = bytes.subarray(at + 5, at + 5 + length)
    parts.push(part)
    gathered += part.length
    if (gathered >= 4) {
      const message = Buffer.concat(parts)
      if (message[0] !== CLIENT_HELLO) return undefined
      const whole = 4 + message.readUIntBE(1, 3)
      if (message.length >= whole) return message.subarray(4, whole)
    }
    if (part.length < length) return 'more'
    at += 5 + length
  }
}

/** RFC 8446 §4.1.2 and RFC 6066 §3. What does not fit reads as nothing. */
function serverName(hello: Reader): string {
  hello.skip(34) // version and random
  hello.vector(1) // session
  hello.vector(2) // ciphers
  hello.vector(1) // compression
  const extensions = new Reader(hello.vector(2))
  while (extensions.left > 0) {
    const type = extensions.number(2)
    const content = new Reader(extensions.vector(2))
    if (type !== SERVER_NAME) continue
    const names = new Reader(content.vector(2))
    return names.number(1) === HOST_NAME ? names.vector(2).toString('latin1') : ''
  }
  return ''
}

class Reader {
  private at = 0

  constructor(private readonly bytes: Buffer) {}

  get left(): number {
    return this.bytes.length - this.at
  }

  skip(count: number): void {
    this.at += count
  }

  number(width: 1 | 2): number {
    if (this.left < width) {
      this.at = this.bytes.length
      return -1
    }
    this.at += width
    return this.bytes.readUIntBE(this.at - width, width)
  }

  /** A vector with its length before it. */
  vector(width: 1 | 2): Buffer {
    const length = Math.max(this.number(width), 0)
    const from = Math.min(this.at, this.bytes.length)
    this.at = from + length
    return this.bytes.subarray(from, this.at)
  }
}
