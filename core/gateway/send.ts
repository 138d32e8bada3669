import { Buffer } from 'node:buffer'
import { GatewayError } from '../base/errors.js'
import type { Reply } from '../base/http.js'
import { ReplayBody } from '../base/replay-body.js'
import type { Plan } from '../traffic/plan.js'
import { type Priority, priorityOf } from '../traffic/priority.js'
import { Sending } from '../traffic/sending.js'
import type { OpenWay } from '../traffic/trip.js'
import type { Result } from '../traffic/try.js'
import type { Asker, Cancellable, HttpTimeouts, OutgoingRequest, Reach } from '../upstream/http.js'
import type { Target } from '../upstream/target.js'
import { ANY_TARGET, type Upstream, type Wanted } from '../upstream/upstream.js'
import { balanceKey } from './balance-key.js'
import type { Exchange } from './exchange.js'
import { requestHeaders } from './forward.js'
import { wireTarget } from './rewrite.js'
import type { Route, Snapshot } from './snapshot.js'
import { timedReply } from './timing.js'
import { isTrusted } from './trusted.js'
import { acceptedProtocols, openTunnel } from './tunnel.js'
import { checkHandshake, connect } from './websocket.js'

/** Where a request goes and how: looked up once. */
interface Way {
  readonly route: Route
  readonly upstream: Upstream
  readonly timeouts: HttpTimeouts
  readonly plan: Plan
  readonly wanted: Wanted
  /** The request as it goes out, where it is none that the client made; undefined: what became of the client's. */
  readonly made?: OutgoingRequest | undefined
}

/** Hears once what came of an exchange that was sent on. Must not throw. */
export interface Waiter {
  replied(reply: Reply): void
  failed(thrown: unknown): void
}

/**
 * Sends the request to a target of its upstream, and to another when its plan says so. When the client goes away, so does the request.
 * Whoever calls it lets go of `exchange.held` when the exchange is over.
 * @throws GatewayError GW_UPSTREAM_*, GW_OVERLOADED, GW_CONCURRENCY_EXCEEDED, GW_CLIENT_GONE
 */
export function send(route: Route, exchange: Exchange, snapshot: Snapshot): Promise<Reply> {
  const reply = new Promise<Reply>((replied, failed) => sendFor({ replied, failed }, route, exchange, snapshot))
  return route.timing === undefined ? reply : timedReply(reply, performance.now(), exchange)
}

/**
 * As `send`, and `waiter` is told at once: each promise between the upstream and the client costs an exchange a turn of the microtask queue.
 * It may be told before this returns.
 * @throws GatewayError before anything is sent
 */
export function sendFor(waiter: Waiter, route: Route, exchange: Exchange, snapshot: Snapshot): void {
  if (exchange.downstream.done)
    throw new GatewayError('GW_CLIENT_GONE', 'the client went away before the request was sent on')
  const way = wayOf(route, exchange, snapshot)
  if (!Buffer.isBuffer(exchange.body)) exchange.body = exchange.body.takeWhole() ?? exchange.body
  sendOn(waiter, way, exchange, snapshot)
}

/**
 * Sends a request that the gateway made, in place of the client's, to a target of an upstream. Its body is `exchange.body`. Whoever calls it
 * tells `exchange.held` what the reply turned out to be, which its status need not say.
 * @throws GatewayError as `send` does
 */
export function sendTo(
  upstream: string,
  made: OutgoingRequest,
  route: Route,
  exchange: Exchange,
  snapshot: Snapshot
): Promise<Reply> {
  if (exchange.downstream.done)
    throw new GatewayError('GW_CLIENT_GONE', 'the client went away before the request was sent on')
  exchange.upstream = upstream
  const way = wayOf(route, exchange, snapshot, made)
  return new Promise((replied, failed) => sendOn({ replied, failed }, way, exchange, snapshot))
}

