import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import type { BodySource } from '../base/body.js'
import { type ErrorCode, GatewayError } from '../base/errors.js'
import { allValues, type HeaderList } from '../base/headers.js'

/**
 * The whole body, when it has at most `limit` bytes.
 * @throws GatewayError `tooLarge`, or what the source failed with
 */
export function collect(source: BodySource | Buffer, limit: number, tooLarge: ErrorCode): Promise<Buffer> | Buffer {
  if (Buffer.isBuffer(source)) return source
  const refuse = (): GatewayError =>
    new GatewayError(tooLarge, `the body is larger than the ${limit} bytes a policy may be handed`)
  if (source.length !== undefined && source.length > limit) {
    source.cancel()
    throw refuse()
  }
  const whole = source.takeWhole()
  if (whole !== undefined && whole.length <= limit) return whole
  if (whole !== undefined) throw refuse()
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    source.pipe({
      write: chunk => {
        size += chunk.length
        if (size > limit) {
          reject(refuse()) // first: the cancelled source says that it failed
          source.cancel()
          return false
        }
        chunks.push(chunk)
        return true
      },
      end: () => resolve(Buffer.concat(chunks)),
      fail: reject
    })
  })
}

const DECODERS = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)]
])

/** The content codings of a message, innermost first to undo last; empty when there is none (RFC 9110 §8.4). */
export function codings(headers: HeaderList): string[] {
  const coded = allValues(headers, 'content-encoding')
  if (coded === '') return []
  return coded
    .toLowerCase()
    .split(',')
    .map(coding => coding.trim())
    .filter(coding => coding !== '' && coding !== 'identity')
}

/**
 * The body without its content codings, so that a policy sees what the other side will see. A small body that
 * unpacks to more than `limit` bytes is refused.
 * @throws GatewayError `tooLarge`, or `unreadable` for a coding that is unknown or broken
 */
export async function decoded(
  body: Buffer,
  applied: readonly string[],
  limit: number,
  codes: { readonly tooLarge: ErrorCode; readonly unreadable: ErrorCode }
): Promise<Buffer> {
  let plain = body
  for (const coding of [...applied].reverse()) {
    const decode = DECODERS.get(coding)
    if (decode === undefined) throw new GatewayError(codes.unreadable, `content coding ${coding} cannot be undone`)
    try {
      plain = await decode(plain, { maxOutputLength: limit })
    } catch (thrown) {
      const tooLarge = thrown instanceof RangeError
      const message = tooLarge ? `unpacks to more than ${limit} bytes` : 'is broken'
      throw new GatewayError(tooLarge ? codes.tooLarge : codes.unreadable, `the ${coding} body ${message}`, {
        cause: thrown
      })
    }
  }
  return plain
}
