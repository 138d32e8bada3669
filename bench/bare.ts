/**
 * The floor: uWebSockets.js in, undici out, and nothing of Sluice. It forwards method, path, end-to-end headers and
 * body, streams the reply with backpressure, and cancels when the client goes away. It has no timeouts, no retries,
 * no framing checks, no limits, no logs, adds no Forwarded or Via, and holds a request body in memory.
 */

import uWS, { type HttpRequest, type HttpResponse } from 'uWebSockets.js'
import { type Dispatcher, Pool } from 'undici'
import { listen } from './uws.js'

const [port, origin] = process.argv.slice(2)
if (port === undefined || origin === undefined) throw new Error('usage: bare.js <port> <upstream origin>')

const pool = new Pool(origin, { connections: 128, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
// RFC 9110 §7.6.1, and `expect`, which uWebSockets.js has answered already.
const HOP_BY_HOP = new Set(
  'connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade expect'.split(
    ' '
  )
)
// uWebSockets.js writes these itself.
const OWN_REPLY_HEADERS = new Set([...HOP_BY_HOP, 'content-length', 'date'])

listen(uWS.App().any('/*', accept), Number(port))

function accept(res: HttpResponse, req: HttpRequest): void {
  const query = req.getQuery()
  const headers: string[] = []
  let hasBody = false
  req.forEach((name, value) => {
    if (name === 'content-length' || name === 'transfer-encoding') hasBody = true
    if (!HOP_BY_HOP.has(name)) headers.push(name, value)
  })
  const forward = new Forward(res)
  const options: Dispatcher.DispatchOptions = {
    method: req.getCaseSensitiveMethod(),
    path: query === '' ? req.getUrl() : `${req.getUrl()}?${query}`,
    headers
  }
  if (!hasBody) {
    pool.dispatch(options, forward)
    return
  }
  const chunks: Buffer[] = []
  res.onData((chunk, last) => {
    chunks.push(Buffer.from(chunk.slice(0))) // the chunk is only ours until this returns
    if (last && !forward.gone) pool.dispatch({ ...options, body: Buffer.concat(chunks) }, forward)
  })
}

class Forward implements Dispatcher.DispatchHandler {
  gone = false
  #res: HttpResponse
  #abort: ((reason?: Error) => void) | undefined
  #status = ''
  #headers: Buffer[] = []
  #length: number | undefined
  #resume: () => void = () => undefined
  #begun = false
  #offset = 0
  #rest: Buffer | undefined

  constructor(res: HttpResponse) {
    this.#res = res
    res.onAborted(() => {
      this.gone = true
      this.#abort?.()
    })
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort
    if (this.gone) abort()
  }

  // The head waits for the first bytes of the body, so that a small reply is one write.
  onHeaders(status: number, headers: Buffer[], resume: () => void, text: string): boolean {
    this.#status = `${status} ${text}`
    this.#headers = headers
    this.#resume = resume
    return true
  }

  onData(chunk: Buffer): boolean {
    if (this.gone) return true
    let flowing = true
    this.#res.cork(() => {
      this.#begin()
      flowing = this.#write(chunk)
    })
    return flowing
  }

  onComplete(): void {
    if (this.gone) return
    if (this.#begun && this.#length !== undefined) return // the last tryEnd has ended the reply
    this.#res.cork(() => {
      this.#begin()
      if (this.#length === undefined) this.#res.end()
      else this.#res.endWithoutBody(this.#length)
    })
  }

  onError(): void {
    if (this.gone) return
    if (this.#begun) this.#res.close()
    else this.#res.cork(() => this.#res.writeStatus('502 Bad Gateway').end())
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#res.writeStatus(this.#status)
    for (let i = 0; i < this.#headers.length; i += 2) {
      const name = this.#headers[i]?.toString('latin1').toLowerCase() ?? ''
      const value = this.#headers[i + 1]?.toString('latin1') ?? ''
      if (name === 'content-length') this.#length = Number(value)
      if (!OWN_REPLY_HEADERS.has(name)) this.#res.writeHeader(name, value)
    }
  }

  #write(chunk: Buffer): boolean {
    if (this.#length === undefined) return this.#res.write(chunk) || this.#waitForDrain()
    const start = this.#offset
    if (start === 0 && chunk.length === this.#length) {
      this.#res.end(chunk) // the whole reply at once: uWebSockets.js keeps what the client does not take yet
      return true
    }
    this.#offset += chunk.length
    const [sent, ended] = this.#res.tryEnd(chunk, this.#length)
    if (sent || ended) return true
    this.#rest = chunk
    return this.#waitForDrain(start)
  }

  /** Stops the upstream until the client reads again; `start` is the offset at which the refused chunk begins. */
  #waitForDrain(start = 0): false {
    this.#res.onWritable(offset => {
      const rest = this.#rest
      if (rest !== undefined && this.#length !== undefined) {
        const [sent, ended] = this.#res.tryEnd(rest.subarray(offset - start), this.#length)
        if (!sent && !ended) return false
        this.#rest = undefined
      }
      this.#resume()
      return true
    })
    return false
  }
}
