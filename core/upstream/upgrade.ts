import { Buffer } from 'node:buffer'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { GatewayError } from '../base/errors.js'
import type { HeaderList } from '../base/headers.js'
import {
  AwaitedAnswer,
  handshakeError,
  namedHeaders,
  type Progress,
  type Refused,
  repliedHeaders,
  sendWhenConnected
} from './handshake.js'
import type { Cancellable, HttpTimeouts, OutgoingRequest, Reach } from './http.js'
import { serverNameFor, tlsOptions } from './tls.js'

/** The upstream's answer to a request for another protocol: the connection that speaks it, or the reply with which it refused. */
export type UpgradeAnswer =
  | { readonly kind: 'open'; readonly headers: HeaderList; readonly protocol: string; readonly socket: Socket }
  | Refused

export interface UpgradeRequest extends OutgoingRequest {
  /** The protocols that are offered, as they go on the wire. At least one. */
  readonly protocols: readonly string[]
}

/**
 * Asks an origin (http: or https:) to go on with another protocol. A connection of its own: it is none of the pool's.
 * @param onStart - gets the call before anything is sent, to end it early
 * @throws GatewayError GW_UPSTREAM_* or GW_CLIENT_GONE after a cancel
 */
export function openUpgrade(
  reach: Reach,
  request: UpgradeRequest,
  timeouts: HttpTimeouts,
  onStart: (call: Cancellable) => void
): Promise<UpgradeAnswer> {
  const { origin } = reach
  return new Promise((resolve, reject) => {
    const { method, target: path, headers, protocols } = request
    const progress: Progress = { sent: false }
    const sent = httpRequest({
      method,
      path,
      headers: {
        host: new URL(origin).host,
        ...namedHeaders(headers),
        connection: 'Upgrade',
        upgrade: protocols.join(', ')
      },
      createConnection: () => dial(reach)
    })
    const answer = new AwaitedAnswer(origin, 'the request for an upgrade', timeouts, onStart, reject, progress, () =>
      sent.destroy()
    )
    const { fail } = answer
    sent.on('error', error => fail(handshakeError(origin, error)))
    sent.on('response', reply => {
      // Node takes it for one like any other when it does not say what the connection has become.
      if (reply.statusCode === 101) fail(notOffered(origin, reply))
      else resolve(answer.refused(reply, repliedHeaders(reply)))
    })
    sent.on('upgrade', (reply: IncomingMessage, socket: Socket, early: Buffer) => {
      answer.came()
      socket.on('error', ignored)
      const protocol = reply.headers.upgrade ?? ''
      if (!sent.writableEnded) {
        socket.destroy()
        return fail(new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `${origin}: switched before it had the whole request`))
      }
      if (!protocols.some(each => each.toLowerCase() === protocol.toLowerCase())) {
        socket.destroy()
        return fail(notOffered(origin, reply))
      }
      socket.allowHalfOpen = true // the end of what it says is not the end of what it hears
      if (early.length > 0) socket.unshift(early)
      onStart({ cancel: () => socket.destroy() })
      resolve({ kind: 'open', headers: repliedHeaders(reply), protocol, socket })
    })
    sendWhenConnected(sent, reach.tls, progress, () => sendBody(sent, request.body, fail))
  })
}

function dial({ origin, lookup, tls }: Reach): Socket {
  const { protocol, hostname, port } = new URL(origin)
  const secure = protocol === 'https:'
  const host = hostname.replace(/^\[|\]$/g, '')
  const place = { host, port: Number(port) || (secure ? 443 : 80), ...(lookup !== undefined && { lookup }) }
  const socket = secure
    ? connectTls({ ...place, ...tlsOptions(tls), servername: serverNameFor(host, tls) })
    : connectTcp(place)
  return socket.setNoDelay(true)
}

/** It is small (its listener lets no other leave HTTP), so nobody is told to wait. */
function sendBody(sent: ClientRequest, body: UpgradeRequest['body'], fail: (error: Error) => void): void {
  if (body === undefined || Buffer.isBuffer(body)) {
    sent.end(body)
    return
  }
  body.pipe({
    write: chunk => {
      sent.write(chunk)
      return true
    },
    end: () => sent.end(),
    fail
  })
}

function notOffered(origin: string, { headers }: IncomingMessage): GatewayError {
  const what = headers.upgrade === undefined ? 'no protocol' : `"${headers.upgrade}"`
  return new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `${origin}: switched to ${what}, which nobody offered`)
}

/** "close" follows. */
function ignored(): void {}
