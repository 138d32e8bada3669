import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { ErrorForm, Reply, Streamed, Whole } from './api.js'
import { type Failure, failureOfStatus } from './failure.js'
import type { Faults } from './faults.js'
import type { Received } from './log.js'

/** Sends a reply with the faults that were asked for. Never rejects: what the client breaks off is noted. */
export async function deliver(
  response: ServerResponse,
  reply: Reply,
  faults: Faults,
  errors: ErrorForm,
  rate: number | undefined,
  note: Received
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  try {
    await new Delivery(response, faults, errors, note, gone.signal).send(reply, rate)
  } catch (thrown) {
    if (!gone.signal.aborted) throw thrown
  }
}

class Delivery {
  constructor(
    private readonly response: ServerResponse,
    private readonly faults: Faults,
    private readonly errors: ErrorForm,
    private readonly note: Received,
    private readonly gone: AbortSignal
  ) {}

  async send(reply: Reply, rate: number | undefined): Promise<void> {
    const { faults, response } = this
    if (faults.has('hang')) return
    const delay = faults.ms('delay')
    if (delay !== undefined) await this.wait(delay)
    if (faults.has('reset')) {
      this.cut(true)
      return
    }
    const status = 'status' in reply ? reply.status : 200
    this.note.status = status
    if ('body' in reply && !this.inPieces()) {
      response.writeHead(status, { ...reply.headers, 'content-length': reply.body.length })
      response.end(reply.body)
      return
    }
    const { pace, ...stream } = 'body' in reply ? this.halves(reply) : { ...reply, pace: rate }
    response.writeHead(status, reply.headers)
    response.flushHeaders()
    const ttft = faults.ms('ttft')
    if (ttft !== undefined) await this.wait(ttft)
    await this.write(this.faulty(stream), faults.number('slow') ?? pace)
  }

  /** Whether a fault needs a whole reply to come in pieces. */
  private inPieces(): boolean {
    const { faults } = this
    return IN_PIECES.some(name => faults.has(name))
  }

  private halves({ body, headers }: Whole): Streamed & { pace: undefined } {
    const whole = this.faultyWhole(body)
    const middle = whole.length >> 1
    return { headers, frames: [whole.subarray(0, middle), whole.subarray(middle)], terminal: 1, pace: undefined }
  }

  /** A whole reply as the faults leave it. */
  private faultyWhole(body: Buffer): Buffer {
    const { faults } = this
    if (faults.has('error-first') || faults.has('error-in-stream'))
      return Buffer.from(JSON.stringify(this.errors.body(this.failure())))
    if (faults.has('garbage')) return Buffer.from(`${body.subarray(0, body.length >> 1).toString('latin1')}<garbage>`)
    return faults.has('empty') ? Buffer.from('{}') : body
  }

  /** The frames as the faults leave them. */
  private faulty({ headers, frames, terminal, garbage: own }: Streamed): Buffer[] {
    const { faults, errors } = this
    const events = headers['content-type']?.startsWith('text/event-stream') === true
    let all = [...frames]
    if (faults.has('empty') && frames.length > 2) all = all.filter(frame => frame.includes(DONE))
    if (faults.has('truncate')) all = all.slice(0, Math.max(0, all.length - terminal))
    if (faults.has('garbage') && frames.length > 2) {
      const garbage = own ?? Buffer.from(events ? 'data: {"gar\n\n' : '{"gar\n')
      all.splice(Math.min(faults.number('after') ?? all.length >> 1, all.length), 0, garbage)
    }
    const after = faults.has('error-first') ? 0 : faults.number('error-in-stream')
    if (after !== undefined && frames.length > 2) {
      all = all.slice(0, after)
      all.push(errors.frame(this.failure(), all.length))
    }
    if (!events) return all
    if (faults.has('comments')) all = all.map(frame => Buffer.concat([COMMENT, frame]))
    if (faults.has('crlf')) all = all.map(frame => Buffer.from(frame.toString().replaceAll('\n', '\r\n')))
    return all
  }

  /** What goes wrong within the reply. */
  private failure(): Failure {
    return failureOfStatus(this.faults.number('error-status') ?? 500)
  }

  private async write(frames: readonly Buffer[], pace: number | undefined): Promise<void> {
    const { faults, response, note } = this
    const half = frames.length >> 1
    const dropAt = faults.has('drop') ? Math.min(faults.number('drop') ?? half, frames.length) : undefined
    const stallAt = faults.has('stall') ? Math.min(faults.number('after') ?? half, frames.length) : undefined
    const start = performance.now()
    for (let i = 0; i <= frames.length; i++) {
      if (i === dropAt) {
        this.cut(false)
        return
      }
      if (i === stallAt) await this.wait(faults.ms('stall'))
      const frame = frames[i]
      if (frame === undefined) break
      if (pace !== undefined && i > 0) await this.wait(start + (i * 1000) / pace - performance.now())
      await this.bytes(frame)
      note.events = i + 1
    }
    response.end()
  }

  private async bytes(frame: Buffer): Promise<void> {
    const split = this.faults.text('split')
    if (split === undefined) {
      if (!this.response.write(frame)) await once(this.response, 'drain', { signal: this.gone })
      return
    }
    for (let at = 0; at < frame.length; ) {
      const size = split === 'random' ? 1 + Math.floor(Math.random() * 64) : Number(split)
      if (!this.response.write(frame.subarray(at, at + size))) await once(this.response, 'drain', { signal: this.gone })
      at += size
      await setImmediate(undefined, { signal: this.gone })
    }
  }

  /** @param ms - undefined: until the client has gone */
  private async wait(ms: number | undefined): Promise<void> {
    if (ms === undefined) await once(this.gone, 'abort')
    else if (ms > 0) await setTimeout(ms, undefined, { signal: this.gone })
    this.gone.throwIfAborted()
  }

  /** Ends the connection in the middle of the reply; what was written arrives. */
  private cut(reset: boolean): void {
    const { response, note } = this
    note.outcome = 'cut'
    if (reset) response.socket?.resetAndDestroy()
    else response.socket?.destroySoon()
  }
}

/** The end of OpenAI's streams, which says nothing of an answer. */
const DONE = 'data: [DONE]'
const COMMENT = Buffer.from(': MOCK PROCESSING\n\n')

const IN_PIECES = [
  'ttft',
  'stall',
  'drop',
  'truncate',
  'error-first',
  'error-in-stream',
  'garbage',
  'empty',
  'split'
] as const
