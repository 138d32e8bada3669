import { constants, type ServerHttp2Stream } from 'node:http2'
import { fromLatin1, toLatin1 } from '../../base/header-text.js'
import { type HeaderList, header } from '../../base/headers.js'
import type { RequestHead } from '../../base/http.js'
import { http2Headers } from '../../base/http2-headers.js'
import type { Link } from './link.js'
import { Pieces } from './pieces.js'
import type { Wire } from './wire.js'

/**
 * The head of an HTTP/2 request, as HTTP/1.1 would have it: the authority is its Host header, cookies are one line
 * (RFC 9113 §8.2.3). Nothing is judged here.
 */
export function readHead2(raw: readonly string[], scheme: RequestHead['scheme']): RequestHead {
  const pseudo: Record<string, string> = {}
  const headers: HeaderList = []
  let cookies: string | undefined
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const value = fromLatin1(raw[i + 1] ?? '')
    if (name.startsWith(':')) pseudo[name] = value
    else if (name === 'cookie') cookies = cookies === undefined ? value : `${cookies}; ${value}`
    else headers.push(name, value)
  }
  if (cookies !== undefined) headers.push('cookie', cookies)
  const host = header(headers, 'host')
  const authority = pseudo[':authority'] ?? host ?? ''
  // Both may be there, but must be the same (§8.3.1): one that differs stays, and makes two Host headers.
  if (host === undefined || host !== authority) headers.unshift('host', authority)
  const target = pseudo[':path'] ?? ''
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const method = pseudo[':method'] ?? ''
  return { method, scheme, host: authority, path, query: mark === -1 ? '' : target.slice(mark + 1), headers }
}

export function wire2(stream: ServerHttp2Stream, head: RequestHead, link: Link): Wire {
  let drained = (): void => undefined
  const body = new Pieces(stream, () => drained())
  let trailers: HeaderList | undefined
  /** The reply is complete; what the client still sends has no reader (RFC 9113 §8.1). */
  const stopClient = (): void => {
    if (stream.endAfterHeaders || stream.readableEnded) return
    setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR))
  }
  return {
    maxStatus: 599, // Node sends no other, which RFC 9110 §15 calls invalid
    head: ({ status, headers }, length, { end }) => {
      if (stream.destroyed || stream.closed) return
      const object = http2Headers(headers)
      object[':status'] = status
      if (length !== undefined && !(end && length === 0 && head.method !== 'HEAD')) object['content-length'] = length
      stream.respond(object, { endStream: end, waitForTrailers: !end })
      if (end) stopClient()
    },
    write: chunk => body.write(chunk),
    hint: links => {
      if (stream.destroyed || stream.closed || stream.headersSent) return
      stream.additionalHeaders({ ':status': 103, link: links.map(toLatin1) })
    },
    end: list => {
      trailers = list
      body.end()
    },
    cut: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
    giveUp: () => stream.close(constants.NGHTTP2_CANCEL),
    get left() {
      return body.left
    },
    get taken() {
      // What is left then, a head or trailers, waits for nothing but the connection.
      return body.left === 0 ? link.taken : body.taken
    },
    listen: ({ drained: hears, closed }) => {
      drained = hears
      stream.on('wantTrailers', () => {
        stream.sendTrailers(trailers === undefined ? {} : http2Headers(trailers))
        stopClient()
      })
      // Asked only now: of a HEAD request Node has ended this side before anybody could listen for it.
      stream.on('close', () => closed(stream.writableFinished && stream.rstCode === constants.NGHTTP2_NO_ERROR))
    }
  }
}