function sendOn(waiter: Waiter, way: Way, exchange: Exchange, snapshot: Snapshot): void {
  const { plan } = way
  const { body, handshake, offered } = exchange
  const open = handshake === undefined && offered === undefined ? undefined : leaving(way, exchange, snapshot)
  // A body that still arrives has to be kept for a second try; all else can be sent again as it is.
  const plain = open === undefined && plan.plain && (Buffer.isBuffer(body) || plan.retry === undefined)
  if (plain) sendPlain(waiter, way, exchange, snapshot)
  else sendGuarded(waiter, way, exchange, snapshot, { open })
}

/** How a request goes whose connection leaves HTTP when the upstream agrees; undefined: the route has no use for that. */
function leaving(way: Way, exchange: Exchange, snapshot: Snapshot): OpenWay | undefined {
  const { route, timeouts } = way
  const { webSocket: options, upgrade: rules } = route
  const { handshake } = exchange
  if (options !== undefined && handshake !== undefined) {
    checkHandshake(handshake)
    return (target, { target: path, headers }, onStart) =>
      connect(handshake, { route, options, path, headers, timeouts, reach: reachOf(target), onStart }, snapshot)
  }
  const protocols = acceptedProtocols(route, exchange)
  if (rules === undefined || protocols === undefined) return undefined
  return (target, request, onStart) =>
    openTunnel(protocols, { route, rules, request, timeouts, reach: reachOf(target), onStart }, snapshot)
}

function reachOf({ client, url }: Target): Reach {
  return client.reach ?? { origin: url, lookup: undefined, tls: undefined }
}

function wayOf(route: Route, exchange: Exchange, snapshot: Snapshot, made?: OutgoingRequest): Way {
  const upstream = snapshot.upstreams.get(exchange.upstream)
  const timeouts = route.timeouts.get(exchange.upstream)
  const plan = route.plans.get(exchange.upstream)
  if (upstream === undefined || timeouts === undefined || plan === undefined) {
    throw new GatewayError(
      'GW_PLUGIN_FAILED',
      `a policy of ${route.name} chose the upstream "${exchange.upstream}", which does not exist`
    )
  }
  const { keyFrom } = upstream
  const { tried } = ANY_TARGET
  const wanted = keyFrom === undefined ? ANY_TARGET : { key: balanceKey(exchange, keyFrom), tried }
  return { route, upstream, timeouts, plan, wanted, made }
}

function sendPlain(waiter: Waiter, way: Way, exchange: Exchange, snapshot: Snapshot): void {
  const { plan, timeouts } = way
  const since = performance.now()
  plan.budget.requested(since)
  const target = take(way, exchange)
  const request = outgoing(way, exchange, snapshot, bodyOf(exchange))
  target.client.ask(request, timeouts, new PlainTry(waiter, way, exchange, snapshot, target, since))
}

/** One try with nothing around it. Only when that fails, what a second one needs is made. */
class PlainTry implements Asker {
  constructor(
    private readonly waiter: Waiter,
    private readonly way: Way,
    private readonly exchange: Exchange,
    private readonly snapshot: Snapshot,
    private readonly target: Target,
    private readonly since: number
  ) {}

  started(call: Cancellable): void {
    this.exchange.call = call
  }

  replied(reply: Reply): void {
    came(reply.status, undefined, this.target, this.since, this.exchange, this.snapshot)
    this.waiter.replied(reply)
  }

  failed(error: GatewayError): void {
    const { waiter, way, exchange, snapshot, target, since } = this
    const sent = exchange.call?.sent !== false
    came(0, error, target, since, exchange, snapshot)
    if (error.spec.blame !== 'upstream' || way.plan.retry === undefined || exchange.downstream.done) {
      waiter.failed(error)
      return
    }
    target.done()
    exchange.held = undefined
    const after: Result = { target, sent, error, reply: undefined, attempt: undefined }
    sendGuarded(waiter, way, exchange, snapshot, { after })
  }
}

