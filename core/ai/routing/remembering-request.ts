import type { HeaderList } from '../../base/headers.js'
import type { Operation } from '../dialects/dialect.js'
import type { Needs, RoutingRequest } from './request.js'

/** The same request, where what takes effort to find out is found out once. */
export class RememberingRequest implements RoutingRequest {
  readonly model: string
  readonly operation: Operation
  readonly stream: boolean
  readonly consumer: string
  readonly tags: HeaderList
  readonly headers: HeaderList
  private known: Needs | undefined
  private key: { readonly of: string | undefined } | undefined

  constructor(private readonly request: RoutingRequest) {
    const { model, operation, stream, consumer, tags, headers } = request
    this.model = model
    this.operation = operation
    this.stream = stream
    this.consumer = consumer
    this.tags = tags
    this.headers = headers
  }

  param(name: string): unknown {
    return this.request.param(name)
  }

  metadata(name: string): string | undefined {
    return this.request.metadata(name)
  }

  claim(name: string): unknown {
    return this.request.claim(name)
  }

  needs(): Needs {
    this.known ??= this.request.needs()
    return this.known
  }

  conversation(): string | undefined {
    this.key ??= { of: this.request.conversation() }
    return this.key.of
  }
}
