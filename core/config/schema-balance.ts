import Type, { type Static } from 'typebox'
import { Duration } from './values.js'

const closed = { additionalProperties: false } as const

/** Every way of choosing a target; core/upstream/balancers has a file for each. */
export const BALANCERS = ['round-robin', 'least-busy', 'random', 'consistent-hash', 'peak-ewma', 'priority'] as const
export type BalancerName = (typeof BALANCERS)[number]

/** Those that may choose within a priority level. */
const WITHIN = ['round-robin', 'least-busy', 'random', 'peak-ewma'] as const

const HashKey = Type.Union(
  [
    Type.Enum(['ip', 'path', 'consumer'], {
      title: 'one of ip, path, consumer',
      description: 'The client’s address, the path, or the consumer a policy has named.'
    }),
    Type.Object(
      {
        header: Type.Optional(
          Type.String({
            pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
            title: 'the name of a header',
            description: 'The value of this request header.'
          })
        ),
        cookie: Type.Optional(Type.String({ minLength: 1, description: 'The value of this cookie.' })),
        query: Type.Optional(Type.String({ minLength: 1, description: 'The value of this parameter of the query.' }))
      },
      { ...closed, title: 'a mapping with header, cookie or query' }
    )
  ],
  {
    description: 'What consistent-hash hashes. A request that has none of it goes to a target drawn by weight.'
  }
)
export type HashKeyEntry = Static<typeof HashKey>

const BalanceOptions = Type.Object(
  {
    kind: Type.Enum([...BALANCERS], { description: 'How a target is chosen.' }),
    key: Type.Optional(HashKey),
    maxLoad: Type.Optional(
      Type.Number({
        minimum: 1.1,
        maximum: 100,
        description:
          'consistent-hash: a target with more than this many times its share of the requests under way hands the key to the next one, once it has eight. Left out: 1.5.'
      })
    ),
    decay: Type.Optional(
      Duration('peak-ewma: how long a slow reply is remembered; after it, a third is left. Left out: 10s.')
    ),
    within: Type.Optional(
      Type.Enum([...WITHIN], {
        description: 'priority: how a target of the level is chosen. Left out: round-robin.'
      })
    ),
    threshold: Type.Optional(
      Type.Number({
        minimum: 0.01,
        maximum: 1,
        description:
          'priority: when less than this share of a level (by weight) is in service, the part that is missing spills to the next level. Left out: 0.7.'
      })
    )
  },
  { ...closed, title: 'a mapping with the kind', description: 'A balancer with options of its own.' }
)
export type BalanceOptions = Static<typeof BalanceOptions>

export const Balance = Type.Union(
  [Type.Enum([...BALANCERS], { description: 'How a target is chosen.' }), BalanceOptions],
  {
    default: 'round-robin',
    description:
      'How the target of a request is chosen: one after the other, the less busy of two, by chance, by a key of the request, the faster of two, or by level. All heed weights.'
  }
)
