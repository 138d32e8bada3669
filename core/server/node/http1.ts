import type { IncomingMessage, ServerResponse } from 'node:http'
import { fromLatin1, toLatin1 } from '../../base/header-text.js'
import type { HeaderList } from '../../base/headers.js'
import type { RequestHead } from '../../base/http.js'
import type { Link } from './link.js'
import type { Wire } from './wire.js'

/** The head of an HTTP/1.1 request. Nothing is judged here. */
export function readHead1(request: IncomingMessage, scheme: RequestHead['scheme']): RequestHead {
  const { rawHeaders: raw, method = '', url = '' } = request
  const headers: HeaderList = []
  let host = ''
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]?.toLowerCase() ?? ''
    const value = fromLatin1(raw[i + 1] ?? '')
    if (name === 'host') host = value
    headers.push(name, value)
  }
  // RFC 9112 §3.2.2: the absolute form must be taken; its authority counts, not the Host header's.
  const [, authority, rest = ''] = /^https?:\/\/([^/?#]*)([^#]*)$/i.exec(url) ?? []
  if (authority !== undefined) {
    host = authority
    const at = headers.findIndex((name, i) => i % 2 === 0 && name === 'host')
    if (at !== -1) headers[at + 1] = authority // what conditions and policies see
  }
  const target = authority === undefined ? url : rest.startsWith('/') ? rest : `/${rest}`
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  return { method, scheme, host, path, query: mark === -1 ? '' : target.slice(mark + 1), headers }
}

/** @param trailers - whether the client takes any (TE: trailers) */
export function wire1(response: ServerResponse, link: Link, trailers: boolean): Wire {
  return {
    maxStatus: 999,
    head: ({ status, headers }, length, { end, close }) => {
      const list: string[] = []
      for (let i = 0; i + 1 < headers.length; i += 2) list.push(headers[i] ?? '', toLatin1(headers[i + 1] ?? ''))
      if (length !== undefined) list.push('content-length', String(length))
      if (close) list.push('connection', 'close')
      response.writeHead(status, list)
      if (end) response.end()
      else response.write('', 'latin1') // the head, as Latin-1: flushHeaders would write it as UTF-8
    },
    write: chunk => response.write(chunk),
    hint: links => {
      // Before its turn on the connection a reply has no socket. Node's own way takes one link a line, of a form it knows.
      if (response.req.httpVersion !== '1.1' || response.headersSent) return
      const lines = links.map(link => `link: ${toLatin1(link)}\r\n`)
      response.socket?.write(`HTTP/1.1 103 Early Hints\r\n${lines.join('')}\r\n`, 'latin1')
    },
    end: list => {
      if (trailers && list !== undefined) response.addTrailers(pairs(list))
      response.end()
    },
    cut: () => response.socket?.destroy(),
    giveUp: () => response.socket?.destroy(),
    get left() {
      return response.writableLength
    },
    get taken() {
      return link.taken
    },
    listen: ({ drained, closed }) => {
      response.on('drain', drained)
      response.on('error', () => undefined) // "close" follows
      response.on('close', () => closed(response.writableFinished))
    }
  }
}

function pairs(list: HeaderList): [string, string][] {
  const found: [string, string][] = []
  for (let i = 0; i + 1 < list.length; i += 2) found.push([list[i] ?? '', toLatin1(list[i + 1] ?? '')])
  return found
}
