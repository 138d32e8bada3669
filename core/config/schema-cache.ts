import Type, { type Static } from 'typebox'
import { Duration, Size } from './values.js'

const closed = { additionalProperties: false } as const

export const Cache = Type.Object(
  {
    bytes: Size('What all stored replies may take together, with their fields and keys, and those that are arriving.', {
      default: '64MiB',
      min: '1MiB'
    })
  },
  {
    ...closed,
    default: {},
    description: 'The memory for stored replies. Which routes store them, they say themselves.'
  }
)

const HeaderName = Type.String({
  pattern: '^[a-z0-9!#$%&*+.^_|~-]+$',
  title: 'a header name in small letters',
  examples: ['accept-language']
})

const Name = Type.String({ minLength: 1 })

const Key = Type.Object(
  {
    query: Type.Optional(
      Type.Array(Name, {
        uniqueItems: true,
        description: 'The query parameters that count; others are not sent on either. Left out: all.'
      })
    ),
    ignoreQuery: Type.Array(Name, {
      default: [],
      uniqueItems: true,
      description: 'Query parameters that do not count, and are not sent on.'
    }),
    sortQuery: Type.Boolean({ default: false, description: 'Parameters in another order are the same request.' }),
    headers: Type.Array(HeaderName, {
      default: [],
      uniqueItems: true,
      description:
        'Request headers that count beside those the reply names in Vary. With "authorization" here, each credential has its own replies.'
    }),
    cookies: Type.Optional(
      Type.Array(Name, {
        uniqueItems: true,
        description:
          'The cookies that count; others are not sent on with GET and HEAD. Left out: all are sent on, and to a request with cookies only what the upstream itself says how long to keep is stored.'
      })
    ),
    shareAcrossConsumers: Type.Boolean({
      default: false,
      description:
        'Replies that say they are for everybody (public, s-maxage) are shared by all consumers. Otherwise each consumer has its own.'
    })
  },
  { ...closed, default: {}, description: 'What makes two requests the same, beside host, path and upstream.' }
)

export const RouteCache = Type.Object(
  {
    store: Type.Boolean({
      default: true,
      description: 'false: nothing is stored; what unsafe requests on this route change is still taken out.'
    }),
    ttl: Type.Optional(
      Duration(
        'How long replies are kept that do not say it themselves (200, 203, 204, 300, 301, 308). Left out: not at all.'
      )
    ),
    notFoundTtl: Type.Optional(Duration('The same for 404 and 410.')),
    heuristic: Type.Boolean({
      default: false,
      description: 'Guess it from Last-Modified, where neither the reply nor a ttl says it: a tenth of its age.'
    }),
    staleWhileRevalidate: Duration('How long a stale reply is used while it is validated, unless the reply says.', {
      default: '0s',
      min: 0
    }),
    staleIfError: Duration('How long a stale reply is used when the upstream fails, unless the reply says.', {
      default: '0s',
      min: 0
    }),
    entryBytes: Size('The largest reply that is stored.', { default: '1MiB', min: '1KiB' }),
    clientControl: Type.Boolean({
      default: true,
      description: 'Whether the Cache-Control of clients counts: no-cache, max-age, only-if-cached …'
    }),
    coalesce: Type.Boolean({
      default: true,
      description: 'Identical requests at the same time share one upstream call.'
    }),
    coalesceWait: Duration('How long one waits for the head of the reply to another.', { default: '10s' }),
    surrogateHeaders: Type.Enum(['pass', 'strip'], {
      default: 'pass',
      description:
        'Surrogate-Key, Surrogate-Control and CDN-Cache-Control of replies: "pass" for a CDN in front, "strip" where there is none.'
    }),
    cacheStatus: Type.Boolean({
      default: true,
      description: 'Say in a Cache-Status header of the reply what the cache did. Clients see it.'
    }),
    key: Key
  },
  {
    ...closed,
    description: 'Store replies of the route, as a shared cache does (RFC 9111). Left out: nothing is stored.'
  }
)
export type RouteCache = Static<typeof RouteCache>
