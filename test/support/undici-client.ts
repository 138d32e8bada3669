import { Buffer } from 'node:buffer'
import type { LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { buildConnector, Pool } from 'undici'
import { type BodySource, SOURCE_BUFFER_BYTES } from '../../core/base/body.js'
import { GatewayError } from '../../core/base/errors.js'
import type { Reply } from '../../core/base/http.js'
import type { UpstreamTlsFiles } from '../../core/config/tls-files.js'
import { upstreamError } from '../../core/upstream/errors.js'
import type { HttpClient } from '../../core/upstream/http-client.js'
import { serverNameFor, tlsOptions, wrongPin } from '../../core/upstream/tls.js'
import { UpstreamCall } from './undici-call.js'

/**
 * The other HTTP/1.1 client, for tests that hold ours to it: a keep-alive pool of connections to `origin` (scheme, host and port).
 * @param lookup - finds the addresses of its host, instead of the system's resolver
 * @param tls - how an https origin is spoken to; left out: as Node does by default
 */
export function undiciClient(
  origin: string,
  connections: number,
  connectTimeoutMs: number,
  lookup?: LookupFunction,
  tls?: UpstreamTlsFiles
): HttpClient {
  const host = new URL(origin).hostname.replace(/^\[|\]$/g, '')
  const pool = new Pool(origin, {
    connections,
    connect: connector(connectTimeoutMs, serverNameFor(host, tls), lookup, tls),
    // RFC 9112 §9.3.2 lets idempotent requests be pipelined; one slow reply would hold up others, so we never do.
    pipelining: 1,
    keepAliveTimeout: 30_000
  })
  return {
    ask: (request, timeouts, asker) => {
      // undici tells of the head from within its parser, where nobody may end the call: by a promise it is told afterwards.
      const reply = new Promise<Reply>((resolve, reject) => {
        const call = new UpstreamCall(origin, resolve, reject)
        asker.started(call)
        try {
          const options = {
            method: request.method,
            path: request.target,
            headers: wireHeaders(request.headers),
            body: outgoingBody(request.body),
            headersTimeout: timeouts.headers,
            bodyTimeout: timeouts.idle,
            servername: host // else it is the Host header's, and another one than before ends the connection
          }
          pool.dispatch(options, call)
        } catch (thrown) {
          reject(dispatchError(origin, thrown))
        }
      })
      reply.then(
        given => asker.replied(given),
        thrown => asker.failed(thrown)
      )
    },
    close: () => pool.destroy(),
    reach: { origin, lookup, tls }
  }
}

/** Opens connections. `serverName` is asked for whatever the requests' Host headers say; empty: none is. */
function connector(
  timeout: number,
  serverName: string,
  lookup: LookupFunction | undefined,
  tls: UpstreamTlsFiles | undefined
): buildConnector.connector {
  const options = { ...tlsOptions(tls), ...(lookup !== undefined && { lookup }), timeout }
  // A resumed session would not show its certificate again.
  const connect = buildConnector(tls === undefined ? options : { ...options, maxCachedSessions: 0 })
  return (asked, done) => {
    const target = { ...asked, servername: serverName }
    if (tls === undefined) return connect(target, done)
    return connect(target, (...result) => {
      const [error, socket] = result
      const wrong = error === null && socket instanceof TLSSocket ? wrongPin(socket, tls) : undefined
      if (wrong === undefined) return done(...result)
      socket?.destroy()
      done(wrong, null)
    })
  }
}

// undici writes header values as Latin-1: what is not ASCII goes as its UTF-8 bytes.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII
const NOT_ASCII = /[^\x00-\x7f]/

/** Header values as they go on the wire. */
function wireHeaders(list: readonly string[]): string[] {
  return list.map(text => (NOT_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text))
}

function outgoingBody(body: BodySource | Buffer | undefined): Buffer | Readable | null {
  if (body === undefined) return null
  if (Buffer.isBuffer(body)) return body
  return body.takeWhole() ?? readable(body)
}

/** A body that is still arriving, as the stream undici reads: its backpressure pauses the client's sending. */
function readable(source: BodySource): Readable {
  let started = false
  const stream = new Readable({
    highWaterMark: SOURCE_BUFFER_BYTES,
    read() {
      if (started) return source.resume()
      started = true
      source.pipe({
        write: chunk => stream.push(chunk),
        end: () => stream.push(null),
        fail: error => stream.destroy(error)
      })
    },
    // Also when undici has its reply before the end of the request: what the client still sends has no reader.
    destroy(error, done) {
      source.cancel()
      done(error)
    }
  })
  stream.on('error', ignore)
  return stream
}

/** undici hears of the error as long as the call runs; afterwards nobody would, and that ends a process. */
function ignore(): void {}

/** undici throws at once for what it will not send: that is a request we should not have let this far. */
function dispatchError(origin: string, thrown: unknown): GatewayError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  if ('code' in error && error.code === 'UND_ERR_INVALID_ARG') {
    return new GatewayError('GW_BAD_REQUEST', `${origin}: ${error.message}`, { cause: error })
  }
  return upstreamError(origin, error, false)
}
