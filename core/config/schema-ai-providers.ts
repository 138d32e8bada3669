import Type, { type Static } from 'typebox'
import { wrongHeaderValue } from './header-text.js'
import { Concurrency, Retries, UpstreamBreaker } from './schema-resilience.js'
import { Timeouts } from './schema-upstream.js'
import { UpstreamTls } from './schema-upstream-tls.js'
import { wrongBaseUrl } from './targets.js'
import { checked, Duration, HEADER_NAME_PATTERN, MethodText, MODEL_NAME_PATTERN, NAME_PATTERN, Size } from './values.js'

const closed = { additionalProperties: false } as const

const KeyOptions = Type.Object(
  {
    key: Type.Optional(
      Type.String({ minLength: 1, description: 'The key itself; an interpolation takes it from elsewhere.' })
    ),
    secret: Type.Optional(
      Type.String({
        pattern: NAME_PATTERN,
        description: 'A name under secrets, instead of key. Its file is read again when it changes.'
      })
    ),
    parts: Type.Record(Type.String({ minLength: 1 }), Type.String(), {
      default: {},
      description: 'What belongs to the key besides, as the provider wants it (Bedrock: accessKeyId, sessionToken).'
    }),
    name: Type.Optional(
      Type.String({
        pattern: NAME_PATTERN,
        description: 'What logs and metrics call it. Left out: its place in the list, from 1.'
      })
    ),
    weight: Type.Number({
      minimum: 0,
      maximum: 65_535,
      default: 1,
      description: 'Its share of the requests, against the weights of the others; 0: none.'
    })
  },
  { ...closed, title: 'a mapping with key or secret' }
)

const Models = Type.Union(
  [
    Type.Array(Type.String({ pattern: MODEL_NAME_PATTERN }), { uniqueItems: true }),
    Type.Record(Type.String({ pattern: MODEL_NAME_PATTERN }), Type.String({ minLength: 1 }), closed)
  ],
  {
    default: [],
    description:
      'Models it has, so that they are found by name alone and listed; as a mapping, by the name clients use, with the provider’s own (a deployment of Azure, an ARN).'
  }
)

const Cooldown = Type.Object(
  {
    base: Duration('After a 429 that does not say when to come again; twice as long each time in a row.', {
      default: '1s'
    }),
    max: Duration('The longest time after a 429, whatever the provider says.', { default: '10m' }),
    refused: Duration(
      'After 401, 402 or 403: the key is of no use until someone does something about it. A reload takes it in again at once.',
      {
        default: '1h'
      }
    )
  },
  { ...closed, default: {}, description: 'How long a key is left alone.' }
)

/** What asks a model may be sent twice: nothing is there that was not before, and it is a POST. */
const AiRetries = Type.Object(
  {
    ...Retries.properties,
    methods: Type.Array(MethodText, {
      default: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'POST'],
      uniqueItems: true,
      description: 'Methods whose requests may be sent twice.'
    }),
    bodyBytes: Size('The longest request body that is sent again.', { default: '32MiB', max: '256MiB' })
  },
  {
    ...closed,
    description:
      'Trying again at this account, before another target is asked. Left out: once after a failed or broken connection; "attempts: 0" is never.'
  }
)

export const AiProvider = Type.Object(
  {
    provider: Type.String({
      minLength: 1,
      title: 'the name of a provider',
      examples: ['openai', 'anthropic'],
      description: 'Which API it is. Whatever speaks OpenAI’s is "openai" with a baseUrl of its own.'
    }),
    keys: Type.Array(Type.Union([Type.String({ minLength: 1 }), KeyOptions]), {
      default: [],
      description:
        'API keys: they take turns by weight, and one that is limited or refused is left alone for a while. A local server needs none.'
    }),
    region: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9-]{1,63}$',
        title: 'a region',
        examples: ['eu', 'eu-west-1'],
        description: 'Where requests are worked on. Callers that are held to regions get nowhere else.'
      })
    ),
    baseUrl: Type.Optional(
      checked(wrongBaseUrl, {
        title: 'an http(s) URL',
        examples: ['https://api.example.com/v1', 'http://127.0.0.1:11434'],
        description: 'Scheme, host and beginning of the path. Left out: the provider’s own.'
      })
    ),
    options: Type.Record(Type.String({ minLength: 1 }), Type.String(), {
      default: {},
      description: 'What else the provider wants to know (Azure: apiVersion, Vertex: project).'
    }),
    models: Models,
    onlyModels: Type.Boolean({
      default: false,
      description: 'Whether only these models can be had here. false: any that the provider has.'
    }),
    headers: Type.Record(
      Type.String({ pattern: HEADER_NAME_PATTERN }),
      checked(wrongHeaderValue, { title: 'the value of a header' }),
      { ...closed, default: {}, description: 'Headers that go along with each request.' }
    ),
    cooldown: Cooldown,
    connections: Type.Integer({
      minimum: 1,
      maximum: 65_535,
      default: 128,
      description: 'Open connections to it; more requests wait for one.'
    }),
    http2: Type.Boolean({ default: false, description: 'Speak HTTP/2 to it.' }),
    tls: Type.Optional(UpstreamTls),
    timeouts: Type.Optional(Timeouts),
    retries: Type.Optional(AiRetries),
    breaker: Type.Optional(UpstreamBreaker),
    concurrency: Type.Optional(Concurrency)
  },
  { ...closed, description: 'An account at a provider of AI models.' }
)
export type AiProvider = Static<typeof AiProvider>

export const AiProviders = Type.Record(Type.String({ pattern: NAME_PATTERN }), AiProvider, {
  ...closed,
  default: {},
  description: 'Accounts at providers of AI models, by name. "name/model" is a model of one.'
})
export type AiProviders = Static<typeof AiProviders>
