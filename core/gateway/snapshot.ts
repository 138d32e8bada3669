import type { BlockList } from 'node:net'
import type { HeaderList } from '../base/headers.js'
import type { InputField, PhaseHook } from '../base/hooks.js'
import type { Reply } from '../base/http.js'
import type { UpgradeRules } from '../base/upgrade.js'
import type { SocketLimits } from '../base/websocket.js'
import type { ExchangeLog } from '../observe/exchange-log.js'
import type { ExchangeMeter } from '../observe/exchange-meter.js'
import type { SocketMeter } from '../observe/socket-meter.js'
import type { TunnelMeter } from '../observe/tunnel-meter.js'
import type { Binding } from '../plugin-host/binding.js'
import type { Breaker } from '../plugin-host/breaker.js'
import type { NameSet } from '../plugin-host/permissions.js'
import type { PluginPool } from '../plugin-host/pool.js'
import type { RouteCache } from '../traffic/cache/route-cache.js'
import type { LoadShedder } from '../traffic/load-shedder.js'
import type { Upstream } from '../upstream/upstream.js'
import type { AiRuntime, RouteAi } from './ai/runtime.js'
import type { Background } from './background.js'
import type { Effects } from './effects.js'
import type { PluginThreads } from './plugin-threads.js'
import type { Recorder } from './recorder.js'
import type { Repeats } from './repeats.js'
import type { Resilience, RouteParts } from './resilience.js'
import type { Rewrite, Routed } from './rewrite.js'
import type { Router } from './router.js'

/** The parts of an exchange a plugin wants, as a record: one lookup for each part of each input. */
export interface Wants extends Readonly<Record<InputField, boolean>> {
  /** Any part of the request, and of the context. */
  readonly request: boolean
  readonly context: boolean
  readonly requestHeaders: NameSet
  readonly responseHeaders: NameSet
  /** Entries of the bag. */
  readonly bag: readonly string[]
}

/** One plugin's part in a phase of a route. */
export interface PhaseStep {
  readonly binding: Binding
  /** Its place in the route's policies: what it keeps between phases is kept under this. */
  readonly place: number
  /** Steps with the same number see the same of an exchange: their input is encoded once. */
  readonly view: number
  /** The parts of an exchange its plugin is told of. */
  readonly wants: Wants
  readonly breaker: Breaker
}

/** A route, compiled: everything an exchange on it needs, looked up and worked out beforehand. */
export interface Route extends RouteParts {
  readonly name: string
  readonly upstream: string
  readonly stripPrefix: string
  /** Whether its exchanges have an access line; undefined: as log.access says. */
  readonly access?: boolean | undefined
  /** Milliseconds a client may send nothing of its request's body; undefined: as everywhere. */
  readonly requestMs?: number | undefined
  /** undefined: nothing but the prefix changes. */
  readonly rewrite?: Rewrite | undefined
  /**
   * Answers in the upstream's place what the policies let through: redirects, fixed replies, deprecated routes that are
   * switched off. Where it returns nothing, and where it is undefined, the request goes upstream. May throw a GatewayError.
   */
  readonly ownReply?: ((exchange: Routed & { readonly consumer: string }) => Reply | undefined) | undefined
  /** What its replies say beside what the upstream does: Vary, Deprecation, Sunset, Link. */
  readonly notes?: HeaderList | undefined
  /** Its requests are sent on, and that is all: no policy, no cache, no reply of its own, and nothing to be measured. */
  readonly straight: boolean
  readonly limits: { readonly bodyBytes: number; readonly bufferedBodyBytes: number }
  readonly policies: readonly Binding[]
  /** Who takes part in which phase. An empty list costs nothing. */
  readonly phases: Readonly<Record<PhaseHook, readonly PhaseStep[]>>
  /** Timeouts towards an upstream of that name. */
  readonly timeouts: ReadonlyMap<string, { readonly connect: number; readonly headers: number; readonly idle: number }>
  /** The names of its policies in Server-Timing; undefined: replies say nothing of times, and none is taken. */
  readonly timing?: readonly string[] | undefined
  /** Undefined: a WebSocket handshake is a request like any other. */
  readonly webSocket?: SocketLimits | undefined
  /** Undefined: a request for another protocol is one like any other. */
  readonly upgrade?: UpgradeRules | undefined
  /** Undefined: nothing is stored, and every request goes upstream. */
  readonly cache?: RouteCache | undefined
  /** Undefined: it serves no AI traffic. */
  readonly ai?: RouteAi | undefined
}

/** What the policy phases need of a snapshot. */
export interface PolicyHost {
  readonly plugins: Pick<PluginPool, 'run'>
  readonly log: ExchangeLog
  readonly effects: Pick<Effects, 'perform' | 'detach'> & Partial<Pick<Effects, 'jwks'>>
  /** Undefined: nothing is recorded. */
  readonly recorder?: Recorder | undefined
}

/**
 * One configuration, compiled and immutable: all the data path ever reads. An exchange finishes under the snapshot it
 * began with.
 */
export interface Snapshot extends PolicyHost {
  readonly router: Router<Route>
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly limits: {
    readonly headerBytes: number
    readonly headers: number
    readonly connections: number
    readonly bodyBytes: number
  }
  /** Milliseconds a client may send nothing of its request's body. */
  readonly requestMs: number
  /** Milliseconds a client may take nothing of its reply, on listeners of Node's. */
  readonly replyMs: number
  /** Peers whose X-Forwarded-* and Forwarded headers are believed; undefined when there are none. */
  readonly trustedProxies: BlockList | undefined
  /** Whether upstreams are told of clients' certificates in headers, which clients themselves must not send then. */
  readonly certificateHeaders: boolean
  /** What is still done for exchanges that are over. */
  readonly background: Background
  /** Requests that were answered with what is stored; undefined: none is kept in mind. */
  readonly repeats?: Repeats<Route> | undefined
  /** Refuses some when there is too much to do; undefined: none ever. */
  readonly shedder: LoadShedder | undefined
  /** How breakers, limits and budgets are doing, for operators. */
  readonly resilience: Resilience
  /** Counts exchanges; undefined: nobody asks. */
  readonly meter: ExchangeMeter | undefined
  readonly threads: PluginThreads
  /** Whether any route relays WebSockets. */
  readonly webSockets?: boolean
  /** Counts what goes over WebSockets; undefined: nobody asks. */
  readonly sockets?: SocketMeter | undefined
  /** Counts what goes through tunnels; undefined: nobody asks. */
  readonly tunnels?: TunnelMeter | undefined
  /** Undefined: no route serves AI traffic. */
  readonly ai?: AiRuntime | undefined
  close(): Promise<void>
}
