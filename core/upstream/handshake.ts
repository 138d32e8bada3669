import type { ClientRequest, IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { GatewayError } from '../base/errors.js'
import { fromLatin1, toLatin1 } from '../base/header-text.js'
import { dropNamedByConnection, type HeaderList } from '../base/headers.js'
import type { UpstreamTlsFiles } from '../config/tls-files.js'
import { upstreamError } from './errors.js'
import type { Cancellable, HttpTimeouts } from './http.js'
import { messageBody } from './message-body.js'
import { wrongPin } from './tls.js'

/** What is the same in every request with which a connection may leave HTTP. */

/** The reply with which an upstream refuses. */
export interface Refused {
  readonly kind: 'refused'
  readonly status: number
  readonly headers: HeaderList
  readonly body: ReturnType<typeof messageBody>
}

/** How far a request has come. */
export interface Progress {
  /** Some of it may have reached the upstream: there is a connection, and whoever is there may hear it. */
  sent: boolean
}

/** An answer that is waited for: not for ever, and not when it is not wanted any more. */
export class AwaitedAnswer {
  private timer: NodeJS.Timeout
  private cancelled = false

  /**
   * @param what - is answered, for the message when that takes too long
   * @param progress - of the request it answers
   * @param stop - ends the connection
   */
  constructor(
    private readonly origin: string,
    what: string,
    private readonly timeouts: HttpTimeouts,
    private readonly onStart: (call: Cancellable) => void,
    private readonly reject: (error: GatewayError) => void,
    progress: Readonly<Progress>,
    private readonly stop: () => void
  ) {
    const late = (missing: string): void =>
      this.fail(new GatewayError('GW_UPSTREAM_TIMEOUT', `${origin}: no ${missing} in time`))
    this.timer = setTimeout(() => {
      if (!progress.sent) late('connection')
      else this.timer = setTimeout(late, timeouts.headers, `answer to ${what}`)
    }, timeouts.connect)
    onStart({
      get sent() {
        return progress.sent
      },
      cancel: () => {
        this.cancelled = true
        this.fail(new Error('cancelled'))
      }
    })
  }

  readonly fail = (error: Error): void => {
    this.came()
    this.reject(upstreamError(this.origin, error, this.cancelled))
    this.stop()
  }

  /** It is here: no clock runs any more. */
  came(): void {
    clearTimeout(this.timer)
  }

  /** The reply with which the upstream refuses; its body can be called off. */
  refused(reply: IncomingMessage, headers: HeaderList): Refused {
    this.came()
    const body = messageBody(reply, this.origin, this.timeouts.idle)
    this.onStart(body)
    return { kind: 'refused', status: reply.statusCode ?? 502, headers, body }
  }
}

/**
 * Sends a request once there is a connection for it: until then nobody has begun to take its body. Whoever answers with another
 * key than those pinned does not hear it.
 * @param send - sends what there is of it
 */
export function sendWhenConnected(
  request: ClientRequest,
  tls: UpstreamTlsFiles | undefined,
  progress: Progress,
  send: () => void
): void {
  request.once('socket', socket => {
    const secure = socket instanceof TLSSocket
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      const wrong = secure && tls !== undefined ? wrongPin(socket, tls) : undefined
      if (wrong !== undefined) return void request.destroy(wrong)
      progress.sent = true
      send()
    })
  })
}

/** Headers as Node's HTTP client takes them. */
export function namedHeaders(headers: readonly string[]): Record<string, string[]> {
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
