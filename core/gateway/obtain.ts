import { Buffer } from 'node:buffer'
import { GatewayError } from '../base/errors.js'
import type { HeaderList } from '../base/headers.js'
import type { Reply } from '../base/http.js'
import type { Answered, Origin, SharedCall } from '../traffic/cache/request.js'
import type { RouteCache } from '../traffic/cache/route-cache.js'
import { converse } from './ai/converse.js'
import type { Exchange } from './exchange.js'
import { Occupying } from './occupying.js'
import { askForWhole } from './policies.js'
import { classOf, send } from './send.js'
import type { Route, Snapshot } from './snapshot.js'
import { isTrusted, withoutAddresses } from './trusted.js'
import { acceptedProtocols } from './tunnel.js'

/**
 * The reply to a request: from the cache of the route where it has one, else from the upstream.
 * @throws GatewayError GW_OVERLOADED, GW_NOT_CACHED, GW_UPSTREAM_*, GW_AI_*, GW_CLIENT_GONE
 */
export function obtain(route: Route, exchange: Exchange, snapshot: Snapshot): Reply | Promise<Reply> {
  const { cache } = route
  checkLoad(route, exchange, snapshot)
  if (exchange.ai !== undefined) return converse(exchange.ai, route, exchange, snapshot)
  if (route.phases.on_response_body.length > 0) askForWhole(exchange.request.headers)
  // A connection that leaves HTTP is nobody else's, and no stored reply answers who asks for it.
  const direct = cache === undefined || mayLeave(route, exchange)
  return direct ? send(route, exchange, snapshot) : cached(cache, route, exchange, snapshot)
}

/** Where the class of an exchange is known without the policies it was looked at before any work. @throws GatewayError GW_OVERLOADED */
export function checkLoad(route: Route, exchange: Exchange, { shedder }: Snapshot): void {
  if (route.class === undefined) shedder?.check(classOf(route, exchange))
}

function mayLeave(route: Route, exchange: Exchange): boolean {
  const { webSocket } = route
  return (
    (webSocket !== undefined && exchange.handshake !== undefined) || acceptedProtocols(route, exchange) !== undefined
  )
}

function cached(cache: RouteCache, route: Route, exchange: Exchange, snapshot: Snapshot): Reply | Promise<Reply> {
  const { request, routedPath: asked, upstream, consumer, body, downstream } = exchange
  if (downstream.done) throw new GatewayError('GW_CLIENT_GONE', 'the client went away before there was a reply')
  cache.narrow(request)
  const { method, scheme, host, path, query, headers } = request
  const forwarded = forwardedFor(exchange, snapshot)
  return cache.obtain(
    { method, scheme, host, path, asked, query, headers, upstream, consumer, forwarded, content: body.length !== 0 },
    new ExchangeOrigin(route, exchange, snapshot)
  )
}

/** What believed proxies say, but of addresses, goes upstream, where links are made of it: it is a part of the key. */
function forwardedFor({ peer, request: { headers } }: Exchange, { trustedProxies }: Snapshot): string {
  if (trustedProxies === undefined || !isTrusted(peer, trustedProxies)) return ''
  let said = ''
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? ''
    const value = headers[i + 1] ?? ''
    if (name === 'forwarded') said += `${withoutAddresses(value)}\n`
    else if (name !== 'x-forwarded-for' && name.startsWith('x-forwarded-')) said += `${name} ${value}\n`
  }
  return said
}

/** How the cache reaches the upstream of one exchange. */
class ExchangeOrigin implements Origin {
  constructor(
    private readonly route: Route,
    private readonly exchange: Exchange,
    private readonly snapshot: Snapshot
  ) {}

  direct(): Promise<Reply> {
    return send(this.route, this.exchange, this.snapshot)
  }

  shared(headers: HeaderList): SharedCall {
    const sent = this.exchange.detached(headers)
    return {
      reply: this.sendOn(sent),
      cancel: () => {
        sent.downstream.cut()
        sent.call?.cancel()
      }
    }
  }

  background(work: Promise<void>): void {
    this.snapshot.background.add(work)
  }

  note(outcome: string): void {
    this.exchange.cache = outcome
  }

  get remembers(): boolean {
    return this.snapshot.repeats?.isFor(this.route) === true
  }

  answered(again: Answered): void {
    this.snapshot.repeats?.keep(this.exchange, this.route, again)
  }

  onGone(leave: () => void): void {
    this.exchange.call = { cancel: leave }
  }

  private async sendOn(sent: Exchange): Promise<Reply> {
    try {
      const reply = await send(this.route, sent, this.snapshot)
      if (Buffer.isBuffer(reply.body)) sent.held?.done()
      else reply.body = new Occupying(reply.body, sent.held)
      return reply
    } catch (thrown) {
      sent.held?.done()
      throw thrown
    } finally {
      // The access line names the target, and Server-Timing how long it took.
      this.exchange.target = sent.target
      this.exchange.times ??= sent.times
    }
  }
}
