import Type, { type Static } from 'typebox'
import { Failure, Isolation } from '../base/manifest.js'
import { FixedReply, Redirect, Rewrite } from './schema-actions.js'
import { RouteAi } from './schema-ai-route.js'
import { RouteCache } from './schema-cache.js'
import { Deprecation } from './schema-deprecation.js'
import { Match } from './schema-match.js'
import { PluginLimits } from './schema-plugin.js'
import { Hedge, PriorityChoice, Retries } from './schema-resilience.js'
import { Upgrade } from './schema-upgrade.js'
import { WebSocket } from './schema-websocket.js'
import { Duration, NAME_PATTERN, PLUGIN_NAME_PATTERN, Size } from './values.js'

const closed = { additionalProperties: false } as const

const Breaker = Type.Object(
  {
    failures: Type.Integer({
      minimum: 1,
      maximum: 1_000,
      default: 5,
      description: 'Failures within the window that take the plugin out of the route.'
    }),
    window: Duration('In which the failures are counted.', { default: '10s' }),
    open: Duration('How long it stays out before one exchange tries it again.', { default: '10s' })
  },
  {
    ...closed,
    description:
      'When a plugin fails again and again, exchanges go on without it (failure "open") or are answered 503 at once ("closed").'
  }
)

const Policy = Type.Object(
  {
    plugin: Type.String({
      pattern: PLUGIN_NAME_PATTERN,
      title: 'the name of a plugin',
      description: 'A built-in plugin, or a key of plugins.'
    }),
    settings: Type.Record(Type.String(), Type.Unknown(), {
      default: {},
      description: 'What the plugin is told. Its manifest says which keys there are.'
    }),
    failure: Type.Optional(
      Type.Enum([...Failure.enum], {
        description:
          'When the plugin fails: "closed" answers 500, "open" goes on without it. Left out: as its manifest says.'
      })
    ),
    limits: Type.Optional(PluginLimits),
    isolation: Type.Optional(
      Type.Enum([...Isolation.enum], {
        description:
          '"pooled": an instance serves many exchanges. "per-request": each call gets a fresh one. Left out: as its manifest says.'
      })
    ),
    breaker: Type.Optional(Breaker)
  },
  { ...closed, description: 'A plugin bound to the route.' }
)
export type Policy = Static<typeof Policy>

const RouteLimits = Type.Object(
  {
    bodyBytes: Type.Optional(Size('Size of a request body. Left out: limits.bodyBytes.')),
    bufferedBodyBytes: Type.Optional(
      Size('How much of a body a policy may be handed whole. Left out: limits.bufferedBodyBytes.', { max: '256MiB' })
    )
  },
  { ...closed, description: 'What a client may send on this route.' }
)

const RouteTimeouts = Type.Object(
  {
    headers: Type.Optional(Duration('Until the head of the reply. Left out: as the upstream says.')),
    idle: Type.Optional(Duration('Between two pieces of the reply body. Left out: as the upstream says.')),
    request: Type.Optional(
      Duration(
        'Between two pieces of the client’s request body. Left out: timeouts.request, a quarter of which (at most 4s) is how exactly it is kept.'
      )
    ),
    total: Type.Optional(Duration('All tries and waiting, to the end of the reply. Left out: as the upstream says.')),
    perTry: Type.Optional(Duration('Until the head of the reply to one try. Left out: as the upstream says.'))
  },
  { ...closed, description: 'How long to wait on this route: for the upstream, and for the client.' }
)

export const Route = Type.Object(
  {
    name: Type.String({ pattern: NAME_PATTERN, description: 'The name in logs and metrics; each once.' }),
    match: Match,
    upstream: Type.Optional(
      Type.String({
        pattern: NAME_PATTERN,
        title: 'the name of an upstream',
        description: 'Where its requests go: a key of upstreams. A route has this, ai, redirect or reply.'
      })
    ),
    ai: Type.Optional(RouteAi),
    redirect: Type.Optional(Redirect),
    reply: Type.Optional(FixedReply),
    stripPrefix: Type.Optional(
      Type.String({
        title: 'the beginning of the path pattern',
        examples: ['/v1'],
        description:
          'Taken off the path before it is sent on. Whole segments the pattern begins with; empty segments of a path do not count, as in the pattern.'
      })
    ),
    rewrite: Type.Optional(Rewrite),
    deprecation: Type.Optional(Deprecation),
    limits: Type.Optional(RouteLimits),
    timeouts: Type.Optional(RouteTimeouts),
    accessLog: Type.Optional(
      Type.Boolean({ description: 'Whether its exchanges have a line in the log. Left out: log.access.' })
    ),
    retries: Type.Optional(Retries),
    hedge: Type.Optional(Hedge),
    priority: PriorityChoice,
    cache: Type.Optional(RouteCache),
    serverTiming: Type.Boolean({
      default: false,
      description:
        'Say in a Server-Timing header of the reply how long each policy and the upstream took. Clients see it.'
    }),
    websocket: Type.Optional(WebSocket),
    upgrade: Type.Optional(Upgrade),
    policies: Type.Array(Policy, {
      default: [],
      description: 'The chain of policies, in order.'
    })
  },
  { ...closed, description: 'One thing Sluice serves: which requests, what happens to them, where they go.' }
)
export type Route = Static<typeof Route>
