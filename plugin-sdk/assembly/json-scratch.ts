import { Json, JsonKind } from './json'
import { JsonParser } from './json-parser'

/** More values than this of a kind are not held for the next text. */
const MAX_HELD: i32 = 512

/** Values of one kind: those of the last text, to be used again. */
@final
class SpareKind {
  private readonly values: Json[] = []
  private used: i32 = 0

  constructor(private readonly kind: JsonKind) {}

  get isLarge(): bool {
    return this.values.length > MAX_HELD
  }

  take(): Json {
    if (this.used < this.values.length) return unchecked(this.values[this.used++]).empty()
    const value = Json.made(this.kind)
    this.values.push(value)
    this.used++
    return value
  }

  free(): void {
    this.used = 0
  }
}

/** Where the parser takes values from that a JsonScratch has. */
@final
export class SpareValues {
  readonly objects: SpareKind = new SpareKind(JsonKind.OBJECT)
  readonly arrays: SpareKind = new SpareKind(JsonKind.ARRAY)
  /** Strings and numbers. */
  readonly scalars: SpareKind = new SpareKind(JsonKind.STRING)

  get isLarge(): bool {
    return this.objects.isLarge || this.arrays.isLarge || this.scalars.isLarge
  }

  free(): void {
    this.objects.free()
    this.arrays.free()
    this.scalars.free()
  }
}

/**
 * Reads JSON texts of which nothing is kept, one after the other: the values of one are used again for the next, so that reading makes
 * no objects.
 */
// @ts-ignore: decorator
@final
export class JsonScratch {
  private source: ArrayBuffer = new ArrayBuffer(0)
  private spare: SpareValues = new SpareValues()

  /** Where the next text can be written, of `size` bytes at most. The values of the one before are gone. */
  reserve(size: i32): usize {
    if (this.source.byteLength < size) this.source = new ArrayBuffer(max(size, this.source.byteLength << 1))
    return changetype<usize>(this.source)
  }

  /** The value that the first `size` bytes there are, as Json.parseBytes reads them; good until the next reserve(). */
  parse(size: i32, maxNodes: i32): Json | null {
    if (this.spare.isLarge) this.spare = new SpareValues()
    this.spare.free()
    return new JsonParser(this.source, size, maxNodes, this.spare).document()
  }
}
