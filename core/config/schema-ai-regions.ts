import Type, { type Static } from 'typebox'

const closed = { additionalProperties: false } as const

const REGION_PATTERN = '^[A-Za-z0-9-]{1,63}$'

const Regions = (description: string) =>
  Type.Array(Type.String({ pattern: REGION_PATTERN, title: 'a region', examples: ['eu', 'eu-west-1'] }), {
    uniqueItems: true,
    description
  })

/** `regions` of a route with AI. */
export const RouteRegions = Type.Optional(
  Regions('Regions its requests may be worked on in; "eu" is "eu-west-1" too. Left out: any that the caller may use.')
)

export const AiRegions = Type.Object(
  {
    default: Type.Optional(Regions('Of callers that nothing is said about. Left out: all.')),
    consumers: Type.Record(Type.String(), Regions('Regions of one consumer.'), {
      default: {},
      description: 'By consumer, as a policy has named them.'
    }),
    tags: Type.Record(
      Type.String({ minLength: 1 }),
      Type.Record(Type.String(), Regions('Regions of callers with this value.'), {
        description: 'By the value of the tag.'
      }),
      { default: {}, description: 'By the name of a tag that a policy has set, such as the tenant.' }
    )
  },
  {
    ...closed,
    default: {},
    description:
      'In which regions requests may be worked on. Whoever fits several entries gets what all of them allow. Accounts that name no region are none.'
  }
)
export type AiRegions = Static<typeof AiRegions>
