import { hostSha256 } from './imports'

/**
 * Up to this size, five blocks with the padding, the digest is made here: a call of the host costs as much (1.3 to 2.0 µs, a
 * block 0.33 µs) and comes out of the plugin's budget of host calls.
 */
const MAX_OWN_BYTES: i32 = 311

const BLOCK: usize = 64

/** Round constants (FIPS 180-4, section 4.2.2). */
const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
  0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
  0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
  0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
  0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
  0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
])

/** The message schedule: 64 words. */
const W: usize = memory.data(256)
/** The hash so far: 8 words. */
const H: usize = memory.data(32)
/** The last one or two blocks, with the padding. */
const TAIL: usize = memory.data(128)

/** The SHA-256 digest of `bytes`: 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32)
  sha256At(bytes.dataStart, bytes.length, digest.dataStart)
  return digest
}

/** As sha256, of bytes anywhere in memory, written to the 32 bytes at `out`: makes no object. */
export function sha256At(at: usize, size: i32, out: usize): void {
  if (size > MAX_OWN_BYTES) hostSha256(at, size, out)
  else ownSha256(at, size, out)
}

/** As sha256, wherever the bytes lie; always made here. For the test of the two against each other. */
export function ownSha256(at: usize, size: i32, out: usize): void {
  begin()
  finish(at, size, 0)
  writeHash(out)
}

/**
 * HMAC with SHA-256 (RFC 2104) for many short messages with one key: the block that each begins with is hashed once, and the host, a call of
 * which costs as much as five blocks, is not asked.
 */
@final
export class OwnHmac {
  /** The hash after the first block of the inner and of the outer message. */
  private readonly inner: usize = heap.alloc(32)
  private readonly outer: usize = heap.alloc(32)

  constructor(key: Uint8Array) {
    const block = KEY
    memory.fill(block, 0, BLOCK)
    if (<usize>key.length > BLOCK) sha256At(key.dataStart, key.length, block)
    else memory.copy(block, key.dataStart, key.length)
    keep(this.inner, block, 0x36)
    keep(this.outer, block, 0x5c)
    memory.fill(block, 0, BLOCK)
  }

  /** Whether it takes messages of that size: the host is faster with longer ones. */
  takes(size: i32): bool {
    return size <= MAX_OWN_BYTES
  }

  /** Whether the bytes at `signature` are that of the message; takes as long wherever they differ (only their number shows). */
  verify(at: usize, size: i32, signature: usize, signatureSize: i32): bool {
    if (signatureSize != 32) return false
    memory.copy(H, this.inner, 32)
    finish(at, size, BLOCK)
    writeHash(DIGEST)
    memory.copy(H, this.outer, 32)
    finish(DIGEST, 32, BLOCK)
    writeHash(DIGEST)
    let differ: u64 = 0
    for (let i: usize = 0; i < 32; i += 8) differ |= load<u64>(DIGEST + i) ^ load<u64>(signature + i)
    return differ == 0
  }
}

const DIGEST: usize = memory.data(32)
/** The key, filled up to a block. */
const KEY: usize = memory.data(64)

/** Leaves the hash of the key's block, each byte of it xor `pad`, at `state`. */
function keep(state: usize, block: usize, pad: u8): void {
  for (let i: usize = 0; i < BLOCK; i++) store<u8>(TAIL + i, load<u8>(block + i) ^ pad)
  begin()
  compress(TAIL)
  memory.copy(state, H, 32)
}

function begin(): void {
  store<u32>(H, 0x6a09e667, 0)
  store<u32>(H, 0xbb67ae85, 4)
  store<u32>(H, 0x3c6ef372, 8)
  store<u32>(H, 0xa54ff53a, 12)
  store<u32>(H, 0x510e527f, 16)
  store<u32>(H, 0x9b05688c, 20)
  store<u32>(H, 0x1f83d9ab, 24)
  store<u32>(H, 0x5be0cd19, 28)
}

