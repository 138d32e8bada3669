import { Buffer } from 'node:buffer'
import {
  RECORDING_FORMAT,
  RECORDING_VERSION,
  type RecordedBinding,
  type Recording
} from '../plugin-host/record/format.js'

/** What the calls of one exchange may take, bytes of JSON; what comes after is left out. */
const MAX_BYTES = 32 << 20

/** What is recorded of one exchange so far. The calls come as JSON from the plugins' threads, and stay that. */
export class ExchangeRecording {
  /** Whether there is something to record, so that there will be a file. */
  promised = false
  /** Indexes of the bindings it has calls of. */
  readonly bindings = new Set<number>()
  private readonly calls: Buffer[] = []
  private bytes = 0
  private leftOut = 0

  /** @param file - absolute path of the file it goes to */
  constructor(
    readonly file: string,
    private readonly reason: Recording['reason'],
    private readonly exchange: Omit<Recording['exchange'], 'status'>
  ) {}

  add(binding: number, call: Buffer): void {
    this.promised = true
    this.bindings.add(binding)
    this.bytes += call.length
    if (this.bytes > MAX_BYTES) this.leftOut++
    else this.calls.push(call)
  }

  /** The text of the file. */
  text(status: number, bindings: RecordedBinding[]): Buffer {
    const head = {
      format: RECORDING_FORMAT,
      version: RECORDING_VERSION,
      node: process.version,
      reason: this.reason,
      exchange: { ...this.exchange, status },
      bindings,
      leftOut: this.leftOut
    } satisfies Omit<Recording, 'calls'>
    const parts: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"calls":[`)]
    this.calls.forEach((call, index) => {
      parts.push(Buffer.from(index === 0 ? '\n' : ',\n'), call)
    })
    return Buffer.concat([...parts, Buffer.from(']}\n')])
  }
}
