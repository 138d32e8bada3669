import { ContextView } from './context'
import { ErrorInputReader, LogInputReader, TickInputReader } from './gen/policy'
import { ResponseView } from './response'
import { Span } from './wire'

/** An exchange that failed, as on_error sees it: status and headers are those of the reply the client is about to get. */
@final
export class ErrorView extends ResponseView {
  constructor(private readonly input: ErrorInputReader) {
    super(input.context, input.request, input.response, new Span())
  }

  /** The code of the error table, such as "GW_UPSTREAM_TIMEOUT". */
  get code(): string {
    return this.input.code.text
  }

  /** Whose fault it is: "client", "upstream", "plugin" or "gateway". */
  get blame(): string {
    return this.input.blame.text
  }

  /** Whether the same request, sent again, may succeed. */
  get retryable(): bool {
    return this.input.retryable
  }
}

/** An exchange that is over, as on_log sees it: the request as it went upstream, the response as the client got it. */
@final
export class LogView extends ResponseView {
  constructor(private readonly input: LogInputReader) {
    super(input.context, input.request, input.response, new Span())
  }

  /** The code of the error it ended with; "" when there was none. */
  get code(): string {
    return this.input.code.text
  }

  /** From accept to the last byte, microseconds. */
  get durationUs(): i64 {
    return <i64>this.input.durationUs
  }

  /** Size of the request's body, as received. */
  get bytesIn(): i64 {
    return <i64>this.input.bytesIn
  }

  /** Size of the reply's body, as sent. */
  get bytesOut(): i64 {
    return <i64>this.input.bytesOut
  }

  /** Address of the upstream's target; "" when the request went to none. */
  get target(): string {
    return this.input.target.text
  }
}

/** A tick: no exchange, so only `nowMs`, `state` (what the tick before left) and `tick` are set. */
@final
export class TickView extends ContextView {
  constructor(private readonly input: TickInputReader) {
    super(input.context)
  }

  /** How many ticks came before this one. */
  get tick(): i64 {
    return <i64>this.input.tick
  }
}
