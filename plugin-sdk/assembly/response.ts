import { ContextReader, RequestReader, ResponseReader } from './gen/policy'
import { HeaderView, RequestView } from './request'
import { Span } from './wire'

/** A response on its way to the client; `request` is the one that went upstream. Valid until the hook returns. */
export class ResponseView extends HeaderView {
  /** The request this answers. It has no body any more. */
  readonly request: RequestView

  constructor(
    context: ContextReader,
    request: RequestReader,
    private readonly response: ResponseReader,
    private readonly body: Span
  ) {
    super(context, response.headers)
    this.request = new RequestView(context, request, new Span())
  }

  /** The status code; 0 where there is no response: an exchange that failed before it had one, as on_log sees it. */
  get status(): i32 {
    return <i32>this.response.status
  }

  /** The body as text (UTF-8); empty outside on_response_body. */
  bodyText(): string {
    return this.body.text
  }

  /** A copy of the body; empty outside on_response_body. */
  bodyBytes(): Uint8Array {
    return this.body.bytes
  }

  /** Where the body lies in memory, for policies that read it in place; the next call overwrites it. */
  get bodyAt(): usize {
    return this.body.at
  }

  /** Size of the body in bytes; 0 outside on_response_body. */
  get bodySize(): i32 {
    return this.body.size
  }
}
