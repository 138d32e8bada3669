import Type, { type Static } from 'typebox'
import { Duration, MethodText, Size } from './values.js'

const closed = { additionalProperties: false } as const

const Share = (description: string, fallback: number) =>
  Type.Number({ minimum: 0, maximum: 1, default: fallback, description })

const Statuses = (fallback: number[], description: string) =>
  Type.Array(Type.Integer({ minimum: 400, maximum: 599 }), { default: fallback, uniqueItems: true, description })

const Budget = (share: number, minPerSecond: number) =>
  Type.Object(
    {
      share: Share('Extra tries, as a share of the requests of the last ten seconds.', share),
      minPerSecond: Type.Number({
        minimum: 0,
        maximum: 10_000,
        default: minPerSecond,
        description: 'Extra tries each second that there always may be.'
      })
    },
    { ...closed, default: {}, description: 'How many extra tries there may be.' }
  )

const Backoff = Type.Object(
  {
    base: Duration('The wait before the first retry at its longest; doubled with each one.', { default: '25ms' }),
    max: Duration('The longest wait.', { default: '1s' }),
    jitter: Type.Boolean({ default: true, description: 'Draw each wait from all of 0 to its length.' })
  },
  {
    ...closed,
    default: {},
    description:
      'The wait before a retry. After a broken or refused connection, a target not tried yet is tried at once.'
  }
)

export const Retries = Type.Object(
  {
    attempts: Type.Integer({ minimum: 0, maximum: 10, default: 2, description: 'Tries after the first one.' }),
    methods: Type.Array(MethodText, {
      default: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
      uniqueItems: true,
      description:
        'Methods whose requests may be sent twice. After a failed connection any method is tried again: nothing was sent.'
    }),
    statuses: Statuses([502, 503, 504, 529], 'Statuses after which to try again.'),
    errors: Type.Array(Type.Enum(['connect', 'reset', 'timeout', 'bad-response']), {
      default: ['connect', 'reset', 'timeout'],
      uniqueItems: true,
      description:
        'Errors after which to try again: no connection, or no TLS on it; one that broke; no head of a reply in time; a reply that is not HTTP.'
    }),
    backoff: Backoff,
    budget: Budget(0.2, 10),
    respectRetryAfter: Type.Boolean({
      default: true,
      description:
        'Wait as long as the reply’s Retry-After says before trying the same target again; another one is asked at once.'
    }),
    maxRetryAfter: Duration(
      'A reply with a longer Retry-After goes to the client when no other target is left to ask.',
      { default: '2s' }
    ),
    bodyBytes: Size('How much of a request body is kept while it is streamed; a longer one is not sent again.', {
      default: '64KiB',
      max: '256MiB'
    })
  },
  {
    ...closed,
    description:
      'Trying again. Left out: one retry after a failed connection, and after a broken one for methods that may be sent twice; "attempts: 0" is none.'
  }
)
export type Retries = Static<typeof Retries>

export const UpstreamBreaker = Type.Object(
  {
    errors: Share('Share of failed tries that opens it.', 0.5),
    statuses: Statuses([500, 502, 503, 504, 529], 'Statuses that count as failed; no reply does too.'),
    slow: Type.Optional(
      Type.Object(
        {
          after: Duration('A try that takes longer to the head of its reply is slow.'),
          share: Share('Share of slow tries that opens it.', 0.8)
        },
        { ...closed, description: 'Left out: slow replies do not matter.' }
      )
    ),
    window: Duration('Over which tries are counted.', { default: '10s', min: 100 }),
    minRequests: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 20,
      description: 'With fewer tries in the window it stays closed.'
    }),
    open: Duration('How long it stays open.', { default: '10s' }),
    probes: Type.Integer({
      minimum: 1,
      maximum: 1_000,
      default: 3,
      description: 'Tries that are let through then; when all go well it closes, else it stays open for as long again.'
    })
  },
  {
    ...closed,
    description: 'While it is open, requests are answered 503 at once instead of being sent. Left out: there is none.'
  }
)
export type UpstreamBreaker = Static<typeof UpstreamBreaker>

const many = { minimum: 1, maximum: 1_000_000 } as const

export const Concurrency = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ ...many, description: 'Exchanges at a time, of all event loops together. Left out: any number.' })
    ),
    queue: Type.Integer({
      minimum: 0,
      maximum: 100_000,
      default: 100,
      description: 'Exchanges that may wait, in the order of their priority; more are answered 503.'
    }),
    queueTimeout: Duration('How long one waits; then it is answered 503.', { default: '1s' }),
    perConsumer: Type.Optional(
      Type.Object(
        {
          limit: Type.Integer({
            ...many,
            description: 'Exchanges of one consumer at a time, of all event loops together.'
          }),
          queue: Type.Integer({
            minimum: 0,
            maximum: 100_000,
            default: 0,
            description: 'How many more of one consumer may wait; beyond that they are answered 429.'
          })
        },
        { ...closed, description: 'Of each consumer that a policy has named. Left out: as many as there is room for.' }
      )
    )
  },
  { ...closed, description: 'How many exchanges this upstream is given at a time. Left out: all that come.' }
)
export type Concurrency = Static<typeof Concurrency>

export const Hedge = Type.Object(
  {
    after: Type.String({
      pattern: '^([1-9][0-9]{0,8}(ms|s|m)|p(50|75|90|95|99))$',
      title: 'a duration or a percentile',
      examples: ['50ms', 'p95'],
      description:
        'How long the first try has, from the last byte of the request’s body on; as a percentile: as long as that many of 100 replies took in the last minute, once there were 50.'
    }),
    budget: Budget(0.05, 1)
  },
  {
    ...closed,
    description:
      'When there is no reply yet, the same request is sent to another target; the first good reply is taken, the other try cancelled. For the methods of retries.'
  }
)
export type Hedge = Static<typeof Hedge>

const Class = Type.Enum(['critical', 'default', 'bulk'], {
  default: 'default',
  description: 'Critical traffic is let in first and shed last, bulk traffic the other way round.'
})

export const PriorityChoice = Type.Union(
  [
    Type.Enum(['critical', 'default', 'bulk']),
    Type.Object(
      {
        class: Class,
        consumers: Type.Record(Type.String(), Class, {
          default: {},
          description: 'Consumers that have another class.'
        }),
        tag: Type.Optional(
          Type.String({ minLength: 1, description: 'A tag by which a policy says the class; it counts most.' })
        )
      },
      closed
    )
  ],
  { default: 'default', description: 'The class of the route’s traffic where not all can be served.' }
)
export type PriorityChoice = Static<typeof PriorityChoice>

export const LoadShedding = Type.Object(
  {
    delay: Duration(
      'Delay of the event loop from which bulk traffic is refused; from twice that the default class, from four times that critical traffic.',
      { default: '100ms', min: 10 }
    )
  },
  {
    ...closed,
    description: 'What is answered 503 when Sluice itself has more work than it can do. Left out: nothing is.'
  }
)
export type LoadShedding = Static<typeof LoadShedding>
