import Type, { type Static } from 'typebox'
import { PromptVariable } from './schema-ai-variables.js'
import { NAME_PATTERN } from './values.js'

const closed = { additionalProperties: false } as const

const Text = Type.String({ minLength: 1 })
const Share = Type.Number({ minimum: 0, maximum: 1_000_000 })

const Part = Type.Object(
  {
    text: Type.Optional(Type.String({ minLength: 1, description: 'A template, as content is.' })),
    image: Type.Optional(Type.String({ minLength: 1, description: 'An address or a data: URL.' })),
    detail: Type.Optional(
      Type.Enum(['low', 'high', 'auto'], { description: 'Of an image: how closely to look at it.' })
    ),
    file: Type.Optional(Type.String({ minLength: 1, description: 'An address or a data: URL.' })),
    filename: Type.Optional(Type.String({ minLength: 1, description: 'Of a file: its name.' }))
  },
  { ...closed, title: 'a part with text, image or file', description: 'One of text, image and file.' }
)

const Message = Type.Object(
  {
    role: Type.Enum(['system', 'developer', 'user', 'assistant'], { description: 'Who says it.' }),
    content: Type.Union([Text, Type.Array(Part, { minItems: 1 })], {
      description:
        'A Mustache template: {{name}} is a variable, {{#name}}…{{/name}} stands there when it is true or once for each of a list, {{^name}}…{{/name}} when it is not. Or a list of parts. A message that turns out empty is left out.'
    })
  },
  { ...closed, description: 'One message.' }
)

const Tool = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', title: 'the name of a tool', description: 'Its name.' }),
    description: Type.Optional(Type.String({ description: 'What the model is told of it.' })),
    parameters: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'The JSON Schema of its arguments.' })
    ),
    strict: Type.Optional(Type.Boolean({ description: 'Whether arguments have to fit the schema.' }))
  },
  { ...closed, description: 'A function the model may ask for.' }
)

/** The names are those of the OpenAI API, not Sluice's: they are what one copies from there. */
const Parameters = Type.Object(
  {
    max_tokens: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Most tokens of the answer, reasoning included.' })
    ),
    temperature: Type.Optional(
      Type.Number({ minimum: 0, maximum: 2, description: 'How much chance there is in the answer.' })
    ),
    top_p: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'Only tokens that together are so likely.' })
    ),
    top_k: Type.Optional(Type.Integer({ minimum: 1, description: 'Only so many of the likeliest tokens.' })),
    stop: Type.Optional(Type.Array(Text, { minItems: 1, description: 'The answer ends before one of these.' })),
    seed: Type.Optional(
      Type.Integer({ description: 'The same seed gives the same answer, where a provider does that.' })
    ),
    presence_penalty: Type.Optional(
      Type.Number({ minimum: -2, maximum: 2, description: 'Against what was said before.' })
    ),
    frequency_penalty: Type.Optional(
      Type.Number({ minimum: -2, maximum: 2, description: 'Against what was said often.' })
    ),
    parallel_tool_calls: Type.Optional(Type.Boolean({ description: 'Whether several tools may be called at once.' })),
    reasoning_effort: Type.Optional(
      Type.String({ minLength: 1, description: 'How much the model thinks: none, minimal, low, medium, high, xhigh.' })
    ),
    reasoning_tokens: Type.Optional(Type.Integer({ minimum: 0, description: 'Most tokens of reasoning.' })),
    verbosity: Type.Optional(Type.String({ minLength: 1, description: 'How long the answer is: low, medium, high.' })),
    service_tier: Type.Optional(
      Type.String({ minLength: 1, description: 'How soon it is served, and at what price.' })
    ),
    extra: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'Other members, for providers that know them.' })
    )
  },
  { ...closed, default: {}, description: 'What the model is told besides, by the names of the OpenAI API.' }
)

