import type { Buffer } from 'node:buffer'
import type { LookupFunction } from 'node:net'
import type { BodySource } from '../base/body.js'
import type { GatewayError } from '../base/errors.js'
import type { Reply } from '../base/http.js'
import type { UpstreamTlsFiles } from '../config/tls-files.js'

export interface OutgoingRequest {
  readonly method: string
  /** Path and query as they go on the wire. */
  readonly target: string
  /** End-to-end ones; and "connection: close" for a request that wants a connection of its own. */
  readonly headers: readonly string[]
  readonly body: BodySource | Buffer | undefined
  /** Hears the links of "103 Early Hints" (RFC 8297) before the reply comes; left out: nobody wants them. */
  readonly onHints?: ((links: readonly string[]) => void) | undefined
}

export interface HttpTimeouts {
  /** Milliseconds to open a connection. */
  readonly connect: number
  /** Milliseconds from the end of the request to the head of the reply. */
  readonly headers: number
  /** Milliseconds without a byte of the reply's body. */
  readonly idle: number
}

/** A call that is under way. */
export interface Cancellable {
  /** @param reason - what whoever waits for it, or reads its body, is told; left out: that the client is gone */
  cancel(reason?: GatewayError): void
  /** Whether any of the request may have reached the upstream; not known counts as so. */
  readonly sent?: boolean
}

/** Who sends a request: hears once of the head of the reply, or of an error, as it comes. Must not throw. */
export interface Asker {
  /** Gets the call before anything is sent, to end it early. */
  started(call: Cancellable): void
  replied(reply: Reply): void
  /** @param error - GW_UPSTREAM_*, GW_BAD_REQUEST for what cannot be sent, or GW_CLIENT_GONE after a cancel */
  failed(error: GatewayError): void
}

/** How one target is reached. */
export interface HttpClient {
  /** Sends `request`. An error may be told before this returns. */
  ask(request: OutgoingRequest, timeouts: HttpTimeouts, asker: Asker): void
  close(): Promise<void>
  /** How its connections are opened, for those that are none of its pool's. */
  readonly reach?: Reach
}

export interface Reach {
  /** Scheme, host and port: the host is the Host header and the name TLS checks, wherever the connection goes. */
  readonly origin: string
  /** Finds the addresses of its host; undefined: the system's resolver does. */
  readonly lookup: LookupFunction | undefined
  /** How an https origin is spoken to; undefined: as Node does by default. */
  readonly tls: UpstreamTlsFiles | undefined
}

/**
 * Sends `request` for who waits for the reply.
 * @throws GatewayError what `Asker.failed` would be told
 */
export function sendBy(
  client: HttpClient,
  request: OutgoingRequest,
  timeouts: HttpTimeouts,
  started: Asker['started'] = () => undefined
): Promise<Reply> {
  return new Promise((replied, failed) => client.ask(request, timeouts, { started, replied, failed }))
}