/** Takes the rest of a message into the hash. @param before - bytes of it that are there already: whole blocks */
function finish(at: usize, size: i32, before: usize): void {
  let rest = <usize>size
  for (; rest >= BLOCK; rest -= BLOCK) {
    compress(at)
    at += BLOCK
  }
  const tail: usize = rest < 56 ? BLOCK : BLOCK << 1
  memory.fill(TAIL, 0, tail)
  memory.copy(TAIL, at, rest)
  store<u8>(TAIL + rest, 0x80)
  store<u64>(TAIL + tail - 8, bswap<u64>((<u64>size + <u64>before) << 3))
  compress(TAIL)
  if (tail > BLOCK) compress(TAIL + BLOCK)
}

function writeHash(out: usize): void {
  for (let i: usize = 0; i < 32; i += 4) store<u32>(out + i, bswap<u32>(load<u32>(H + i)))
}

/** Takes one block of 64 bytes into the hash (FIPS 180-4, section 6.2.2). */
function compress(at: usize): void {
  for (let i: usize = 0; i < 64; i += 4) store<u32>(W + i, bswap<u32>(load<u32>(at + i)))
  for (let i: usize = 64; i < 256; i += 4) {
    const early = load<u32>(W + i - 60)
    const late = load<u32>(W + i - 8)
    const s0 = rotr<u32>(early, 7) ^ rotr<u32>(early, 18) ^ (early >> 3)
    const s1 = rotr<u32>(late, 17) ^ rotr<u32>(late, 19) ^ (late >> 10)
    store<u32>(W + i, load<u32>(W + i - 64) + s0 + load<u32>(W + i - 28) + s1)
  }
  let a = load<u32>(H, 0)
  let b = load<u32>(H, 4)
  let c = load<u32>(H, 8)
  let d = load<u32>(H, 12)
  let e = load<u32>(H, 16)
  let f = load<u32>(H, 20)
  let g = load<u32>(H, 24)
  let h = load<u32>(H, 28)
  // Eight rounds in a turn: each names the words anew instead of moving them.
  for (let i: usize = 0; i < 256; i += 32) {
    h = first(e, f, g, h, i)
    d += h
    h += second(a, b, c)
    g = first(d, e, f, g, i + 4)
    c += g
    g += second(h, a, b)
    f = first(c, d, e, f, i + 8)
    b += f
    f += second(g, h, a)
    e = first(b, c, d, e, i + 12)
    a += e
    e += second(f, g, h)
    d = first(a, b, c, d, i + 16)
    h += d
    d += second(e, f, g)
    c = first(h, a, b, c, i + 20)
    g += c
    c += second(d, e, f)
    b = first(g, h, a, b, i + 24)
    f += b
    b += second(c, d, e)
    a = first(f, g, h, a, i + 28)
    e += a
    a += second(b, c, d)
  }
  store<u32>(H, load<u32>(H, 0) + a, 0)
  store<u32>(H, load<u32>(H, 4) + b, 4)
  store<u32>(H, load<u32>(H, 8) + c, 8)
  store<u32>(H, load<u32>(H, 12) + d, 12)
  store<u32>(H, load<u32>(H, 16) + e, 16)
  store<u32>(H, load<u32>(H, 20) + f, 20)
  store<u32>(H, load<u32>(H, 24) + g, 24)
  store<u32>(H, load<u32>(H, 28) + h, 28)
}

/** T1 of a round. @param i - of its constant and its word of the schedule, bytes */
// @ts-ignore: decorator
@inline
function first(e: u32, f: u32, g: u32, h: u32, i: usize): u32 {
  const sum = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)
  return h + sum + (g ^ (e & (f ^ g))) + load<u32>(K + i) + load<u32>(W + i)
}

/** T2 of a round. */
// @ts-ignore: decorator
@inline
function second(a: u32, b: u32, c: u32): u32 {
  const sum = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)
  return sum + ((a & b) ^ (c & (a ^ b)))
}