const Response = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      title: 'the name of a schema',
      default: 'answer',
      description: 'What the provider calls it.'
    }),
    description: Type.Optional(Type.String({ description: 'What the model is told of it.' })),
    schema: Type.Record(Type.String(), Type.Unknown(), { description: 'The JSON Schema of the answer.' }),
    strict: Type.Boolean({ default: true, description: 'Whether the provider is to enforce it.' })
  },
  { ...closed, description: 'The answer is JSON of this schema, and is checked. Left out: it is text.' }
)

/** One version of a prompt: a file `prompts/<name>/<version>.yaml`, or a key of versions. */
export const PromptVersion = Type.Object(
  {
    description: Type.Optional(Type.String({ description: 'What is special about it.' })),
    model: Type.String({ minLength: 1, description: 'A model as clients ask for it; it may be virtual.' }),
    parameters: Parameters,
    variables: Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,62}$' }), PromptVariable, {
      additionalProperties: false,
      default: {},
      description: 'What callers fill in, by name: letters, digits and "_".'
    }),
    messages: Type.Array(Message, { minItems: 1, description: 'The messages, in order.' }),
    tools: Type.Array(Tool, { default: [], description: 'What the model may call.' }),
    toolChoice: Type.Optional(
      Type.Union(
        [
          Type.Enum(['auto', 'none', 'required']),
          Type.Object({ name: Type.String({ minLength: 1, description: 'The tool.' }) }, closed)
        ],
        {
          description: 'Whether it must call one, or which.'
        }
      )
    ),
    response: Type.Optional(Response)
  },
  { ...closed, title: 'a version of a prompt', description: 'A version of the prompt.' }
)
export type PromptVersion = Static<typeof PromptVersion>

const VersionName = Type.String({ pattern: NAME_PATTERN, title: 'the name of a version' })

const head = {
  description: Type.Optional(Type.String({ description: 'For its OpenAPI document.' })),
  labels: Type.Record(
    Type.String({ pattern: NAME_PATTERN }),
    Type.Union([VersionName, Type.Record(Type.String({ pattern: NAME_PATTERN }), Share, { minProperties: 1 })]),
    {
      additionalProperties: false,
      default: {},
      description:
        'Versions by what they are for, such as production: v2. A mapping of versions to shares, {v1: 80, v2: 20}, splits callers; a user always gets the same one.'
    }
  ),
  default: Type.String({
    pattern: NAME_PATTERN,
    default: 'production',
    description: 'The label of who asks for none. Where it does not exist and there is one version, that one.'
  })
}

/** `prompts/<name>/prompt.yaml`: what is the same for all versions. */
export const PromptHead = Type.Object(head, { ...closed, title: 'the labels of a prompt' })
export type PromptHead = Static<typeof PromptHead>

export const Prompt = Type.Object(
  {
    ...head,
    versions: Type.Record(Type.String({ pattern: NAME_PATTERN }), PromptVersion, {
      additionalProperties: false,
      minProperties: 1,
      description: 'The versions, by name.'
    })
  },
  { ...closed, description: 'A prompt with its versions.' }
)
export type Prompt = Static<typeof Prompt>

/** The section of the configuration. */
export const Prompts = Type.Object(
  {
    folder: Type.Optional(
      Type.String({
        minLength: 1,
        examples: ['./prompts'],
        description:
          'A folder with one folder for each prompt: <version>.yaml for each version, and prompt.yaml with description, labels and default. Relative to this file.'
      })
    ),
    inline: Type.Record(Type.String({ pattern: NAME_PATTERN }), Prompt, {
      additionalProperties: false,
      default: {},
      description: 'Prompts by name, written here.'
    }),
    lock: Type.String({
      minLength: 1,
      default: './prompts.lock',
      description:
        'The file in which "sluice prompts publish" notes the content of published versions: they can no longer be changed. Relative to this file.'
    }),
    publishedOnly: Type.Boolean({
      default: false,
      description: 'Labels lead to published versions only.'
    }),
    completions: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 10_000,
      description: 'How many of the last completions can be rated by POST /feedback.'
    })
  },
  { ...closed, description: 'Prompts that are kept here and called by name: POST /prompts/<name>.' }
)
export type Prompts = Static<typeof Prompts>
