import { Buffer } from 'node:buffer'

/** Where bytes go, in the order they come. */
export interface ByteStream {
  /** The bytes are the stream's from now on. */
  write(bytes: Buffer): unknown
  flush(done?: (error?: Error | null) => void): void
  flushSync(): void
  /** Has them written when it returns. */
  writeSync(bytes: Buffer): void
}

/** Handed over together, bytes. */
const BLOCK_BYTES = 65_536
/** A character of UTF-16 has up to three bytes in UTF-8. */
const CHARACTER_BYTES = 3
const LINE_FEED = 10

/** Lines on their way to a stream: collected as the bytes they will be, so that a line is copied once, and a block is one system call. */
export class LineBuffer {
  private block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  private length = 0
  private lost = 0

  /** @param tellLost - makes the line that says how many were thrown away */
  constructor(
    private readonly stream: ByteStream,
    private readonly tellLost: (lines: number) => string
  ) {}

  /** The stream has thrown them away: whoever reads it is too slow. */
  dropped(bytes: Buffer): void {
    for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) this.lost++
  }

  /** The stream has written all there was. */
  drained(): void {
    if (this.lost === 0) return
    const line = this.tellLost(this.lost)
    this.lost = 0
    this.write(line)
  }

  /** @param lines - whole ones, each with its line feed */
  write(lines: string): void {
    const most = lines.length * CHARACTER_BYTES
    if (this.length + most > BLOCK_BYTES) this.handOver()
    if (most > BLOCK_BYTES) this.stream.write(Buffer.from(lines))
    else this.length += this.block.write(lines, this.length)
  }

  /** @param done - called when all is written */
  flush(done?: (error?: Error | null) => void): void {
    this.handOver()
    this.stream.flush(done)
  }

  /** At the end of a process: a write that has only begun may be given up by then. */
  flushSync(): void {
    this.stream.flushSync()
    this.writeSync()
    this.drained()
    this.writeSync()
  }

  private writeSync(): void {
    if (this.length > 0) this.stream.writeSync(this.block.subarray(0, this.length))
    this.length = 0
  }

  private handOver(): void {
    if (this.length === 0) return
    const { block, length } = this
    this.block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
    this.length = 0
    this.stream.write(block.subarray(0, length))
  }
}
