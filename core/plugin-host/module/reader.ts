import { GatewayError } from '../../base/errors.js'
import { CAPS } from './caps.js'

// ignoreBOM: without it "\uFEFFmemory" would read as "memory", which the engine does not do.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads a module's bytes from front to back, never past `end`. LEB128 as the specification has it: padding is allowed
 * (linkers leave it), more bytes than the type needs or bits that do not fit are not.
 * Every method throws GW_PLUGIN_INVALID, with `what` and the place, and nothing else.
 */
export class Reader {
  at = 0
  end: number

  constructor(
    readonly bytes: Uint8Array,
    readonly what: string
  ) {
    this.end = bytes.length
  }

  error(problem: string): GatewayError {
    return new GatewayError('GW_PLUGIN_INVALID', `${this.what}: ${problem}`)
  }

  /** An error that says where in the file it is. */
  errorHere(problem: string, at: number = this.at): GatewayError {
    return this.error(`${problem} (at byte ${at})`)
  }

  byte(of: string): number {
    const byte = this.bytes[this.at]
    if (byte === undefined || this.at >= this.end) throw this.errorHere(`is cut short or damaged: ${of} is missing`)
    this.at++
    return byte
  }

  skip(bytes: number, of: string): void {
    const left = this.end - this.at
    if (bytes > left) {
      throw this.errorHere(`is cut short or damaged: ${of} takes ${bytes} bytes, only ${left} are left`)
    }
    this.at += bytes
  }

  u32(of: string): number {
    const start = this.at
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte(of)
      if (shift === 28 && byte > 0x0f) throw this.errorHere(`${of} is not a LEB128 number of 32 bits`, start)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }

  s32(of: string): void {
    this.#signed(5, 0x78, of)
  }

  s33(of: string): number {
    return this.#signed(5, 0x70, of)
  }

  s64(of: string): void {
    this.#signed(10, 0x7f, of)
  }

  /** A number of things that follow, each at least one byte long. */
  count(of: string, cap: number): number {
    const count = this.u32(`the number of ${of}`)
    if (count > cap) throw this.error(`has ${count} ${of}; at most ${cap} are allowed`)
    const left = this.end - this.at
    if (count > left) throw this.errorHere(`is cut short or damaged: ${count} ${of} do not fit into ${left} bytes`)
    return count
  }

  name(of: string): string {
    const length = this.u32(`the length of ${of}`)
    if (length > CAPS.nameBytes) {
      throw this.errorHere(`${of} is ${length} bytes long; at most ${CAPS.nameBytes} are allowed`)
    }
    const start = this.at
    this.skip(length, of)
    try {
      return UTF8.decode(this.bytes.subarray(start, this.at))
    } catch (cause) {
      throw new GatewayError('GW_PLUGIN_INVALID', `${this.what}: ${of} is not UTF-8 (at byte ${start})`, { cause })
    }
  }

  /** The bits of the last possible byte that are above the value repeat its sign. Inexact above 53 bits. */
  #signed(maxBytes: number, signBits: number, of: string): number {
    const start = this.at
    let value = 0
    for (let length = 1, unit = 1; ; length++, unit *= 0x80) {
      const byte = this.byte(of)
      const sign = byte & signBits
      if (length === maxBytes && (byte > 0x7f || (sign !== 0 && sign !== signBits))) {
        throw this.errorHere(`${of} is not a signed LEB128 number of its size`, start)
      }
      value += (byte & 0x7f) * unit
      if (byte < 0x80) return byte < 0x40 ? value : value - unit * 0x80
    }
  }
}
