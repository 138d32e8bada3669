import { hexDecode, lowerAscii, Settings, Verdict } from '@sluice/plugin-sdk/assembly'

const DIGEST_BYTES: i32 = 32

/** What a known key stands for. */
@final
export class Holder {
  /** The verdict that lets it through and empties the places `hides`; null before the first. */
  admitted: Verdict | null = null
  hides: i32 = 0

  constructor(
    readonly consumer: string,
    /** Flat: name, value, … */
    readonly tags: string[] | null,
    readonly disabled: bool
  ) {}
}

/** All known keys as their digests, side by side. */
@final
export class KeyTable {
  private digests: StaticArray<u8> = new StaticArray<u8>(0)
  private readonly holders: Holder[] = []

  /** Takes the keys of the settings. Returns "" or what is wrong with them. */
  fill(keys: Settings[]): string {
    this.digests = new StaticArray<u8>(keys.length * DIGEST_BYTES)
    const places = new Map<string, i32>()
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]
      const text = key.string('sha256')
      const digest = hexDecode(text)
      if (digest === null || digest.length != DIGEST_BYTES) {
        return 'keys[' + i.toString() + '].sha256 must be 64 hexadecimal digits, the SHA-256 of the key'
      }
      const plain = lowerAscii(text)
      if (places.has(plain)) {
        return 'keys[' + i.toString() + '] is the same key as keys[' + places.get(plain).toString() + ']'
      }
      places.set(plain, i)
      memory.copy(changetype<usize>(this.digests) + <usize>(i * DIGEST_BYTES), digest.dataStart, DIGEST_BYTES)
      this.holders.push(new Holder(key.string('consumer'), key.pairs('tags'), key.bool('disabled')))
    }
    return ''
  }

  /** Who holds the key whose digest lies at `digest`; null when nobody does. */
  find(digest: usize): Holder | null {
    const index = this.indexOf(digest)
    return index < 0 ? null : this.holders[index]
  }

  /**
   * Compares with every key, in a time that depends on their number alone: no early end, no branch on what was found,
   * so neither a near miss nor the place of a key shows.
   */
  private indexOf(digest: usize): i32 {
    const a = load<u64>(digest)
    const b = load<u64>(digest, 8)
    const c = load<u64>(digest, 16)
    const d = load<u64>(digest, 24)
    const count = this.holders.length
    let at = changetype<usize>(this.digests)
    let found = -1
    for (let i = 0; i < count; i++) {
      const difference =
        (load<u64>(at) ^ a) | (load<u64>(at, 8) ^ b) | (load<u64>(at, 16) ^ c) | (load<u64>(at, 24) ^ d)
      // All ones when there is no difference, else zero.
      const same = <i32>(((difference | (0 - difference)) >> 63) - 1)
      found = (found & ~same) | (i & same)
      at += DIGEST_BYTES
    }
    return found
  }
}
