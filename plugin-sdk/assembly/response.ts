import { ContextReader, RequestReader, ResponseReader } from './gen/policy'
import { hasExact, lastExact } from './pairs'
import { HeaderView, RequestView } from './request'
import { Span } from './wire'

/** A response on its way to the client; `request` is the one that went upstream. Valid until the hook returns. */
export class ResponseView extends HeaderView {
  /** The request this answers. It has no body any more. */
  readonly request: RequestView

  constructor(
    private readonly context: ContextReader,
    request: RequestReader,
    private readonly response: ResponseReader,
    private readonly body: Span
  ) {
    super(response.headers)
    this.request = new RequestView(context, request, new Span())
  }

  get status(): i32 {
    return <i32>this.response.status
  }

  /** A path parameter of the route; "" when it has none of that name. */
  param(name: string): string {
    return lastExact(this.context.params, name)
  }

  /** A tag set by a policy before this one; "" when there is none. */
  tag(name: string): string {
    return lastExact(this.context.tags, name)
  }

  hasTag(name: string): bool {
    return hasExact(this.context.tags, name)
  }

  /** Identifies the exchange in logs. */
  get exchangeId(): string {
    return this.context.exchangeId.text
  }

  /** Name of the matched route. */
  get route(): string {
    return this.context.route.text
  }

  /** Name of the upstream that answered. */
  get upstream(): string {
    return this.context.upstream.text
  }

  /** Who is calling; "" when no policy has said. */
  get consumer(): string {
    return this.context.consumer.text
  }

  /** What Verdict.setState kept in an earlier phase of this exchange. */
  get state(): Uint8Array {
    return this.context.state.bytes
  }

  /** `state` as text. */
  get stateText(): string {
    return this.context.state.text
  }

  /** Wall clock when the phase began, Unix milliseconds. */
  get nowMs(): i64 {
    return <i64>this.context.nowMs
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
