import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { readHandshake } from '../../base/handshake.js'
import { header } from '../../base/headers.js'
import { offeredProtocols } from '../../base/upgrade.js'
import { readHead1 } from './http1.js'

/** The largest body of a request that leaves HTTP, bytes: Docker's "exec" has one of some fifty. */
export const SMALL_BODY = 65_536

/**
 * A request of HTTP/1.1. When its head is read, Node asks `upgrade` whether the connection leaves HTTP, and a server
 * that listens for "upgrade" says yes to every protocol. Here only what may become something else does that, and only
 * when no reply stands before it: all else is a request.
 */
export class Request1 extends IncomingMessage {
  private asked?: boolean
  /** Decided once: Node asks several times. */
  private leaves?: boolean

  get upgrade(): boolean {
    if (this.asked !== true) return false
    this.leaves ??= (this.method === 'CONNECT' || mayLeave(this)) && isFree(this.socket)
    return this.leaves
  }

  set upgrade(asked: boolean) {
    this.asked = asked
  }
}

/** Node's types do not know where the reply is kept that a connection is for. */
function isFree(socket: Socket): boolean {
  return (Reflect.get(socket, '_httpMessage') ?? undefined) === undefined
}

/** An opening handshake of a WebSocket, or an offer of protocols that a tunnel could carry: which route it is for is not known yet. */
function mayLeave(request: IncomingMessage): boolean {
  if (request.httpVersion !== '1.1') return false
  const head = readHead1(request, 'http')
  const { headers } = head
  if (header(headers, 'transfer-encoding') !== undefined) return false
  const length = header(headers, 'content-length') ?? '0'
  const handshake = readHandshake(head) !== undefined
  if (length === '0') return handshake || offeredProtocols(headers).length > 0
  const small = /^[0-9]{1,5}$/.test(length) && Number(length) <= SMALL_BODY
  // Who expects "100 Continue" gets it from Node.
  return small && !handshake && header(headers, 'expect') === undefined && offeredProtocols(headers).length > 0
}
