import Type, { type Static, type TProperties } from 'typebox'

const common = {
  description: Type.Optional(Type.String({ description: 'For those who fill it in.' })),
  required: Type.Optional(Type.Boolean({ description: 'Left out: it is, unless it has a default.' }))
}

function Variable<Keys extends TProperties>(keys: Keys, title: string) {
  return Type.Object({ ...keys, ...common }, { additionalProperties: false, title })
}

const Count = Type.Optional(Type.Integer({ minimum: 0 }))

const bounds = {
  minimum: Type.Optional(Type.Number()),
  maximum: Type.Optional(Type.Number()),
  default: Type.Optional(Type.Number())
}

/** What callers of a prompt fill in. */
export const PromptVariable = Type.Union(
  [
    Variable(
      {
        type: Type.Literal('string'),
        minLength: Count,
        maxLength: Count,
        pattern: Type.Optional(Type.String({ minLength: 1, description: 'A regular expression, in RE2’s syntax.' })),
        default: Type.Optional(Type.String())
      },
      'a string'
    ),
    Variable({ type: Type.Literal('number'), ...bounds }, 'a number'),
    Variable({ type: Type.Literal('integer'), ...bounds }, 'a whole number'),
    Variable({ type: Type.Literal('boolean'), default: Type.Optional(Type.Boolean()) }, 'true or false'),
    Variable(
      {
        type: Type.Literal('enum'),
        values: Type.Array(Type.String(), { minItems: 1, uniqueItems: true }),
        default: Type.Optional(Type.String())
      },
      'one of several words'
    ),
    Variable(
      {
        type: Type.Literal('list'),
        items: Type.Record(Type.String(), Type.Unknown(), {
          default: { type: 'string' },
          description: 'The JSON Schema of each.'
        }),
        minItems: Count,
        maxItems: Count,
        default: Type.Optional(Type.Array(Type.Unknown()))
      },
      'a list'
    ),
    Variable(
      {
        type: Type.Literal('object'),
        schema: Type.Record(Type.String(), Type.Unknown(), {
          default: { type: 'object' },
          description: 'Its JSON Schema.'
        }),
        default: Type.Optional(Type.Record(Type.String(), Type.Unknown()))
      },
      'an object'
    )
  ],
  { description: 'A variable: string, number, integer, boolean, enum, list or object.' }
)
export type PromptVariable = Static<typeof PromptVariable>
