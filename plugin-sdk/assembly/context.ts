import { ContextReader } from './gen/policy'
import { hasExact, lastExact, texts } from './pairs'
import { Span } from './wire'

/** Where the exchange stands: what every view can tell. Valid until the hook returns. */
export class ContextView {
  constructor(protected readonly context: ContextReader) {}

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

  /** What another policy of the chain left for this one, by "plugin.name", such as "auth-key.plan"; "" when there is none. */
  bag(name: string): string {
    return lastExact(this.context.bag, name)
  }

  hasBag(name: string): bool {
    return hasExact(this.context.bag, name)
  }

  /** All path parameters, flat: name, value, … */
  allParams(): string[] {
    return texts(this.context.params)
  }

  /** All tags, flat: name, value, … in the order they were set. */
  allTags(): string[] {
    return texts(this.context.tags)
  }

  /** All of the bag this plugin may read, flat: "plugin.name", value, … */
  allBag(): string[] {
    return texts(this.context.bag)
  }

  /** Identifies the exchange in logs. */
  get exchangeId(): string {
    return this.context.exchangeId.text
  }

  /** Name of the matched route. */
  get route(): string {
    return this.context.route.text
  }

  /** Name of the upstream the request goes to, or went to. */
  get upstream(): string {
    return this.context.upstream.text
  }

  /** Who is calling, once an auth policy has said so; "" before. */
  get consumer(): string {
    return this.context.consumer.text
  }

  /** @internal Where the route's name lies in the input. */
  get routeSpan(): Span {
    return this.context.route
  }

  /** @internal Where the consumer's name lies in the input. */
  get consumerSpan(): Span {
    return this.context.consumer
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
}
