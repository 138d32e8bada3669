import Type, { type Static } from 'typebox'
import { RouteAiCache } from './schema-ai-cache.js'
import { Duration, HEADER_NAME_PATTERN, Size } from './values.js'

const closed = { additionalProperties: false } as const

const Streams = Type.Object(
  {
    duration: Duration('How long one may go on.', { default: '30m' }),
    bytes: Size('How large one may be.', { default: '256MiB' }),
    hold: Duration(
      'How long the head of a reply waits for the first event of the answer: until then, a provider that fails is passed over unseen.',
      { default: '30s' }
    ),
    holdBytes: Size('How much may come meanwhile.', { default: '64KiB' }),
    heartbeat: Duration(
      'Silence after which the client gets a comment, so that nobody in between gives up; 0s: never.',
      {
        default: '15s',
        min: 0
      }
    )
  },
  { ...closed, default: {}, description: 'Limits of streamed answers.' }
)

const ClientGone = Type.Union(
  [
    Type.Literal('abort'),
    Type.Object(
      {
        drain: Duration('How much longer the provider is listened to.', { default: '30s' }),
        bytes: Size('How much more.', { default: '4MiB' })
      },
      { ...closed, title: 'a mapping with drain' }
    )
  ],
  {
    default: 'abort',
    description:
      'When a client leaves in the middle of a stream: "abort" ends the call, and what was used is what was said or an estimate; with drain, the provider is listened to for its own account of it.'
  }
)

/** A route that serves AI traffic. */
export const RouteAi = Type.Object(
  {
    models: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      uniqueItems: true,
      description: 'Names of models it serves, "*" standing for any text ("openai-main/*"). Empty: all there are.'
    }),
    regions: Type.Array(Type.String({ pattern: '^[A-Za-z0-9-]{1,63}$' }), {
      default: [],
      uniqueItems: true,
      description: 'Regions its requests may go to. Empty: any.'
    }),
    forwardHeaders: Type.Array(Type.String({ pattern: HEADER_NAME_PATTERN }), {
      default: [],
      uniqueItems: true,
      description: 'Headers of clients that providers get besides those that belong to their APIs.'
    }),
    replyHeaders: Type.Boolean({
      default: true,
      description:
        'Say in x-sluice-* headers of the reply which model of which account answered, what it used and cost.'
    }),
    answerBytes: Size('How large an answer may be that is no stream.', { default: '64MiB' }),
    cache: Type.Optional(RouteAiCache),
    streams: Streams,
    clientGone: ClientGone
  },
  {
    ...closed,
    description:
      'Serves the APIs of AI providers below this route: OpenAI’s, Anthropic’s, Gemini’s, Ollama’s, Cohere’s, Azure’s and Bedrock’s paths. A route has this, upstream, redirect or reply.'
  }
)
export type RouteAi = Static<typeof RouteAi>
