/** The part of a body a client asks for: the first byte and the one after the last. */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

const ONE_RANGE = /^bytes=(?:([0-9]{1,15})-([0-9]{0,15})|-([0-9]{1,15}))$/i

/**
 * A Range header with one range (RFC 9110 §14.1.2).
 * @returns undefined: it may be ignored, since it is malformed, another unit or several ranges
 */
export function parseRange(text: string, length: number): ByteRange | 'unsatisfiable' | undefined {
  const found = ONE_RANGE.exec(text.trim())
  if (found === null) return undefined
  const [, first, last, suffix] = found
  if (suffix !== undefined) {
    const count = Math.min(Number(suffix), length)
    return count === 0 ? 'unsatisfiable' : { from: length - count, to: length }
  }
  const from = Number(first)
  const to = last === undefined || last === '' ? length : Math.min(Number(last) + 1, length)
  if (last !== undefined && last !== '' && Number(last) < from) return undefined
  return from >= length ? 'unsatisfiable' : { from, to }
}
