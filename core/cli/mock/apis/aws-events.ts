import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import type { Streamed } from '../api.js'

/**
 * Messages of AWS's event stream (smithy.io/2.0/aws/amazon-eventstream.html): two lengths and their CRC, headers, JSON, and the CRC of it all.
 * Three headers, all of them strings, say what a message is.
 */
export function awsEvent(type: string, value: unknown): Buffer {
  return message([':event-type', type, ':content-type', 'application/json', ':message-type', 'event'], value)
}

/** An error within a stream, which ends with it. */
export function awsException(type: string, value: unknown): Buffer {
  return message([':exception-type', type, ':content-type', 'application/json', ':message-type', 'exception'], value)
}

/** @param common - the type of most events */
export function awsEvents(common: string, stream: Omit<Streamed, 'garbage'>): Streamed {
  const headers = { ...stream.headers, 'content-type': 'application/vnd.amazon.eventstream' }
  return { ...stream, headers, garbage: message([':event-type', common, ':message-type', 'event'], undefined) }
}

/** Both lengths and their CRC. */
const PRELUDE = 12
/** The type of a header's value that is a string. */
const STRING = 7

/** @param value - undefined: what is no JSON */
function message(headers: readonly string[], value: unknown): Buffer {
  const named = Buffer.concat(headers.map((each, i) => (i % 2 === 0 ? name(each) : text(each))))
  const payload = Buffer.from(value === undefined ? '{"gar' : JSON.stringify(value))
  const prelude = Buffer.alloc(PRELUDE - 4)
  prelude.writeUInt32BE(PRELUDE + named.length + payload.length + 4, 0)
  prelude.writeUInt32BE(named.length, 4)
  const whole = Buffer.concat([prelude, sum(prelude), named, payload])
  return Buffer.concat([whole, sum(whole)])
}

function name(header: string): Buffer {
  return Buffer.concat([Buffer.from([header.length]), Buffer.from(header)])
}

function text(value: string): Buffer {
  const head = Buffer.from([STRING, 0, 0])
  head.writeUInt16BE(Buffer.byteLength(value), 1)
  return Buffer.concat([head, Buffer.from(value)])
}

function sum(bytes: Buffer): Buffer {
  const four = Buffer.alloc(4)
  four.writeUInt32BE(crc32(bytes))
  return four
}
