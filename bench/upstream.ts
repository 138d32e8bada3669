/** The upstream of the bench, a process of its own: as cheap as can be, so that it does not set the pace. */
import uWS, { type HttpRequest, type HttpResponse } from 'uWebSockets.js'
import { replyBody, SIZED_PATH, sizedBody, TAG_HEADER, VARIED } from './replies.js'
import { listen } from './uws.js'

const NAMES = ['a', 'b']

/** Of replies that each have one of their own. */
let ids = 0

process.argv.slice(2).forEach((port, index) => {
  const name = NAMES[index]
  if (name !== undefined) serve(name, Number(port))
})

function serve(name: string, port: number): void {
  const replies = lastReply(name)
  const app = uWS.App()
  const sized = new Map<string, string>()
  app.get(`${SIZED_PATH}*`, (res, req) => {
    const url = req.getUrl()
    const body = sized.get(url) ?? sizedBody(Number(url.slice(SIZED_PATH.length)))
    sized.set(url, body)
    if (req.getQuery() === VARIED) res.writeHeader('x-request-id', `7d1f3c52-${(++ids).toString(16).padStart(8, '0')}`)
    // Fresh for as long as a bench may take: the cached route asks once.
    res.writeHeader('cache-control', 'max-age=3600').writeHeader('content-type', 'text/plain').end(body)
  })
  app.get('/*', (res, req) => answer(res, replies(req.getHeader(TAG_HEADER), 0)))
  app.any('/*', (res, req) => consume(res, req, replies))
  listen(app, port)
}

/** One kind of request comes at a time, so remembering the last reply saves making it anew for each. */
function lastReply(name: string): (tag: string, received: number) => string {
  let lastTag = ''
  let lastReceived = -1
  let last = ''
  return (tag, received) => {
    if (tag !== lastTag || received !== lastReceived) {
      lastTag = tag
      lastReceived = received
      last = replyBody(name, tag, received)
    }
    return last
  }
}

function consume(res: HttpResponse, req: HttpRequest, replies: (tag: string, received: number) => string): void {
  const tag = req.getHeader(TAG_HEADER)
  let received = 0
  res.onAborted(() => undefined)
  res.onData((chunk, last) => {
    received += chunk.byteLength
    if (last) res.cork(() => answer(res, replies(tag, received)))
  })
}

function answer(res: HttpResponse, body: string): void {
  res.writeHeader('content-type', 'application/json').end(body)
}
