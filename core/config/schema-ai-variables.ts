import Type, { type Static } from 'typebox'

const Count = (description: string) => Type.Optional(Type.Integer({ minimum: 0, description }))
const Bound = (description: string) => Type.Optional(Type.Number({ description }))

function Schema(description: string) {
  return Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description }))
}

/**
 * What callers of a prompt fill in. One mapping for all types, not one for each: what is wrong with it can be said in one line. Which
 * keys go with which type is checked where variables are compiled.
 */
export const PromptVariable = Type.Object(
  {
    type: Type.Enum(['string', 'number', 'integer', 'boolean', 'enum', 'list', 'object'], {
      description: 'What it is.'
    }),
    description: Type.Optional(Type.String({ description: 'For those who fill it in.' })),
    required: Type.Optional(Type.Boolean({ description: 'Left out: it is, unless it has a default.' })),
    default: Type.Optional(Type.Unknown({ description: 'Its value when callers do not say.' })),
    minLength: Count('Of a string: fewest characters.'),
    maxLength: Count('Of a string: most characters.'),
    pattern: Type.Optional(Type.String({ minLength: 1, description: 'Of a string: an expression in RE2’s syntax.' })),
    minimum: Bound('Of a number: the least.'),
    maximum: Bound('Of a number: the most.'),
    values: Type.Optional(
      Type.Array(Type.String(), { minItems: 1, uniqueItems: true, description: 'The words of an enum.' })
    ),
    items: Schema('The JSON Schema of each item of a list. Left out: text.'),
    minItems: Count('Of a list: fewest items.'),
    maxItems: Count('Of a list: most items.'),
    schema: Schema('The JSON Schema of an object.')
  },
  { additionalProperties: false, title: 'a variable', description: 'A variable.' }
)
export type PromptVariable = Static<typeof PromptVariable>
