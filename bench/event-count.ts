const LF = 10

/** Takes one chunked reply of HTTP/1.1 apart and counts its server-sent events, which must end their lines with LF. */
export class EventCount {
  status = 0
  events = 0
  /** The reply is over. */
  over = false
  /** The letters of the first token have come. */
  firstSeen = false
  private state: 'head' | 'size' | 'data' | 'data-end' | 'end' = 'head'
  /** What came of a head or a line that is not whole yet. */
  private begun = ''
  private left = 0
  private lastByte = 0
  private readonly tail: Buffer
  private tailUsed = 0

  /** @param tailBytes - how much of the end is kept */
  constructor(
    private readonly firstToken: string,
    tailBytes: number
  ) {
    this.tail = Buffer.alloc(tailBytes)
  }

  /** The last bytes of the body. */
  get end(): string {
    return this.tail.toString('utf8', 0, this.tailUsed)
  }

  feed(piece: Buffer): void {
    let at = 0
    while (at < piece.length && !this.over) {
      if (this.state === 'data') at = this.data(piece, at)
      else at = this.text(piece, at)
    }
  }

  private data(piece: Buffer, from: number): number {
    const to = Math.min(piece.length, from + this.left)
    this.left -= to - from
    if (this.left === 0) this.state = 'data-end'
    this.body(piece.subarray(from, to))
    return to
  }

  private body(data: Buffer): void {
    if (!this.firstSeen && data.includes(this.firstToken)) this.firstSeen = true
    for (let at = data.indexOf(LF); at !== -1; at = data.indexOf(LF, at + 1)) {
      if ((at === 0 ? this.lastByte : data[at - 1]) === LF) this.events++
    }
    this.lastByte = data[data.length - 1] ?? this.lastByte
    this.keep(data)
  }

  private keep(data: Buffer): void {
    const { tail } = this
    if (data.length >= tail.length) {
      data.copy(tail, 0, data.length - tail.length)
      this.tailUsed = tail.length
      return
    }
    const kept = Math.min(this.tailUsed, tail.length - data.length)
    tail.copyWithin(0, this.tailUsed - kept, this.tailUsed)
    data.copy(tail, kept)
    this.tailUsed = kept + data.length
  }

  /** A head, or a line of the chunked coding. */
  private text(piece: Buffer, from: number): number {
    const end = this.state === 'head' ? '\r\n\r\n' : '\r\n'
    const before = this.begun.length
    this.begun += piece.toString('latin1', from, Math.min(piece.length, from + 4096))
    const at = this.begun.indexOf(end)
    if (at === -1) return Math.min(piece.length, from + 4096)
    const line = this.begun.slice(0, at)
    this.begun = ''
    this.line(line)
    return from + at + end.length - before
  }

  private line(line: string): void {
    switch (this.state) {
      case 'head':
        this.status = Number(line.slice(9, 12))
        if (/\r\ntransfer-encoding: *chunked/i.test(line)) this.state = 'size'
        else this.over = true // an error, or no stream: the status or the missing events say so
        return
      case 'data-end':
        this.state = 'size'
        return
      case 'end':
        this.over = true
        return
      default:
        this.left = Number.parseInt(line, 16)
        this.state = this.left > 0 ? 'data' : 'end'
    }
  }
}
