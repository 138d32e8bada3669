import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { GatewayError } from '../base/errors.js'

export interface AdminReply {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** What is answered, by path. */
export type AdminPages = Readonly<Record<string, () => Promise<AdminReply> | AdminReply>>

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
    const server = createServer((request, response) => void answer(request, response, pages))
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

/** Never rejects: a page that fails is a 500, and the next scrape is another try. */
async function answer(request: IncomingMessage, response: ServerResponse, pages: AdminPages): Promise<void> {
  const path = (request.url ?? '').replace(/\?.*$/s, '')
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined
  if (page === undefined) return send(request, response, text(404, `There is no ${path} here.`))
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return send(request, response, text(405, 'It can only be read.'))
  }
  try {
    send(request, response, await page())
  } catch (thrown) {
    process.emitWarning(thrown instanceof Error ? thrown : String(thrown))
    send(request, response, text(500, 'It cannot be read now.'))
  }
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

function text(status: number, message: string): AdminReply {
  return { status, type: 'text/plain; charset=utf-8', body: `${message}\n` }
}
