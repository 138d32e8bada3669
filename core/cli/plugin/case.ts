import Type, { type Static } from 'typebox'
import { ERROR_CODES } from '../../base/errors.js'
import { PLUGIN_LEVELS } from '../../observe/exchange-log.js'
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

/** Kinds of operations on the remote key-value store, in the order of policy.proto. */
export const KV_KINDS = ['get', 'set', 'delete', 'swap', 'add'] as const

/** An effect the policy asks for. What is left out is not looked at. */
const ExpectedEffect = Type.Object(
  {
    id: Type.Optional(Type.String()),
    upstream: Type.Optional(Type.String()),
    url: Type.Optional(Type.String()),
    method: Type.Optional(Type.String()),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    body: Type.Optional(ExpectedBody),
    timeoutMs: Type.Optional(Type.Integer()),
    maxBytes: Type.Optional(Type.Integer()),
    kv: Type.Optional(Type.Enum(KV_KINDS)),
    key: Type.Optional(Type.String()),
    value: Type.Optional(Type.String()),
    expected: Type.Optional(Type.String()),
    ttlMs: Type.Optional(Type.Integer()),
    delta: Type.Optional(Type.Integer()),
    secret: Type.Optional(Type.String()),
    jwks: Type.Optional(Type.String()),
    refresh: Type.Optional(Type.Boolean()),
    detached: Type.Optional(Type.Boolean({ description: 'Nobody waits for it.' }))
  },
  closed
)
export type ExpectedEffect = Static<typeof ExpectedEffect>

const ExpectedLine = Type.Object(
  {
    level: Type.Optional(Type.Enum(PLUGIN_LEVELS)),
    text: Type.Optional(Type.String()),
    fields: Type.Optional(Type.Object({}, { additionalProperties: true }))
  },
  closed
)
export type ExpectedLine = Static<typeof ExpectedLine>

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
    ai: Type.Optional(ExpectedAi),
    effects: Type.Optional(
      Type.Array(ExpectedEffect, { description: 'What the policy asks for in all of the case, in order.' })
    ),
    logged: Type.Optional(
      Type.Array(ExpectedLine, { description: 'The lines the policy logs in all of the case, in order.' })
    )
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
          'The time at which it is played, Unix milliseconds: what now(), monotonic(), nowMs, counters, buckets and values in kv go by.'
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
    error: Type.Optional(
      Type.Enum(ERROR_CODES, {
        description:
          'In the place of a response: how the exchange fails after the policies for the request. on_error gets the reply.'
      })
    ),
    log: Type.Optional(
      Type.Object(
        {
          code: Type.Optional(Type.Enum(ERROR_CODES)),
          durationMs: Type.Optional(Type.Number({ minimum: 0 })),
          bytesIn: Type.Optional(Type.Integer({ minimum: 0 })),
          bytesOut: Type.Optional(Type.Integer({ minimum: 0 })),
          target: Type.Optional(Type.String())
        },
        {
          ...closed,
          description: 'What on_log is told besides: left out, no time passed, and the bytes are those of the bodies.'
        }
      )
    ),
    ticks: Type.Optional(
      Type.Object(
        {
          before: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000 })),
          after: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000 }))
        },
        {
          ...closed,
          description:
            'How often on_tick is called before the exchange and after it; with nowMs, tickMs of the manifest pass for each.'
        }
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
