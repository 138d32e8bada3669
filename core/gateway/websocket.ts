import { EMPTY_BODY } from '../base/body.js'
import { GatewayError } from '../base/errors.js'
import { asksToSwitch, handshakeFields } from '../base/handshake.js'
import type { HeaderList } from '../base/headers.js'
import type { Reply, RequestHead } from '../base/http.js'
import { Refusal } from '../base/refusal.js'
import type { Handshake, SocketLimits } from '../base/websocket.js'
import type { Cancellable, HttpTimeouts, Reach } from '../upstream/http.js'
import { openWebSocket } from '../upstream/websocket.js'
import type { Snapshot } from './snapshot.js'

/** The client speaks another version: the reply says which one there is (RFC 6455 §4.4). */
export class WebSocketVersion extends Refusal {
  constructor(version: string) {
    const message = `version "${version}" of the WebSocket protocol; only 13 is spoken`
    super('GW_WEBSOCKET_VERSION', message, ['sec-websocket-version', '13'])
  }
}

/** A handshake on its way. */
interface Outgoing {
  readonly route: { readonly name: string }
  readonly options: SocketLimits
  /** Path and query as they go on the wire. */
  readonly path: string
  readonly headers: readonly string[]
  readonly timeouts: HttpTimeouts
  readonly reach: Reach
  readonly onStart: (call: Cancellable) => void
}

/**
 * Passes an opening handshake on, before the client has its answer: what the upstream says to it (yes, a subprotocol,
 * no) is what the client is told.
 * @returns the upstream's refusal, or a reply of status 101 with the open socket
 * @throws GatewayError GW_UPSTREAM_*, GW_CLIENT_GONE
 */
export async function connect(
  handshake: Handshake,
  { route, options, path, headers, timeouts, reach, onStart }: Outgoing,
  snapshot: Pick<Snapshot, 'sockets'>
): Promise<Reply> {
  const { protocols } = handshake
  const { messageBytes } = options
  const request = { target: path, headers: withoutHandshake(headers), protocols, messageBytes }
  const answer = await openWebSocket(reach, request, timeouts, onStart)
  if (answer.kind === 'refused') return answer
  return {
    status: 101,
    headers: answer.headers,
    body: EMPTY_BODY,
    upgraded: {
      kind: 'websocket',
      socket: answer.socket,
      protocol: answer.protocol,
      limits: options,
      counts: { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0 },
      total: snapshot.sockets?.of(route.name),
      cancel: () => answer.socket.terminate()
    }
  }
}

/**
 * For a request with "Upgrade: websocket" that is no opening handshake (RFC 6455 §4.2.1): whoever sent it would take the
 * upstream's reply to a plain request for the answer. One that is right but for its place (it has a body, or stands behind
 * another request) is a request like any other: the client asks, and need not get it (RFC 9110 §7.8).
 * @throws GatewayError GW_BAD_REQUEST, GW_WEBSOCKET_VERSION
 */
export function refuseBroken({ method, headers }: RequestHead): void {
  if (method !== 'GET') throw bad(`a WebSocket is asked for with GET, not ${method}`)
  if (!asksToSwitch(headers)) throw bad('a WebSocket is asked for, and Connection does not list "upgrade"')
  checkHandshake(handshakeFields(headers))
}

/** @throws GatewayError GW_BAD_REQUEST, GW_WEBSOCKET_VERSION */
export function checkHandshake({ version, key }: Handshake): void {
  if (version !== '13') throw new WebSocketVersion(version)
  // 16 bytes in base64 (RFC 6455 §4.1)
  if (!/^[A-Za-z0-9+/]{22}==$/.test(key)) {
    throw bad('Sec-WebSocket-Key is not 16 bytes in base64')
  }
}

function bad(message: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', message)
}

/** The handshake with the upstream has its own. */
function withoutHandshake(headers: readonly string[]): HeaderList {
  return headers.filter((_, i) => !(headers[i - (i % 2)] ?? '').startsWith('sec-websocket-'))
}
