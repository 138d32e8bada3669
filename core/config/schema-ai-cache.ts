import Type, { type Static } from 'typebox'
import { Duration, Size } from './values.js'

const closed = { additionalProperties: false } as const

/** Of the whole process: the memory that the answers of all routes share. */
export const AiCacheMemory = Type.Object(
  {
    bytes: Size('What all stored answers may take together, with their vectors, and those that are arriving.', {
      default: '64MiB',
      min: '1MiB'
    })
  },
  {
    ...closed,
    default: {},
    description: 'The memory for stored answers of models. Which routes store them, they say themselves.'
  }
)
export type AiCacheMemory = Static<typeof AiCacheMemory>

const Name = Type.String({ minLength: 1 })

const Key = Type.Object(
  {
    scope: Type.Enum(['tenant', 'consumer', 'shared'], {
      default: 'tenant',
      description:
        'Who shares answers: all of a tenant, one consumer alone, or everybody. Where the tenant is not known it is the consumer, and where nobody is, the credential that was sent along.'
    }),
    dialects: Type.Enum(['own', 'any'], {
      default: 'own',
      description:
        '"own": an answer is for requests in the dialect it was asked in, every member of which counts. "any": the same request in another dialect gets it too, written anew; members that Sluice knows of in no dialect do not count.'
    }),
    metadata: Type.Array(Name, {
      default: [],
      uniqueItems: true,
      description: 'Members of the request’s metadata that count, such as those a virtual model chooses by.'
    }),
    ignore: Type.Array(Name, {
      default: [],
      uniqueItems: true,
      description: 'Members of the request that do not count, beside those that never change an answer, like "user".'
    })
  },
  { ...closed, default: {}, description: 'What makes two requests the same, beside what they ask.' }
)

const Semantic = Type.Object(
  {
    embedding: Type.String({
      minLength: 1,
      title: 'the name of a model',
      description: 'The model that makes vectors of the questions.'
    }),
    threshold: Type.Number({
      minimum: 0.5,
      maximum: 1,
      default: 0.95,
      description: 'The least cosine similarity of two questions that are answered alike.'
    }),
    messages: Type.Integer({
      minimum: 1,
      maximum: 16,
      default: 1,
      description:
        'How many of the last questions are compared by their meaning, with the answers in between. All before them has to be the same, letter by letter, as have the system prompt, tools and parameters.'
    }),
    maxEntries: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 10_000,
      description: 'Vectors the route keeps; then the oldest goes.'
    }),
    maxCharacters: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 8_000,
      description: 'Longer questions are not compared by meaning.'
    }),
    timeout: Duration('How long a vector is waited for. Then the request goes on without one.', { default: '1s' })
  },
  {
    ...closed,
    description:
      'Answer a question with the answer to one that means the same. Only for chats that want one answer in text, without files and tool results.'
  }
)

export const RouteAiCache = Type.Object(
  {
    ttl: Duration('How long answers are kept.', { default: '1h' }),
    maxTtl: Type.Optional(
      Duration('The longest time a client may ask for with x-sluice-cache-ttl. Left out: ttl; asking for less is free.')
    ),
    entryBytes: Size('The largest answer that is stored.', { default: '1MiB', min: '1KiB' }),
    requests: Type.Enum(['deterministic', 'unvaried', 'all'], {
      default: 'unvaried',
      description:
        'Which requests are answered from the cache: "deterministic" those with temperature 0 or a seed; "unvaried" also those that leave the temperature to the model; "all" also those that ask for variety, with a temperature above 0 or several answers.'
    }),
    clientControl: Type.Boolean({
      default: true,
      description:
        'Whether x-sluice-cache (bypass, refresh, no-store), x-sluice-cache-ttl and the Cache-Control of clients count.'
    }),
    coalesce: Type.Boolean({
      default: true,
      description: 'Identical requests at the same time share one upstream call, also while its answer streams.'
    }),
    coalesceWait: Duration('How long one waits for the beginning of the answer to another.', { default: '30s' }),
    finish: Type.Boolean({
      default: false,
      description: 'Read an answer to its end, to store it, when everybody who asked for it went away.'
    }),
    exact: Type.Boolean({
      default: true,
      description: 'Answer identical requests from the cache. false: only those that mean the same.'
    }),
    semantic: Type.Optional(Semantic),
    statusHeaders: Type.Boolean({
      default: true,
      description: 'Say in x-sluice-cache of the reply what the cache did, and in x-sluice-cache-age how old it is.'
    }),
    key: Key
  },
  { ...closed, description: 'Store answers of models and give them again. Left out: nothing is stored.' }
)
export type RouteAiCache = Static<typeof RouteAiCache>
