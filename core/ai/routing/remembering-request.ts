import { type Needs, RequestFacts, type RoutingRequest } from './request.js'

/** The same request, where what takes effort to find out is found out once. */
export class RememberingRequest extends RequestFacts implements RoutingRequest {
  private known: Needs | undefined
  private key: { readonly of: string | undefined } | undefined

  constructor(private readonly request: RoutingRequest) {
    super(request)
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
