import { isIP, isIPv4, isIPv6 } from 'node:net'
import { addressText } from '../address.js'

/**
 * The header of the PROXY protocol (haproxy.org, proxy-protocol.txt), version 1 or 2, at the beginning of a connection.
 * `more`: it is not whole yet. `source` is undefined when it names nobody: a health check of the balancer itself (LOCAL,
 * UNKNOWN), or a client that has no IP address.
 */
export type ProxyHeader =
  | { readonly kind: 'more' }
  | { readonly kind: 'bad'; readonly reason: string }
  | { readonly kind: 'whole'; readonly bytes: number; readonly source: string | undefined }

/** Version 1: the longest line there can be, its end included. */
const MAX_LINE = 107
/** Version 2: the fixed part, and how much of addresses and TLVs is taken. */
const FIXED = 16
const MAX_VARIABLE = 4_096

const LINE_START = Buffer.from('PROXY ')
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const MORE: ProxyHeader = { kind: 'more' }

export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  if (begins(bytes, SIGNATURE)) return bytes.length < FIXED ? MORE : binary(bytes)
  if (begins(bytes, LINE_START)) return line(bytes)
  return bad('the connection does not begin with a PROXY header')
}

/** Whether what is there so far can be the beginning of `expected`, or is. */
function begins(bytes: Buffer, expected: Buffer): boolean {
  const length = Math.min(bytes.length, expected.length)
  return bytes.compare(expected, 0, length, 0, length) === 0
}

function line(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, MAX_LINE).indexOf('\r\n')
  if (end === -1) return bytes.length < MAX_LINE ? MORE : bad('the PROXY line is too long')
  const words = bytes.toString('latin1', 0, end).split(' ')
  const [, protocol, source = '', destination = '', sourcePort = '', destinationPort = '', ...rest] = words
  const whole = end + 2
  if (protocol === 'UNKNOWN') return { kind: 'whole', bytes: whole, source: undefined }
  const is = protocol === 'TCP4' ? isIPv4 : protocol === 'TCP6' ? isIPv6 : undefined
  if (is === undefined) return bad('the PROXY line names a protocol that is not TCP4, TCP6 or UNKNOWN')
  if (!is(source) || !is(destination) || source.includes('%')) return bad('the PROXY line has an address that is none')
  if (!isPort(sourcePort) || !isPort(destinationPort) || rest.length > 0) return bad('the PROXY line has a bad port')
  return { kind: 'whole', bytes: whole, source: normal(source) }
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= 65_535
}

function binary(bytes: Buffer): ProxyHeader {
  const command = bytes[12] ?? 0
  const family = (bytes[13] ?? 0) >> 4
  const length = bytes.readUInt16BE(14)
  if (command >> 4 !== 2 || (command & 15) > 1) return bad('the PROXY header has an unknown version or command')
  if (length > MAX_VARIABLE) return bad(`the PROXY header has ${length} bytes; the limit is ${MAX_VARIABLE}`)
  if (bytes.length < FIXED + length) return MORE
  const whole = FIXED + length
  const local = (command & 15) === 0
  const width = ADDRESS_BYTES[family]
  if (local || width === undefined) return { kind: 'whole', bytes: whole, source: undefined }
  if (length < width.all) return bad('the PROXY header is too short for its addresses')
  if (width.source === 0) return { kind: 'whole', bytes: whole, source: undefined }
  const raw = Uint8Array.from(bytes.subarray(FIXED, FIXED + width.source))
  return { kind: 'whole', bytes: whole, source: addressText(raw.buffer) }
}

/** By address family: IPv4, IPv6, UNIX. What follows the addresses are TLVs, which are skipped. */
const ADDRESS_BYTES: Readonly<Record<number, { readonly source: number; readonly all: number }>> = {
  1: { source: 4, all: 12 },
  2: { source: 16, all: 36 },
  3: { source: 0, all: 216 }
}

/**
 * An address as uWebSockets.js listeners have it: IPv4 in IPv6 is IPv4, IPv6 in its shortest form, without the zone that Node adds to
 * one that is of a single link: no URL takes it.
 */
export function normal(address: string): string {
  if (isIP(address) !== 6) return address
  const [withoutZone] = address.split('%')
  const short = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short)
  if (mapped === null) return short
  const groups = mapped.slice(1).map(group => Number.parseInt(group, 16))
  return groups.flatMap(group => [group >> 8, group & 255]).join('.')
}

function bad(reason: string): ProxyHeader {
  return { kind: 'bad', reason }
}
