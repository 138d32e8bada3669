import Type, { type Static } from 'typebox'
import { Balance } from './schema-balance.js'
import { Discover } from './schema-discover.js'
import { Health, Panic } from './schema-health.js'
import { Concurrency, Retries, UpstreamBreaker } from './schema-resilience.js'
import { UpstreamTls } from './schema-upstream-tls.js'
import { Duration, TargetText, TargetUrl } from './values.js'

export const Timeouts = Type.Object(
  {
    connect: Type.Optional(Duration('Until a connection is open. Left out: timeouts.connect.')),
    headers: Type.Optional(Duration('Until the head of the reply. Left out: timeouts.headers.')),
    idle: Type.Optional(Duration('Between two pieces of the reply body. Left out: timeouts.idle.')),
    total: Type.Optional(Duration('All tries and waiting, to the end of the reply. Left out: timeouts.total.')),
    perTry: Type.Optional(Duration('Until the head of the reply to one try. Left out: timeouts.perTry.'))
  },
  { additionalProperties: false, description: 'How long to wait for this upstream.' }
)
export type Timeouts = Static<typeof Timeouts>

const TargetOptions = Type.Object(
  {
    url: TargetUrl,
    weight: Type.Integer({
      minimum: 0,
      maximum: 65_535,
      default: 1,
      description: 'Its share of the requests, against the weights of the others; 0: none.'
    }),
    priority: Type.Integer({
      minimum: 0,
      maximum: 65_535,
      default: 0,
      description: 'Its level: the lowest number is served first, others when too few of it are in service.'
    })
  },
  { additionalProperties: false, title: 'a mapping with its url' }
)

/** Targets as a configuration or a targets file lists them. */
export const Targets = Type.Array(Type.Union([TargetText, TargetOptions]), {
  description:
    'Its addresses: scheme, host and port; with weight and priority, a mapping. Paths are the routes’ affair.'
})
export type Targets = Static<typeof Targets>

export const Upstream = Type.Object(
  {
    targets: Type.Optional(Targets),
    discover: Type.Optional(Discover),
    balance: Balance,
    slowStart: Type.Optional(
      Duration(
        'How long the weight of a target that is new or came back grows from a tenth to all of it. Left out: it has all at once.',
        { min: 100 }
      )
    ),
    health: Health,
    panic: Panic,
    preserveHost: Type.Boolean({
      default: false,
      description: 'Send the Host header of the client instead of the target’s own.'
    }),
    connections: Type.Integer({
      minimum: 1,
      maximum: 65_535,
      default: 128,
      description: 'Open connections to each target; more requests wait for one.'
    }),
    http2: Type.Boolean({
      default: false,
      description: 'Speak HTTP/2 to it: over TLS, or by prior knowledge. gRPC needs it.'
    }),
    tls: Type.Optional(UpstreamTls),
    timeouts: Type.Optional(Timeouts),
    retries: Type.Optional(Retries),
    breaker: Type.Optional(UpstreamBreaker),
    concurrency: Type.Optional(Concurrency)
  },
  { additionalProperties: false, description: 'Where a route sends its requests.' }
)
export type Upstream = Static<typeof Upstream>
