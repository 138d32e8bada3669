import Type, { type Static } from 'typebox'
import { wrongDate } from './dates.js'
import { Dollars } from './schema-ai-budgets.js'
import { checked } from './values.js'

const closed = { additionalProperties: false } as const

const MODALITIES = ['text', 'image', 'audio', 'video', 'pdf'] as const

const day = (description: string) => checked(wrongDate, { title: 'a date', examples: ['2026-11-01'], description })

const million = (what: string) => Type.Optional(Dollars(`Dollars for a million tokens ${what}.`))

const Rates = {
  input: million('of the prompt'),
  output: million('of the answer'),
  cacheRead: million('that the provider had in its cache'),
  cacheWrite: million('that it wrote to its cache, for minutes'),
  cacheWriteHour: million('that it wrote to its cache, for an hour'),
  reasoning: million('of reasoning'),
  audioInput: million('of sound that went in'),
  audioOutput: million('of sound that came out'),
  imageInput: million('of images that went in'),
  imageOutput: million('of images that came out')
}

const Price = {
  ...Rates,
  perRequest: Type.Optional(Dollars('Dollars for each request.')),
  perSearch: Type.Optional(Dollars('Dollars for each search the provider makes.')),
  above: Type.Optional(
    Type.Array(
      Type.Object(
        {
          tokens: Type.Integer({ minimum: 1, description: 'Prompts with more tokens cost this, all of them.' }),
          ...Rates
        },
        closed
      ),
      { description: 'What long prompts cost.' }
    )
  ),
  services: Type.Optional(
    Type.Record(Type.String({ minLength: 1 }), Type.Number({ minimum: 0, maximum: 100 }), {
      description: 'Shares of the price by tier of service: { batch: 0.5, priority: 2 }.'
    })
  )
}

const flag = (description: string) => Type.Optional(Type.Boolean({ description }))
const Modalities = (description: string) =>
  Type.Optional(Type.Array(Type.Enum([...MODALITIES]), { minItems: 1, uniqueItems: true, description }))

const Model = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, description: 'For people.' })),
    contextTokens: Type.Optional(Type.Integer({ minimum: 1, description: 'Tokens of prompt and answer together.' })),
    maxOutputTokens: Type.Optional(Type.Integer({ minimum: 1, description: 'Tokens of an answer, at most.' })),
    input: Modalities('What can go in.'),
    output: Modalities('What comes out.'),
    can: Type.Optional(
      Type.Object(
        {
          tools: flag('Calls tools.'),
          structured: flag('Answers by a JSON schema.'),
          reasoning: flag('Reasons before it answers.'),
          caching: flag('Has cheaper tokens for prompts it saw before.')
        },
        { ...closed, description: 'What it is able to do.' }
      )
    ),
    regions: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description: 'Where it runs.' })),
    retires: Type.Optional(day('When the provider turns it off.')),
    price: Type.Optional(Type.Object(Price, { ...closed, description: 'What it costs, instead of what is known.' })),
    prices: Type.Optional(
      Type.Array(Type.Object({ from: day('From when on.'), ...Price }, closed), {
        description: 'What it costs from a day on.'
      })
    )
  },
  closed
)

const Models = Type.Record(Type.String({ minLength: 1 }), Type.Record(Type.String({ minLength: 1 }), Model), {
  default: {},
  description: 'By provider, then by model. What is said replaces what is known of the model; what is not, stays.'
})

/** A file of models. */
export const AiCatalogFile = Type.Object({ models: Models }, { ...closed, title: 'a mapping with "models"' })

export const AiCatalog = Type.Object(
  {
    file: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'A YAML or JSON file with "models", relative to this file. What is said here counts before it.'
      })
    ),
    models: Models,
    providerPrice: Type.Boolean({
      default: true,
      description: 'Whether a price the provider states in its answer counts before the catalog’s.'
    })
  },
  { ...closed, default: {}, description: 'Models and prices of your own, over those Sluice knows.' }
)
export type AiCatalog = Static<typeof AiCatalog>
export type AiCatalogModels = AiCatalog['models']
