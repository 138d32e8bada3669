import type { Buffer } from 'node:buffer'
import { codeAt } from '../../base/bare.js'
import { type HeaderList, isCount } from '../../base/headers.js'
import { BadReply } from './bad-reply.js'
import { fields, INCOMPLETE, scanFields, TEXT_BYTE } from './fields.js'

export interface ReplyHead {
  readonly status: number
  readonly headers: HeaderList
  /** As Content-Length has it. */
  readonly length: number | undefined
  readonly chunked: boolean
  /** Whether the server goes on with the connection. */
  readonly persistent: boolean
  /** How long the server keeps it without a request, if it says so; milliseconds. */
  readonly keepMs: number | undefined
  /** Where what follows it begins. */
  readonly end: number
}

const [LF, CR, SPACE] = [10, 13, 32]
const VERSION = 'HTTP/1.'

/**
 * The head that begins at `from`; undefined: it is not complete.
 * @throws BadReply as soon as it cannot become a head (RFC 9112 §4–6)
 */
export function readHead(bytes: Buffer, from: number, end: number): ReplyHead | undefined {
  let at = from
  while (at < end && (bytes[at] === CR || bytes[at] === LF)) at++ // some send an empty line too many before it
  for (let i = 0; i < VERSION.length; i++, at++) {
    if (at >= end) return undefined
    if (bytes[at] !== codeAt(VERSION, i)) throw new BadReply('what came is no HTTP/1.1')
  }
  const minor = digit(bytes, at, end)
  if (minor > 1) throw new BadReply('a version of HTTP other than 1.0 and 1.1')
  if (++at < end && bytes[at] !== SPACE) throw new BadReply('a malformed status line')
  let status = 0
  for (let i = 0; i < 3; i++) {
    if (++at >= end) return undefined
    status = status * 10 + digit(bytes, at, end)
  }
  if (status < 100) throw new BadReply(`the status ${status}`)
  if (++at < end && bytes[at] !== SPACE && bytes[at] !== CR) throw new BadReply('a malformed status line')
  while (at < end && TEXT_BYTE[bytes[at] ?? 0] === 1) at++
  if (at < end && bytes[at] !== CR) throw new BadReply('a control character in the status line')
  if (++at < end && bytes[at] !== LF) throw new BadReply('a CR without its LF in the status line')
  if (++at >= end) return undefined
  const until = scanFields(bytes, at, end)
  return until === INCOMPLETE ? undefined : withMeaning(status, minor, fields(bytes, at, until), until)
}

/** 0 when it is not there yet. */
function digit(bytes: Buffer, at: number, end: number): number {
  const value = at < end ? (bytes[at] ?? 0) - 48 : 0
  if (value < 0 || value > 9) throw new BadReply('a malformed status line')
  return value
}

/** What the headers say of the body's framing and of the connection. */
function withMeaning(status: number, minor: number, headers: HeaderList, end: number): ReplyHead {
  let length: number | undefined
  let chunked = false
  let persistent = minor === 1
  let keepMs: number | undefined
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1] ?? ''
    switch (headers[i]) {
      case 'content-length':
        if (length !== undefined) throw new BadReply('two lengths')
        length = lengthOf(value)
        break
      case 'transfer-encoding':
        if (chunked || value.toLowerCase() !== 'chunked') throw new BadReply('a transfer coding other than chunked')
        chunked = true
        break
      case 'connection':
        if (hasOption(value, 'close')) persistent = false
        else if (minor === 0 && hasOption(value, 'keep-alive')) persistent = true
        break
      case 'keep-alive':
        keepMs = keepAliveMs(value)
        break
    }
  }
  if (chunked && length !== undefined) throw new BadReply('a length beside a transfer coding')
  // RFC 9112 §6.1: who speaks 1.0 cannot have meant it; what follows on that connection is not to be trusted.
  if (chunked && minor === 0) persistent = false
  return { status, headers, length, chunked, persistent, keepMs, end }
}

function lengthOf(value: string): number {
  if (!isCount(value)) throw new BadReply(`the content-length "${value.slice(0, 40)}"`)
  return Number(value)
}

function hasOption(value: string, option: string): boolean {
  const options = value.toLowerCase()
  return options === option || (options.includes(',') && options.split(',').some(each => each.trim() === option))
}

function keepAliveMs(value: string): number | undefined {
  const seconds = /(?:^|[\s,;])timeout=(\d+)/i.exec(value)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1_000
}
