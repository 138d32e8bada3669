import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { GatewayError } from '../../base/errors.js'
import { type Frame, type FrameReader, type Framing, MAX_FRAME_BYTES } from './frame.js'

/**
 * AWS's binary event stream (docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html, smithy.io "Amazon Event Stream"): messages
 * of a prelude with two lengths and its CRC, headers, a payload, and a CRC of the whole. A frame's `event` is `:event-type`; an exception's is
 * ":exception:" with its type, and an unmodelled error's the same with its code.
 */
export const awsEventStream: Framing = {
  contentType: 'application/vnd.amazon.eventstream',
  reader: () => new EventStreamReader(),
  write: writeMessage,
  heartbeat: undefined
}

/** What the `event` of an exception's frame begins with. */
export const EXCEPTION = ':exception:'

/** Two lengths and their CRC. */
const PRELUDE = 12
/** The prelude and the CRC at the end. */
const OVERHEAD = PRELUDE + 4

class EventStreamReader implements FrameReader {
  private parts: Buffer[] = []
  private size = 0
  /** Bytes there have to be before anything can be read. */
  private needed = PRELUDE

  get between(): boolean {
    return this.size === 0
  }

  feed(piece: Buffer): Frame[] {
    const frames: Frame[] = []
    if (piece.length === 0) return frames
    this.parts.push(piece)
    this.size += piece.length
    while (this.size >= this.needed) {
      const bytes = this.joined()
      const total = totalOf(bytes)
      if (bytes.length < total) {
        this.needed = total
        break
      }
      const frame = readMessage(bytes.subarray(0, total))
      if (frame !== undefined) frames.push(frame)
      this.parts = [bytes.subarray(total)]
      this.size = bytes.length - total
      this.needed = PRELUDE
    }
    return frames
  }

  /** A message that is not whole is none. */
  end(): Frame[] {
    return []
  }

  private joined(): Buffer {
    const [only] = this.parts
    const bytes = this.parts.length === 1 && only !== undefined ? only : Buffer.concat(this.parts)
    this.parts = [bytes]
    return bytes
  }
}

/** Bytes of the message that begins here, once its prelude is there and whole. */
function totalOf(bytes: Buffer): number {
  const total = bytes.readUInt32BE(0)
  if (crc32(bytes.subarray(0, 8)) !== bytes.readUInt32BE(8)) throw broken('the checksum of a prelude is wrong')
  if (total > MAX_FRAME_BYTES) {
    throw new GatewayError('GW_AI_EVENT_TOO_LARGE', `a message of ${total} bytes: ${MAX_FRAME_BYTES} are the limit`)
  }
  if (total < OVERHEAD + bytes.readUInt32BE(4)) throw broken('the lengths of a message do not fit')
  return total
}

/** @returns undefined for a message that is neither event nor exception */
function readMessage(bytes: Buffer): Frame | undefined {
  const end = bytes.length - 4
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) throw broken('the checksum of a message is wrong')
  const payload = PRELUDE + bytes.readUInt32BE(4)
  const headers = readHeaders(bytes.subarray(PRELUDE, payload))
  const data = bytes.toString('utf8', payload, end)
  switch (headers.get(':message-type')) {
    case 'exception':
      return { event: EXCEPTION + (headers.get(':exception-type') ?? ''), data }
    case 'error': {
      const message = headers.get(':error-message') ?? ''
      return { event: EXCEPTION + (headers.get(':error-code') ?? ''), data: JSON.stringify({ message }) }
    }
    case 'event':
      return { event: headers.get(':event-type') ?? '', data }
    default:
      return undefined
  }
}

/** Bytes of a value by its type, where they are always as many; of bytes and strings the first two say how many follow. */
const LENGTHS = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16]
const STRING = 7

/** The headers that are strings: all there are names of types. */
function readHeaders(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>()
  let at = 0
  while (at < bytes.length) {
    const nameEnd = at + 1 + (bytes[at] ?? 0)
    const type = bytes[nameEnd]
    if (type === undefined || type >= LENGTHS.length) throw broken('a header is not whole')
    const name = bytes.toString('utf8', at + 1, nameEnd)
    at = nameEnd + 1
    let length = LENGTHS[type]
    if (length === undefined) {
      if (at + 2 > bytes.length) throw broken('a header is not whole')
      length = bytes.readUInt16BE(at)
      at += 2
    }
    if (at + length > bytes.length) throw broken('a header is not whole')
    if (type === STRING) headers.set(name, bytes.toString('utf8', at, at + length))
    at += length
  }
  return headers
}

function writeMessage({ event, data }: Frame): Buffer {
  const exception = event.startsWith(EXCEPTION)
  const headers = Buffer.concat([
    exception ? header(':exception-type', event.slice(EXCEPTION.length)) : header(':event-type', event),
    header(':content-type', 'application/json'),
    header(':message-type', exception ? 'exception' : 'event')
  ])
  const payload = Buffer.byteLength(data)
  const total = OVERHEAD + headers.length + payload
  const bytes = Buffer.allocUnsafe(total)
  bytes.writeUInt32BE(total, 0)
  bytes.writeUInt32BE(headers.length, 4)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
  headers.copy(bytes, PRELUDE)
  bytes.write(data, PRELUDE + headers.length, 'utf8')
  bytes.writeUInt32BE(crc32(bytes.subarray(0, total - 4)), total - 4)
  return bytes
}

function header(name: string, value: string): Buffer {
  const bytes = Buffer.allocUnsafe(4 + name.length + Buffer.byteLength(value))
  bytes.writeUInt8(name.length, 0)
  bytes.write(name, 1, 'latin1')
  bytes.writeUInt8(STRING, 1 + name.length)
  bytes.writeUInt16BE(bytes.length - 4 - name.length, 2 + name.length)
  bytes.write(value, 4 + name.length, 'utf8')
  return bytes
}

function broken(what: string): GatewayError {
  return new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `event stream: ${what}`)
}