/** The target of a try: the exchange occupies it from now on. @throws GatewayError GW_UPSTREAM_UNAVAILABLE */
function take({ upstream, wanted }: Way, exchange: Exchange): Target {
  const target = upstream.pick(wanted)
  if (target === undefined) throw new GatewayError('GW_UPSTREAM_UNAVAILABLE', `${upstream.name}: no target in service`)
  target.begin()
  exchange.held = target
  exchange.target = target.url
  exchange.attempts++
  return target
}

/** Tells the meter and the target what a try came to, and how long that took once the client had sent what there was. */
function came(
  status: number,
  error: GatewayError | undefined,
  target: Target,
  since: number,
  { upstream, incoming }: Exchange,
  { meter }: Snapshot
): void {
  const ms = performance.now() - Math.max(since, incoming.lastAt ?? 0)
  meter?.upstream(upstream, status, error?.code, ms)
  target.report({ status, code: error?.code, ms })
}

/**
 * With everything its plan has.
 * @param more - `after`: what the first try came to, when there was one. `open`: how it goes, when it may leave HTTP
 */
function sendGuarded(
  waiter: Waiter,
  way: Way,
  exchange: Exchange,
  snapshot: Snapshot,
  { after, open }: { readonly after?: Result | undefined; readonly open?: OpenWay | undefined }
): void {
  const { route, upstream, timeouts, plan, wanted } = way
  const { request, consumer } = exchange
  const sending = new Sending({
    upstream,
    plan,
    timeouts,
    method: way.made?.method ?? request.method,
    key: wanted.key,
    judged: way.made !== undefined,
    priority: classOf(route, exchange),
    consumer,
    body: replayable(plan, exchange),
    arriving: exchange.body === exchange.incoming ? exchange.incoming : undefined,
    open,
    request: body => outgoing(way, exchange, snapshot, body),
    seen: exchange,
    onOutcome: ({ status, code, ms }) => snapshot.meter?.upstream(upstream.name, status, code, ms)
  })
  exchange.call = sending
  exchange.held = sending
  sending.run(after).then(
    reply => waiter.replied(reply),
    thrown => waiter.failed(thrown)
  )
}

/** How important an exchange is: where policies or consumers decide that, known once the policies have run. */
export function classOf(route: Route, { consumer, tags }: Exchange): Priority {
  return route.class ?? priorityOf(route.priority, consumer, tags)
}

function bodyOf({ body }: Exchange): OutgoingRequest['body'] {
  return body.length === 0 ? undefined : body
}

/** A body that still arrives is kept as long as it may have to be sent again. */
function replayable({ retry, hedge }: Plan, { body, request }: Exchange): OutgoingRequest['body'] | ReplayBody {
  if (Buffer.isBuffer(body)) return body.length === 0 ? undefined : body
  if (retry === undefined && hedge === undefined) return body
  // Of other methods only what was not sent at all is sent again: of that, nothing was read.
  const repeatable = retry?.methods.has(request.method) ?? hedge?.methods.has(request.method) ?? false
  return new ReplayBody(body, repeatable ? (retry?.bodyBytes ?? 0) : 0)
}

function outgoing(way: Way, exchange: Exchange, snapshot: Snapshot, body: OutgoingRequest['body']): OutgoingRequest {
  const { route, upstream, made } = way
  if (made !== undefined) return { method: made.method, target: made.target, headers: made.headers, body }
  const { request } = exchange
  const headers = requestHeaders(exchange, {
    preserveHost: upstream.preserveHost,
    peer: exchange.peer,
    trusted: isTrusted(exchange.peer, snapshot.trustedProxies)
  })
  return {
    method: request.method,
    target: wireTarget(exchange, route),
    headers,
    body,
    onHints: hintsFor(exchange, route)
  }
}

/** Policies that judge or change replies have not seen what comes before one: there it is not passed on. */
function hintsFor({ downstream }: Exchange, { phases }: Route): OutgoingRequest['onHints'] {
  if (downstream.hint === undefined || phases.on_response.length + phases.on_response_body.length > 0) return undefined
  return links => downstream.hint?.(links)
}
