import type { ClientRequest, IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { GatewayError } from '../base/errors.js'
import { fromLatin1, toLatin1 } from '../base/header-text.js'
import { dropNamedByConnection, type HeaderList } from '../base/headers.js'
import type { UpstreamTlsFiles } from '../config/tls-files.js'
import type { messageBody } from './message-body.js'
import { wrongPin } from './tls.js'

/** What is the same in every request with which a connection may leave HTTP. */

/** The reply with which an upstream refuses. */
export interface Refused {
  readonly kind: 'refused'
  readonly status: number
  readonly headers: HeaderList
  readonly body: ReturnType<typeof messageBody>
}

/**
 * Whoever answers with another key than those pinned does not hear the request.
 * @param send - sends what there is of it
 */
export function sendWhenPinned(sent: ClientRequest, tls: UpstreamTlsFiles | undefined, send: () => void): void {
  if (tls === undefined || tls.pins.length === 0) {
    send()
    return
  }
  sent.once('socket', socket => {
    socket.once('secureConnect', () => {
      const wrong = socket instanceof TLSSocket ? wrongPin(socket, tls) : undefined
      if (wrong === undefined) send()
      else sent.destroy(wrong)
    })
  })
}

/** Headers as Node's HTTP client takes them. */
export function namedHeaders(headers: HeaderList): Record<string, string[]> {
  const named: Record<string, string[]> = Object.create(null)
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    const value = toLatin1(headers[i + 1] ?? '')
    const values = named[name]
    if (values === undefined) named[name] = [value]
    else values.push(value)
  }
  return named
}

/** Headers as Node's HTTP client hands them over, without those that are about the connection alone. */
export function repliedHeaders({ rawHeaders }: IncomingMessage): HeaderList {
  const list = rawHeaders.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : fromLatin1(text)))
  dropNamedByConnection(list)
  return list
}

/** An error without a code is of who reads the reply: the upstream answered, and not as it should. */
export function handshakeError(origin: string, error: Error): Error {
  if ('code' in error && !String(error.code).startsWith('HPE_')) return error
  return new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `${origin}: ${error.message}`, { cause: error })
}
