import Type, { type Static } from 'typebox'
import { Duration, ProbeMethod } from './values.js'

const closed = { additionalProperties: false } as const

const Status = Type.Union(
  [
    Type.Integer({ minimum: 100, maximum: 599 }),
    Type.String({ pattern: '^[1-5]xx$', title: 'a class like 2xx', description: 'Every status of a class.' })
  ],
  { description: 'A status.' }
)

const HttpProbe = Type.Object(
  {
    path: Type.String({
      pattern: '^/',
      title: 'a path with its query',
      examples: ['/healthz'],
      description: 'What is asked for.'
    }),
    method: ProbeMethod,
    statuses: Type.Array(Status, {
      minItems: 1,
      default: ['2xx'],
      description: 'Statuses of a target that is well.'
    }),
    host: Type.Optional(
      Type.String({ minLength: 1, description: 'The Host header. Left out: as the target’s address says.' })
    )
  },
  { ...closed, description: 'An HTTP request, with the TLS settings of the upstream.' }
)

const Active = Type.Object(
  {
    http: Type.Optional(HttpProbe),
    interval: Duration('Between two probes of a target; up to a tenth more or less, by chance.', {
      default: '10s',
      min: 10
    }),
    timeout: Duration('For one probe, as a whole.', { default: '2s' }),
    healthyAfter: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 2,
      description: 'Probes in a row that must pass until a target is back in service.'
    }),
    unhealthyAfter: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 3,
      description:
        'Probes in a row that must fail until it is out of service; the very first probe of a target is enough.'
    })
  },
  {
    ...closed,
    description: 'Ask each target how it is, without a client. Without http, whether it takes a connection.'
  }
)
export type Active = Static<typeof Active>

const FAILURES = ['refused', 'reset', 'timeout', 'bad-response'] as const

const ErrorRate = Type.Object(
  {
    share: Type.Number({ minimum: 0.01, maximum: 1, default: 0.5, description: 'Share of failures that ejects.' }),
    requests: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 20,
      description: 'Requests there must have been within the window.'
    }),
    window: Duration('How far back it looks.', { default: '10s', min: 100 })
  },
  { ...closed, default: {}, description: 'Eject a target of whose requests too large a share fails.' }
)

const Latency = Type.Object(
  {
    factor: Type.Number({
      minimum: 1.1,
      maximum: 1_000,
      default: 5,
      description: 'How many times slower than the others (median against the median of theirs) ejects.'
    }),
    atLeast: Duration('How much slower it must be besides.', { default: '250ms' }),
    requests: Type.Integer({
      minimum: 1,
      maximum: 64,
      default: 20,
      description: 'Replies there must have been within the window, of it and of the others.'
    }),
    window: Duration('How often they are compared.', { default: '10s', min: 100 })
  },
  { ...closed, description: 'Eject a target that answers much later than the others do. Left out: none is.' }
)

const Passive = Type.Object(
  {
    failures: Type.Array(Type.Enum([...FAILURES]), {
      uniqueItems: true,
      default: [...FAILURES],
      description: 'Tries without a reply that count as failures. A TLS handshake that fails is one refused.'
    }),
    statuses: Type.Array(Status, {
      uniqueItems: true,
      default: [],
      description: 'Replies that count as failures. Empty: what a target answers is its own affair.'
    }),
    consecutive: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 5,
      description: 'Failures in a row that eject; the first one after an ejection is enough.'
    }),
    rate: Type.Union([Type.Literal(false), ErrorRate], {
      default: {},
      description: 'Or too large a share of failures; false: a share never ejects.'
    }),
    latency: Type.Optional(Latency),
    ejection: Duration('How long the first ejection lasts; each one soon after lasts twice as long.', {
      default: '10s',
      min: 10
    }),
    maxEjection: Duration('How long an ejection lasts at most.', { default: '5m', min: 10 }),
    maxEjected: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.5,
      description:
        'Share of the targets that may be out of service when another one is ejected, it included; rounded down, so that of one alone none is.'
    })
  },
  { ...closed, default: {}, description: 'Eject targets that fail their requests.' }
)
export type Passive = Static<typeof Passive>

export const Health = Type.Object(
  {
    active: Type.Optional(Active),
    passive: Type.Union([Type.Literal(false), Passive], {
      default: {},
      description: 'Watch what becomes of the clients’ requests; on where there are several targets. false: do not.'
    })
  },
  { ...closed, default: {}, description: 'How Sluice knows which targets are well.' }
)
export type Health = Static<typeof Health>

export const Panic = Type.Enum(['all', 'refuse'], {
  default: 'all',
  description:
    'When no target is well: "all" sends to every one all the same (the health check may be what is broken), "refuse" answers 503 at once.'
})
