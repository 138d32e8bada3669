import type { Buffer } from 'node:buffer'
import type { StreamWatch } from '../dialects/dialect.js'
import type { ProviderFailure } from '../failure.js'
import type { Frame, FrameReader, FrameWriter } from '../frames/frame.js'
import type { Passage } from './passage.js'

/** The bytes as they are; somebody looks on. */
export class Passing implements Passage {
  /**
   * @param failed - frames that tell the client of a failure, in its dialect
   * @param close - what ends a frame that broke off; undefined: nothing does
   */
  constructor(
    readonly watch: StreamWatch,
    private readonly reader: FrameReader,
    private readonly failed: (failure: ProviderFailure) => Buffer[],
    private readonly close: Buffer | undefined
  ) {}

  get between(): boolean {
    return this.reader.between
  }

  piece(piece: Buffer, out: Buffer[]): void {
    for (const frame of this.reader.feed(piece)) this.watch.frame(frame)
    out.push(piece)
  }

  end(): void {
    for (const frame of this.reader.end()) this.watch.frame(frame)
  }

  fail(failure: ProviderFailure): Buffer[] | undefined {
    if (this.between) return this.failed(failure)
    // What is cut within an event is made an event of its own, or the next would be taken for a part of it.
    return this.close && [this.close, ...this.failed(failure)]
  }
}

/** Frames that become other frames: in another dialect, in other bytes, or fewer. */
export class Turning implements Passage {
  readonly between = true

  constructor(
    readonly watch: Passage['watch'],
    private readonly reader: FrameReader,
    private readonly turn: FrameTurn,
    private readonly writer: FrameWriter,
    private readonly failed: (failure: ProviderFailure) => readonly Frame[]
  ) {}

  piece(piece: Buffer, out: Buffer[]): void {
    this.turned(this.reader.feed(piece), out)
  }

  end(out: Buffer[]): void {
    this.turned(this.reader.end(), out)
    for (const frame of this.turn.end()) out.push(this.writer.write(frame))
    // An answer that is not whole is ended by what the client is told of that.
    if (this.watch.ended || this.watch.failure !== undefined) out.push(this.writer.end())
  }

  fail(failure: ProviderFailure): Buffer[] {
    const frames = this.turn.fail?.(failure) ?? this.failed(failure)
    return [...frames.map(frame => this.writer.write(frame)), this.writer.end()]
  }

  private turned(frames: readonly Frame[], out: Buffer[]): void {
    for (const frame of frames) for (const each of this.turn.frame(frame)) out.push(this.writer.write(each))
  }
}

/** How one frame becomes others. */
export interface FrameTurn {
  frame(frame: Frame): readonly Frame[]
  end(): readonly Frame[]
  /** Undefined: the dialect's own way, whatever went before. */
  fail?(failure: ProviderFailure): readonly Frame[]
}
