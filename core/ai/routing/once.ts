import type { RoutingRequest } from './request.js'

/** The same request, where what takes effort to find out is found out once. */
export function rememberingRequest(request: RoutingRequest): RoutingRequest {
  const { model, operation, stream, consumer, tags, headers } = request
  return {
    model,
    operation,
    stream,
    consumer,
    tags,
    headers,
    param: name => request.param(name),
    metadata: name => request.metadata(name),
    claim: name => request.claim(name),
    needs: once(() => request.needs()),
    conversation: once(() => request.conversation())
  }
}

function once<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined
  return () => {
    found ??= { value: find() }
    return found.value
  }
}
