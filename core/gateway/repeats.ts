import type { HeaderList } from '../base/headers.js'
import type { Reply, RequestHead } from '../base/http.js'
import type { Answered } from '../traffic/cache/request.js'

/** Paths that are remembered, and requests for each that differ in what counts. */
const MAX_PATHS = 1_024
const MAX_FOR_PATH = 4
/** Characters of the headers that count: longer ones are hardly ever the same twice. */
const MAX_CHARACTERS = 512

/** What of an exchange decides whether it is one again, and what it is told then. */
export interface Repeatable<R> {
  readonly request: RequestHead
  readonly body: { readonly length?: number | undefined }
  readonly handshake: unknown
  readonly offered: unknown
  readonly consumer: string
  readonly peer: string
  clientIp: string
  route: R | undefined
  params: HeaderList
  routedPath: string
  upstream: string
  cache: string | undefined
}

/** A request that was answered with what is stored. */
interface Repeat<R> {
  readonly host: string
  readonly query: string
  readonly scheme: string
  readonly consumer: string
  readonly peer: string
  /** Those that count. */
  readonly headers: HeaderList
  readonly route: R
  readonly params: HeaderList
  readonly again: Answered
  /** What the headers of the last request that was found to be this one are known as. */
  known: object | undefined
}

/**
 * The requests of one snapshot that were answered with what is stored, on routes where nothing but the request decides about that: no
 * policy, no draw, no hour of the day. Whoever asks the same again is answered without its route and key being looked for. The
 * store is asked each time.
 */
export class Repeats<R extends { readonly upstream: string }> {
  private readonly paths = new Map<string, Repeat<R>[]>()

  /**
   * @param routes - on which requests can be repeated
   * @param passive - headers that do not count
   * @param clientOf - whom a request comes from, where peers may speak for others: then it counts who they are
   * @param finish - makes the headers of a stored reply those that clients get
   */
  constructor(
    private readonly routes: ReadonlySet<R>,
    private readonly passive: ReadonlySet<string>,
    private readonly clientOf: ((exchange: Pick<Repeatable<R>, 'peer' | 'request'>) => string) | undefined,
    private readonly finish: (headers: HeaderList) => HeaderList
  ) {}

  isFor(route: R): boolean {
    return this.routes.has(route)
  }

  /** It was answered by `again`, on a route that this is for. To be told before the reply goes out. */
  keep(exchange: Repeatable<R>, route: R, again: Answered): void {
    const { request, consumer, peer, params } = exchange
    if (!isWhole(exchange)) return
    const headers = this.counting(request.headers)
    if (headers === undefined) return
    const { host, query, scheme, path } = request
    // Not what they are known as: that stands for the headers as they came, and by now those that Connection names are gone.
    const repeat: Repeat<R> = { host, query, scheme, consumer, peer, headers, route, params, again, known: undefined }
    const known = this.paths.get(path)
    if (known === undefined) {
      if (this.paths.size >= MAX_PATHS) this.paths.clear()
      this.paths.set(path, [repeat])
      return
    }
    const at = known.findIndex(other => this.isSame(other, exchange))
    if (at !== -1) known.splice(at, 1)
    else if (known.length >= MAX_FOR_PATH) known.shift()
    known.push(repeat)
  }

  /** The reply, where it is one of them and what is stored is fresh; the exchange then knows its route. */
  replyTo(exchange: Repeatable<R>): Reply | undefined {
    const { request } = exchange
    const known = this.paths.get(request.path)
    if (known === undefined || !isWhole(exchange)) return undefined
    for (const repeat of known) {
      if (!this.isSame(repeat, exchange)) continue
      const reply = repeat.again.reply(request.headers, this.finish)
      if (reply === undefined) return undefined
      const { route } = repeat
      exchange.route = route
      exchange.params = repeat.params
      exchange.routedPath = request.path
      exchange.upstream = route.upstream
      if (this.clientOf !== undefined) exchange.clientIp = this.clientOf(exchange)
      exchange.cache = 'hit'
      return reply
    }
    return undefined
  }

  private isSame(repeat: Repeat<R>, { request, consumer, peer }: Repeatable<R>): boolean {
    if (repeat.consumer !== consumer || (this.clientOf !== undefined && repeat.peer !== peer)) return false
    if (repeat.query !== request.query || repeat.host !== request.host || repeat.scheme !== request.scheme) return false
    if (request.known === undefined || request.known !== repeat.known) {
      if (!this.haveSame(repeat.headers, request.headers)) return false
      repeat.known = request.known
    }
    return true
  }

  /** Whether a request has those headers that count. */
  private haveSame(headers: HeaderList, requested: HeaderList): boolean {
    const { passive } = this
    let at = 0
    for (let i = 0; i < requested.length; i += 2) {
      const name = requested[i] ?? ''
      if (passive.has(name)) continue
      if (headers[at] !== name || headers[at + 1] !== requested[i + 1]) return false
      at += 2
    }
    return at === headers.length
  }

  /** undefined: too long to be kept, or some were taken off since they came. */
  private counting(headers: HeaderList): HeaderList | undefined {
    const list: HeaderList = []
    let characters = 0
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i] ?? ''
      const value = headers[i + 1] ?? ''
      if (this.passive.has(name)) continue
      if (name === 'connection' && value !== 'keep-alive' && value !== 'close') return undefined
      characters += value.length
      list.push(name, value)
    }
    return characters > MAX_CHARACTERS ? undefined : list
  }
}

/** A GET without a body that asks for nothing but a reply. */
function isWhole({ request, body, handshake, offered }: Repeatable<unknown>): boolean {
  return request.method === 'GET' && body.length === 0 && handshake === undefined && offered === undefined
}
