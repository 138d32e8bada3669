import { Buffer } from 'node:buffer'
import type { Token } from './tiktoken.js'

/** What counting needs of the library's inside: tokens that are text, and those that are bytes, sorted. */
interface Inside {
  readonly bytePairStringRankEncoder: Map<string, number>
  bytePairNonUtfSortedEncoder: (readonly [Uint8Array, number])[]
}

/**
 * Puts the tokens of an encoding into gpt-tokenizer 4.0.0 piece by piece, as its constructor does with all of them at once. The version is
 * exact in package.json, and a test compares what it counts with the library's own.
 */
export class Filling {
  private readonly inside: Inside
  private readonly bytes: (readonly [Uint8Array, number])[] = []
  private rank = 0

  /** @throws Error when the library is not as it was */
  constructor(encoding: object) {
    const inside: unknown = Reflect.get(encoding, 'bytePairEncodingCoreProcessor')
    if (!isInside(inside)) throw new Error('gpt-tokenizer has another inside than that of 4.0.0')
    this.inside = inside
  }

  add(piece: readonly Token[]): void {
    for (const token of piece) {
      if (typeof token === 'string') this.inside.bytePairStringRankEncoder.set(token, this.rank)
      else this.bytes.push([token, this.rank])
      this.rank++
    }
  }

  end(): void {
    this.inside.bytePairNonUtfSortedEncoder = this.bytes.sort(([a], [b]) => Buffer.compare(a, b))
  }
}

function isInside(value: unknown): value is Inside {
  return (
    typeof value === 'object' &&
    value !== null &&
    'bytePairStringRankEncoder' in value &&
    value.bytePairStringRankEncoder instanceof Map &&
    'bytePairNonUtfSortedEncoder' in value &&
    Array.isArray(value.bytePairNonUtfSortedEncoder)
  )
}
