/**
 * Sketches of vectors: one bit for each of many random hyperplanes, by which side of it the vector lies on (SimHash: Charikar, STOC 2002).
 * Two vectors at an angle θ differ in a share θ/π of their bits, so that those that are far apart are told by counting bits, far
 * cheaper than by multiplying. The hyperplanes come from turning the vector by a random rotation (three rounds of random signs
 * and a Hadamard transform: with two, vectors that are zero almost everywhere are not turned well enough), the same in every process.
 */
export class Sketcher {
  /** 32-bit words of a sketch. */
  readonly words: number
  private readonly size: number
  private readonly signs: readonly Float32Array[]

  constructor(private readonly dimensions: number) {
    this.size = 2 ** Math.ceil(Math.log2(Math.max(dimensions, 32)))
    this.words = this.size / 32
    const random = xorshift(0x9e3779b9)
    this.signs = [1, 2, 3].map(() => randomSigns(this.size, random))
  }

  sketch(vector: Float32Array): Int32Array {
    const turned = new Float32Array(this.size)
    turned.set(vector.subarray(0, this.dimensions))
    for (const signs of this.signs) {
      for (let i = 0; i < this.size; i++) turned[i] = (turned[i] ?? 0) * (signs[i] ?? 0)
      hadamard(turned)
    }
    const bits = new Int32Array(this.words)
    for (let i = 0; i < this.size; i++) if ((turned[i] ?? 0) > 0) bits[i >> 5] = (bits[i >> 5] ?? 0) | (1 << (i & 31))
    return bits
  }

  /** How many bits two vectors with this cosine differ in at most, but for one pair in many millions (6σ). */
  mostBits(cosine: number): number {
    const share = Math.acos(Math.min(1, Math.max(-1, cosine))) / Math.PI
    return this.size * share + 6 * Math.sqrt(this.size * share * (1 - share)) + this.size / 64
  }
}

/** Whether two sketches, the second at `at` of a list of them, differ in at most so many bits. Most that differ in more are told early. */
export function withinBits(sketch: Int32Array, list: Int32Array, at: number, most: number): boolean {
  let count = 0
  for (let i = 0; i < sketch.length; i++) {
    let bits = (sketch[i] ?? 0) ^ (list[at + i] ?? 0)
    bits -= (bits >>> 1) & 0x55555555
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
    count += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
    if (count > most) return false
  }
  return true
}

/** The fast Walsh–Hadamard transform, in place. Its length is a power of two. */
function hadamard(values: Float32Array): void {
  for (let half = 1; half < values.length; half *= 2) {
    for (let start = 0; start < values.length; start += 2 * half) {
      for (let i = start; i < start + half; i++) {
        const a = values[i] ?? 0
        const b = values[i + half] ?? 0
        values[i] = a + b
        values[i + half] = a - b
      }
    }
  }
}

function randomSigns(size: number, random: () => number): Float32Array {
  return Float32Array.from({ length: size }, () => (random() & 1 ? 1 : -1))
}

/** Marsaglia's xorshift32: the same numbers everywhere. */
function xorshift(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 7
  }
}
