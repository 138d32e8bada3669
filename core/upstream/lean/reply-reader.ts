import { Buffer } from 'node:buffer'
import type { HeaderList } from '../../base/headers.js'
import { forbidsBody } from '../../base/http.js'
import { pieceOf } from '../../base/piece.js'
import { BadReply, BrokenOff } from './bad-reply.js'
import { ChunkedBody } from './chunked-body.js'
import { SECTION_BYTES } from './fields.js'
import type { KeptHeads } from './kept-heads.js'
import { type ReplyHead, readHead } from './reply-head.js'

/** Who hears of a reply as it comes. */
export interface ReplySink {
  /** A head came that is not the reply's: between the server and us (RFC 9110 §15.2). */
  interim(head: ReplyHead): void
  head(head: ReplyHead): void
  /** @param chunk - the receiver's own */
  data(chunk: Buffer): void
  end(trailers: HeaderList | undefined): void
}

type State = 'head' | 'length' | 'chunked' | 'close' | 'over'

/** Finds the parts of one reply after another in what a connection receives. */
export class ReplyReader {
  /** Something came behind the end of the reply. */
  surplus = false
  private state: State = 'over'
  private bodiless = false
  private sink: ReplySink | undefined
  private partial: Buffer | undefined
  private rest = 0
  private chunks: ChunkedBody | undefined

  /** @param kept - of the same server; left out: each head is read */
  constructor(private readonly kept?: KeptHeads) {}

  /** @param bodiless - the request was a HEAD: what its reply says of a body is about another one */
  begin(sink: ReplySink, bodiless: boolean): void {
    this.sink = sink
    this.bodiless = bodiless
    this.state = 'head'
  }

  /** The reply is whole, or nobody wants the rest. */
  get over(): boolean {
    return this.state === 'over'
  }

  /** Nothing more is told. */
  stop(): void {
    this.state = 'over'
    this.sink = undefined
    this.partial = undefined
    this.chunks = undefined
  }

  /**
   * Reads what was received: the first `length` bytes, which the caller overwrites afterwards.
   * @throws BadReply, BrokenOff
   */
  read(bytes: Buffer, length: number): void {
    let at = 0
    let buffer = bytes
    let end = length
    if (this.partial !== undefined) {
      buffer = Buffer.concat([this.partial, bytes.subarray(0, length)])
      end = buffer.length
      this.partial = undefined
    }
    while (at < end) {
      switch (this.state) {
        case 'head':
          at = this.readHead(buffer, at, end)
          break
        case 'length':
          at = this.readLength(buffer, at, end)
          break
        case 'chunked':
          at = this.readChunked(buffer, at, end)
          break
        case 'close':
          this.sink?.data(pieceOf(buffer, at, end))
          return
        case 'over':
          this.surplus = true
          return
      }
    }
  }

  /** Nothing more will come. @throws BrokenOff when that is too early */
  close(): void {
    if (this.state === 'over') return
    if (this.state !== 'close') throw new BrokenOff('the other side closed the connection')
    this.end(undefined)
  }

  private readHead(bytes: Buffer, from: number, end: number): number {
    const head = this.kept?.find(bytes, from, end) ?? this.newHead(bytes, from, end)
    if (head === undefined) {
      if (end - from > SECTION_BYTES) throw new BadReply(`a head of more than ${SECTION_BYTES} bytes`)
      this.partial = Buffer.from(bytes.subarray(from, end))
      return end
    }
    const { status, chunked, length } = head
    if (status === 101) throw new BrokenOff('it switched protocols unasked')
    if (status < 200) {
      this.sink?.interim(head)
      return head.end
    }
    const empty = this.bodiless || forbidsBody(status) || length === 0
    if (empty) this.state = 'over'
    else if (chunked) {
      this.state = 'chunked'
      this.chunks = new ChunkedBody()
    } else if (length === undefined) this.state = 'close'
    else {
      this.state = 'length'
      this.rest = length
    }
    const { sink } = this
    sink?.head(head)
    if (empty) this.end(undefined)
    return head.end
  }

  private newHead(bytes: Buffer, from: number, end: number): ReplyHead | undefined {
    const head = readHead(bytes, from, end)
    if (head !== undefined) this.kept?.keep(bytes, from, end, head)
    return head
  }

  private readLength(bytes: Buffer, from: number, end: number): number {
    const to = Math.min(end, from + this.rest)
    this.rest -= to - from
    const last = this.rest === 0
    this.sink?.data(pieceOf(bytes, from, to))
    if (last) this.end(undefined)
    return to
  }

  /** All data in these bytes is told as one piece: behind the first of their chunks the others are moved up. */
  private readChunked(bytes: Buffer, from: number, end: number): number {
    const { chunks } = this
    if (chunks === undefined) return end
    let at = from
    let begin = from
    let until = from
    try {
      for (;;) {
        at = chunks.read(bytes, at, end)
        if (at === end || chunks.ended) break
        const length = chunks.data(at, end)
        if (until === begin) {
          begin = at
          until = at
        } else bytes.copyWithin(until, at, at + length)
        at += length
        until += length
      }
    } finally {
      // What came before a chunk that is none is told too.
      if (until > begin) this.sink?.data(pieceOf(bytes, begin, until))
    }
    if (chunks.ended && !this.over) this.end(chunks.trailers)
    return at
  }

  private end(trailers: HeaderList | undefined): void {
    const { sink } = this
    this.stop()
    sink?.end(trailers)
  }
}
