import Type from 'typebox'
import { wrongValueRegex } from './path-regex.js'
import { checked, HEADER_NAME_PATTERN } from './values.js'

/** What a request can want of a model besides text. */
export const NEEDS = [
  'tools',
  'images',
  'audio',
  'files',
  'json',
  'json-schema',
  'reasoning',
  'image-output',
  'audio-output'
] as const
export type Need = (typeof NEEDS)[number]

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type Day = (typeof DAYS)[number]

/** A text, a number, true or false, as metadata, claims and parameters have them. */
export type Scalar = string | number | boolean

/** How a number has to be. */
export interface NumberTest {
  readonly above?: number
  readonly atLeast?: number
  readonly below?: number
  readonly atMost?: number
}

/** How a named value has to be; everything that is said must hold. */
export interface ValueTest extends NumberTest {
  readonly is?: Scalar
  readonly in?: readonly Scalar[]
  readonly prefix?: string
  readonly regex?: string
  readonly present?: boolean
}

/** Something a request may be, as data. Everything that is said must hold. */
export interface Condition extends ValueTest {
  readonly param?: string
  readonly metadata?: string
  readonly claim?: string
  readonly header?: string
  readonly tag?: string
  readonly consumer?: string | readonly string[]
  readonly model?: string | readonly string[]
  readonly operation?: string | readonly string[]
  readonly tokens?: NumberTest
  readonly has?: readonly Need[]
  readonly stream?: boolean
  readonly time?: {
    readonly from?: string
    readonly to?: string
    readonly days?: readonly Day[]
    readonly zone: string
  }
  readonly all?: readonly Condition[]
  readonly any?: readonly Condition[]
  readonly not?: Condition
}

/** The keys of a condition that name a value, for the tests beside them. */
export const NAMED = ['param', 'metadata', 'claim', 'header', 'tag'] as const
/** The keys that test it. */
export const TESTS = ['is', 'in', 'prefix', 'regex', 'present', 'above', 'atLeast', 'below', 'atMost'] as const
/** The keys that say something by themselves. */
export const ALONE = ['consumer', 'model', 'operation', 'tokens', 'has', 'stream', 'time', 'all', 'any', 'not'] as const

/** A condition within a condition: the schema names itself. `AI_DEFS` has to be in `$defs` of the whole. */
export const conditionRef = (description: string) =>
  Type.Unsafe<Condition>({ $ref: '#/$defs/aiCondition', description })

const name = (description: string) => Type.Optional(Type.String({ minLength: 1, description }))
const number = (description: string) => Type.Optional(Type.Number({ description }))
const value = Type.Union([Type.String(), Type.Number(), Type.Boolean()])
const names = (description: string) =>
  Type.Optional(
    Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })], {
      description
    })
  )
const conditions = (description: string) =>
  Type.Optional(Type.Array(conditionRef(description), { minItems: 1, description }))

const numberTests = {
  above: number('It is a number above this.'),
  atLeast: number('It is a number, at least this.'),
  below: number('It is a number below this.'),
  atMost: number('It is a number, at most this.')
}

const clock = (description: string) =>
  Type.Optional(
    Type.String({
      pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
      title: 'a time of day in quotes',
      examples: ['08:00', '22:30'],
      description
    })
  )

export const ConditionSchema = Type.Object(
  {
    param: name(
      'A parameter of the request by OpenAI’s name, whatever the caller speaks: temperature, max_tokens, reasoning_effort. The keys beside it say how it must be.'
    ),
    metadata: name('A value of the request’s metadata.'),
    claim: name(
      'A claim of the caller’s token, as the policy that checks it hands it on in its `tags`: under this name, or this name behind "claim.".'
    ),
    header: Type.Optional(
      Type.String({ pattern: HEADER_NAME_PATTERN, title: 'a header name', description: 'A header of the request.' })
    ),
    tag: name('A tag that a policy has set.'),
    is: Type.Optional(
      Type.Union([Type.String(), Type.Number(), Type.Boolean()], {
        description: 'Exactly this; of a list, one of its values.'
      })
    ),
    in: Type.Optional(Type.Array(value, { minItems: 1, description: 'One of these.' })),
    prefix: Type.Optional(Type.String({ minLength: 1, description: 'It begins with this.' })),
    regex: Type.Optional(
      checked(wrongValueRegex, {
        title: 'a regular expression',
        examples: ['v[0-9]+'],
        description: 'It fits this regular expression (RE2), from the first character to the last.'
      })
    ),
    present: Type.Optional(
      Type.Boolean({ description: 'true: there is one, whatever its value. false: there is none.' })
    ),
    ...numberTests,
    consumer: names('Who calls, as a policy has named them: this one, or one of these.'),
    model: names('The model as it was asked for; "*" stands for any text.'),
    operation: names('What is asked for: chat, embeddings, rerank …'),
    tokens: Type.Optional(
      Type.Object(numberTests, {
        additionalProperties: false,
        description: 'How many tokens the prompt has, as estimated before it is sent.'
      })
    ),
    has: Type.Optional(
      Type.Array(Type.Enum([...NEEDS]), {
        minItems: 1,
        uniqueItems: true,
        description: 'The request has, or asks for, all of these.'
      })
    ),
    stream: Type.Optional(Type.Boolean({ description: 'Whether the answer is to be streamed.' })),
    time: Type.Optional(
      Type.Object(
        {
          from: clock('From this minute on. Left out: from midnight.'),
          to: clock('Until before this minute; earlier than "from" is on the next day. Left out: until midnight.'),
          days: Type.Optional(
            Type.Array(Type.Enum([...DAYS]), {
              minItems: 1,
              uniqueItems: true,
              description: 'On these days of the week; a time past midnight belongs to the day it began.'
            })
          ),
          zone: checked(wrongZone, {
            default: 'UTC',
            title: 'a time zone',
            examples: ['UTC', 'Europe/Berlin'],
            description: 'Whose time.'
          })
        },
        { additionalProperties: false, description: 'When it is.' }
      )
    ),
    all: conditions('All of these hold.'),
    any: conditions('One of these holds.'),
    not: Type.Optional(conditionRef('This does not hold.'))
  },
  {
    additionalProperties: false,
    title: 'a condition',
    description: 'What a request must be like. Everything that is said must hold.'
  }
)

function wrongZone(text: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return undefined
  } catch {
    return 'is not a time zone; expected one like Europe/Berlin'
  }
}
