import Type, { type Static } from 'typebox'

import { ExpectedAi, GivenAi } from './case-ai.js'

/** A test of a plugin without code: settings, an exchange, and what must come out (`cases/*.json`). */

const closed = { additionalProperties: false } as const

const GivenHeaders = Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]))
/** null: the header must be absent. */
const ExpectedHeaders = Type.Record(Type.String(), Type.Union([Type.String(), Type.Null(), Type.Array(Type.String())]))
/** Text: the whole body. An object or list: a part of the JSON body. */
const ExpectedBody = Type.Union([
  Type.String(),
  Type.Object({}, { additionalProperties: true }),
  Type.Array(Type.Unknown())
])

/** The last value of each; null: it must be absent. */
const ExpectedTags = Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]), {
  description: 'What policies have noted, by name; null: no such tag.'
})

const ExpectedReply = Type.Object(
  {
    status: Type.Optional(Type.Integer()),
    headers: Type.Optional(ExpectedHeaders),
    body: Type.Optional(ExpectedBody),
    tags: Type.Optional(ExpectedTags)
  },
  closed
)

const Expectation = Type.Object(
  {
    refused: Type.Optional(Type.String({ description: 'A part of the message with which the settings are refused.' })),
    reply: Type.Optional(ExpectedReply),
    next: Type.Optional(Type.Literal(true)),
    request: Type.Optional(
      Type.Object(
        {
          method: Type.Optional(Type.String()),
          path: Type.Optional(Type.String()),
          query: Type.Optional(Type.String()),
          headers: Type.Optional(ExpectedHeaders),
          body: Type.Optional(ExpectedBody),
          upstream: Type.Optional(Type.String()),
          consumer: Type.Optional(Type.String()),
          tags: Type.Optional(ExpectedTags)
        },
        closed
      )
    ),
    response: Type.Optional(ExpectedReply),
    ai: Type.Optional(ExpectedAi)
  },
  { ...closed, minProperties: 1 }
)
export type Expectation = Static<typeof Expectation>
export type ExpectedRequest = NonNullable<Expectation['request']>
export type ExpectedReply = Static<typeof ExpectedReply>

export const Case = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    settings: Type.Optional(Type.Object({}, { additionalProperties: true })),
    times: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description:
          'Plays the same exchange so often; what is expected is expected of the last. For policies that count.'
      })
    ),
    nowMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 253_402_300_799_999,
        description:
          'The time at which it is played, Unix milliseconds: what now(), monotonic(), nowMs, counters and buckets go by.'
      })
    ),
    everyMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 31_536_000_000,
        description: 'With times and nowMs: how much later each next exchange is.'
      })
    ),
    random: Type.Optional(
      Type.Integer({ description: 'A seed: what random() and randomBytes() give is the same each time it is played.' })
    ),
    request: Type.Optional(
      Type.Object(
        {
          method: Type.Optional(Type.String()),
          scheme: Type.Optional(Type.Enum(['http', 'https'])),
          host: Type.Optional(Type.String()),
          path: Type.Optional(Type.String()),
          query: Type.Optional(Type.String()),
          headers: Type.Optional(GivenHeaders),
          body: Type.Optional(Type.String()),
          clientIp: Type.Optional(Type.String()),
          params: Type.Optional(Type.Record(Type.String(), Type.String())),
          consumer: Type.Optional(Type.String()),
          tags: Type.Optional(Type.Record(Type.String(), Type.String())),
          bag: Type.Optional(
            Type.Record(Type.String(), Type.String(), {
              description: 'What policies before have left in the bag, by "plugin.name".'
            })
          )
        },
        closed
      )
    ),
    response: Type.Optional(
      Type.Object(
        {
          status: Type.Optional(Type.Integer()),
          headers: Type.Optional(GivenHeaders),
          body: Type.Optional(Type.String())
        },
        closed
      )
    ),
    ai: Type.Optional(GivenAi),
    answers: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object(
          {
            error: Type.Optional(Type.String()),
            status: Type.Optional(Type.Integer()),
            headers: Type.Optional(GivenHeaders),
            body: Type.Optional(ExpectedBody),
            found: Type.Optional(Type.Boolean()),
            number: Type.Optional(Type.Integer())
          },
          closed
        ),
        {
          description: 'What the effects the policy asks for are answered with, by their id. Others are "unreachable".'
        }
      )
    ),
    /** Left out only until `sluice plugin test --snapshot` has written it. */
    expect: Type.Optional(Expectation)
  },
  closed
)
export type Case = Static<typeof Case>
