import { Buffer } from 'node:buffer'

/**
 * The linear memory of one guest, as the host reads and writes it. The views are made once and again when the guest has
 * grown its memory, which empties them: making one for each call costs more than small messages do.
 */
export class GuestMemory {
  /** Asked for its length each time: that of a memory that has grown is 0. Its byteLength would take three times as long to ask for. */
  private buffer: Buffer = EMPTY
  private view: DataView = new DataView(EMPTY.buffer, 0, 0)

  constructor(private readonly memory: WebAssembly.Memory) {}

  /** All of it, good until the guest runs again. */
  get bytes(): Buffer {
    if (this.buffer.length === 0) this.renew()
    return this.buffer
  }

  /** Its size in pages of 64 KiB. */
  get pages(): number {
    return this.memory.buffer.byteLength / 65_536
  }

  /** The number of four bytes at `at`, little-endian. */
  word(at: number): number {
    if (this.buffer.length === 0) this.renew()
    return this.view.getUint32(at, true)
  }

  /** Writes a number of eight bytes to `at`, little-endian. @throws RangeError when it would not all be there */
  setDouble(at: number, value: number): void {
    if (this.buffer.length === 0) this.renew()
    this.view.setFloat64(at, value, true)
  }

  private renew(): void {
    const { buffer } = this.memory
    this.buffer = Buffer.from(buffer)
    this.view = new DataView(buffer)
  }
}

const EMPTY: Buffer = Buffer.alloc(0)
