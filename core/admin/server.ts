import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { GatewayError } from '../base/errors.js'
import { hostName } from '../base/host-name.js'

export interface AdminReply {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** What is read with GET. */
export type AdminPage = () => Promise<AdminReply> | AdminReply

/** What is done with POST and a JSON body, and where it can be read too, what GET shows. */
export interface AdminAction {
  readonly get?: AdminPage
  readonly post: (body: unknown) => Promise<AdminReply> | AdminReply
}

/** What is answered, by path. */
export type AdminPages = Readonly<Record<string, AdminPage | AdminAction>>

/** The largest body of an action, bytes. */
const MAX_BODY_BYTES = 65_536

/**
 * The operators' listener: a port of its own, so that what is for them is never within reach of the API's clients. It is Node's
 * HTTP server, since nothing here is asked often.
 */
export class AdminServer {
  private constructor(
    private readonly server: Server,
    readonly host: string,
    /** The port that was opened. */
    readonly port: number
  ) {}

  /**
   * @param port - 0: any free port
   * @throws GatewayError GW_LISTEN_FAILED with the reason
   */
  static async open({ host, port }: { host: string; port: number }, pages: AdminPages): Promise<AdminServer> {
    const server = createServer((request, response) => {
      if (isMeant(request, host)) return void answer(request, response, pages)
      send(request, response, text(421, 'It is asked by its address here, or as localhost.'))
    })
    server.listen(port, host)
    try {
      await once(server, 'listening')
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      throw new GatewayError('GW_LISTEN_FAILED', `cannot open the admin listener on ${host}:${port}: ${reason}`, {
        cause: thrown
      })
    }
    const address = server.address()
    return new AdminServer(server, host, typeof address === 'object' && address !== null ? address.port : port)
  }

  get url(): string {
    return `http://${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.port}`
  }

  close(): Promise<void> {
    return new Promise(resolve => {
      this.server.close(() => resolve())
      this.server.closeAllConnections()
    })
  }
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/

/**
 * Whether a request of a client on this machine is for us. A page in an operator's browser can have its own name lead here (DNS
 * rebinding), and read what it gets; addresses are nobody's name. Where others come in too, whoever lets them in sees to that.
 */
function isMeant({ headers }: IncomingMessage, listening: string): boolean {
  if (!LOOPBACK.test(listening) || headers.host === undefined) return true
  const name = hostName(headers.host)
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
}

/** Never rejects: a page that fails is a 500, and the next scrape is another try. */
async function answer(request: IncomingMessage, response: ServerResponse, pages: AdminPages): Promise<void> {
  const path = (request.url ?? '').replace(/\?.*$/s, '')
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined
  if (page === undefined) return send(request, response, text(404, `There is no ${path} here.`))
  const { get, post } = typeof page === 'function' ? { get: page, post: undefined } : page
  const reads = request.method === 'GET' || request.method === 'HEAD'
  try {
    if (reads && get !== undefined) return send(request, response, await get())
    if (request.method === 'POST' && post !== undefined) return send(request, response, await act(request, post))
    response.setHeader('allow', [get && 'GET, HEAD', post && 'POST'].filter(Boolean).join(', '))
    send(request, response, text(405, post === undefined ? 'It can only be read.' : 'It takes POST.'))
  } catch (thrown) {
    process.emitWarning(thrown instanceof Error ? thrown : String(thrown))
    send(request, response, text(500, 'It cannot be read now.'))
  }
}

/**
 * Only as application/json: a page in an operator's browser can send a form here, but not this type, unless it is asked first.
 */
async function act(request: IncomingMessage, post: AdminAction['post']): Promise<AdminReply> {
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    return text(415, 'It takes a body of the type application/json.')
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk) // leaving the loop early would cut the connection before the answer
  }
  if (bytes > MAX_BODY_BYTES) return text(413, `It takes at most ${MAX_BODY_BYTES} bytes.`)
  let body: unknown
  try {
    body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return text(400, 'The body is not JSON.')
  }
  return post(body)
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: AdminReply): void {
  request.resume() // whatever body there is
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff'
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

export function text(status: number, message: string): AdminReply {
  return { status, type: 'text/plain; charset=utf-8', body: `${message}\n` }
}

export function json(status: number, value: unknown): AdminReply {
  return { status, type: 'application/json', body: `${JSON.stringify(value, undefined, 2)}\n` }
}
