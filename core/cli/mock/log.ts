import type { Buffer } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Bill } from './api.js'

/** A request as it came, and what became of it. */
export interface Received {
  readonly method: string
  /** Path and query. */
  readonly target: string
  /** Names as they were written, in order. */
  readonly headers: readonly (readonly [string, string])[]
  /** Exactly the bytes. */
  readonly body: Buffer
  /** Without faults. */
  model: string
  faults: string
  status: number | undefined
  /** Events written, or pieces of a body. */
  events: number
  /** cut: by the mock, where a fault said so. aborted: by the client, before the end. */
  outcome: 'open' | 'done' | 'cut' | 'aborted'
  /** What it cost; undefined: nothing. */
  bill: Bill | undefined
}

/** The last requests. */
export class Log {
  private received: Received[] = []
  private bytes = 0
  private readonly waiting = new Set<() => void>()
  /** All that ever came, those of benchmarks too. */
  total = 0

  constructor(private readonly keep: number) {}

  get requests(): readonly Received[] {
    return this.received
  }

  begin(request: IncomingMessage, response: ServerResponse, body: Buffer): Received {
    const note: Received = {
      method: request.method ?? '',
      target: request.url ?? '',
      headers: pairs(request.rawHeaders),
      body,
      model: '',
      faults: '',
      status: undefined,
      events: 0,
      outcome: 'open',
      bill: undefined
    }
    this.received.push(note)
    this.bytes += body.length
    while (this.received.length > this.keep || (this.bytes > MOST_BYTES && this.received.length > 1)) {
      this.bytes -= this.received.shift()?.body.length ?? 0
    }
    response.once('close', () => {
      if (note.outcome === 'open') note.outcome = response.writableFinished ? 'done' : 'aborted'
      this.changed()
    })
    return note
  }

  /** Something about a request is new. */
  changed(): void {
    for (const look of this.waiting) look()
  }

  clear(): void {
    this.received = []
    this.bytes = 0
    this.total = 0
  }

  /** Resolves as soon as what was received is so. */
  until(holds: (requests: readonly Received[]) => boolean): Promise<void> {
    return new Promise(resolve => {
      const look = (): void => {
        if (!holds(this.received)) return
        this.waiting.delete(look)
        resolve()
      }
      this.waiting.add(look)
      look()
    })
  }
}

/** Bodies of all that are kept. */
const MOST_BYTES = 256 * 1024 * 1024

function pairs(raw: readonly string[]): [string, string][] {
  const found: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) found.push([raw[i] ?? '', raw[i + 1] ?? ''])
  return found
}
