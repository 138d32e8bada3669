import Type, { type Static, type TProperties } from 'typebox'
import { Ai } from './schema-ai.js'
import { AI_DEFS } from './schema-ai-models.js'
import { Prompts } from './schema-ai-prompts.js'
import { Cache } from './schema-cache.js'
import { Listen } from './schema-listen.js'
import { PluginEntry, PluginPlaces } from './schema-plugin.js'
import { Record as RecordSection } from './schema-record.js'
import { LoadShedding } from './schema-resilience.js'
import { Route } from './schema-route.js'
import { Upstream } from './schema-upstream.js'
import { Duration, NAME_PATTERN, NetworkText, PLUGIN_NAME_PATTERN, Size } from './values.js'

/**
 * The configuration file, whole. This one value is the validator, the types, the JSON Schema for editors and the
 * reference page. A key with a default may be left out; keys that are not here are refused.
 */

/** A mapping whose keys all have defaults: it may be left out as a whole. */
function Section<Keys extends TProperties>(keys: Keys, description: string) {
  return Type.Object(keys, { additionalProperties: false, default: {}, description })
}

const Limits = Section(
  {
    headerBytes: Size('Size of the header section of a request, request line included.', {
      default: '16KiB',
      min: '1KiB',
      max: '16KiB' // what the HTTP parser takes
    }),
    headers: Type.Integer({
      minimum: 1,
      maximum: 100, // what the HTTP parser takes
      default: 100,
      description: 'Number of header lines of a request.'
    }),
    bodyBytes: Size('Size of a request body.', { default: '32MiB' }),
    bufferedBodyBytes: Size(
      'How much of a body may be held in memory for a policy that wants it whole. Never more than bodyBytes.',
      { default: '1MiB', max: '256MiB' }
    ),
    connections: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description:
        'Open connections of clients, at all that is listened on and in all event loops; more are answered 503 and closed.'
    })
  },
  'What a client may send. bodyBytes and bufferedBodyBytes can be set for a route too.'
)

const Timeouts = Section(
  {
    connect: Duration('Until a connection to the upstream is open, TLS included.', { default: '5s' }),
    headers: Duration('From the end of the request until the head of the upstream’s reply.', { default: '60s' }),
    idle: Duration('Between two pieces of the upstream’s reply body.', { default: '60s' }),
    total: Type.Optional(
      Duration(
        'All tries of a request and the waiting for them, to the end of the reply; 408 where the client has not sent its body by then. Left out: any time.'
      )
    ),
    perTry: Type.Optional(
      Duration(
        'From the beginning of one try to the head of the reply, but not while the client still sends its body. Left out: any time.'
      )
    ),
    request: Duration('Between two pieces of the client’s request body.', { default: '60s' }),
    drain: Duration('For the exchanges still running at shutdown.', { default: '30s', min: 0 }),
    drainDelay: Duration(
      'Between the signal to end and the end of accepting: /readyz says "draining" meanwhile, so that nobody is sent here any more, and replies end their connections.',
      { default: '0s', min: 0 }
    )
  },
  'How long Sluice waits. Those towards upstreams can be set for an upstream, and all of them but connect for a route too; the nearest one counts.'
)

const Admin = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      default: '127.0.0.1',
      description: 'The address to listen on. Whoever reaches it can read everything there, and change targets.'
    }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, description: 'The port; 0 takes a free one.' })
  },
  {
    additionalProperties: false,
    description:
      'Where operators are listened to: /metrics for Prometheus, /livez, /readyz, /deprecations for who still calls deprecated routes. Left out: nowhere, and nothing is counted.'
  }
)

const Log = Section(
  {
    level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
      default: 'info',
      description: 'The least severe line that is written.'
    }),
    access: Type.Boolean({ default: true, description: 'One line for each exchange; a route may say otherwise.' }),
    pluginLines: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 100,
      description:
        'Log lines a second from each policy’s plugin; more are left out and counted. That many may come at once.'
    })
  },
  'What is written to standard output.'
)

const Secret = Type.Union(
  [
    Type.String({ minLength: 1, description: 'The secret itself; an interpolation takes it from the environment.' }),
    Type.Object(
      { file: Type.String({ minLength: 1, description: 'Relative to this file. Read again when it is asked for.' }) },
      { additionalProperties: false }
    )
  ],
  { description: 'One secret.' }
)

const RedisStore = Type.Object(
  {
    redis: Type.String({
      pattern: '^rediss?://',
      title: 'a redis:// or rediss:// URL',
      description: 'A Redis server, e.g. "redis://127.0.0.1:6379/0".'
    })
  },
  { additionalProperties: false }
)

/** The dialect of JSON Schema that schemas are written in. */
export const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

export const ConfigFile = Type.Object(
  {
    $schema: Type.Optional(
      Type.String({ description: 'The JSON Schema of this file, for editors. Sluice does not read it.' })
    ),
    listen: Listen,
    admin: Type.Optional(Admin),
    trustedProxies: Type.Array(NetworkText, {
      default: [],
      uniqueItems: true,
      description:
        'Addresses and networks of proxies whose X-Forwarded-* and Forwarded headers go on; of others they do not. The client is who X-Forwarded-For says.'
    }),
    limits: Limits,
    timeouts: Timeouts,
    cache: Cache,
    log: Log,
    threads: Type.Union([Type.Literal('auto'), Type.Integer({ minimum: 1, maximum: 64 })], {
      default: 1,
      description:
        'Event loops, each with a thread of its own, on one port. "auto" is one for each core, at most 64. Cannot change by a reload.'
    }),
    watch: Type.Boolean({
      default: true,
      description: 'Read the configuration again when one of its files changes. SIGHUP does it in any case.'
    }),
    pluginThreads: Type.Union([Type.Literal('auto'), Type.Integer({ minimum: 1, maximum: 64 })], {
      default: 'auto',
      description:
        'Threads that run plugins, shared out among the event loops; each has at least one. "auto" is one less than there are cores, at least 1 and at most 64.'
    }),
    plugins: Type.Record(Type.String({ pattern: PLUGIN_NAME_PATTERN }), PluginEntry, {
      additionalProperties: false,
      default: {},
      description:
        'Plugins by the name policies use. Built-in and installed ones need no entry; one without a path narrows those.'
    }),
    callouts: Section(
      {
        allowNetworks: Type.Array(NetworkText, {
          default: [],
          uniqueItems: true,
          description:
            'Networks that are not public, which callouts to granted origins may reach all the same. Upstreams may be anywhere.'
        })
      },
      'The HTTP requests plugins send by themselves.'
    ),
    secrets: Type.Record(Type.String({ pattern: NAME_PATTERN }), Secret, {
      additionalProperties: false,
      default: {},
      description: 'Secrets plugins may ask for by name, when they are granted.'
    }),
    store: Type.Union([Type.Literal('memory'), RedisStore], {
      default: 'memory',
      description:
        'Where plugins keep values between exchanges: in this process, or in a server that several gateways share.'
    }),
    ...PluginPlaces,
    record: Type.Optional(RecordSection),
    loadShedding: Type.Optional(LoadShedding),
    ai: Ai,
    prompts: Type.Optional(Prompts),
    upstreams: Type.Record(Type.String({ pattern: NAME_PATTERN }), Upstream, {
      additionalProperties: false,
      default: {},
      description: 'Where requests can be sent, by name.'
    }),
    routes: Type.Array(Route, {
      minItems: 1,
      description: 'What is served. The order matters only where nothing else decides.'
    })
  },
  {
    // Said, or TypeBox looks through the whole schema at every $ref: drafts before had ids that would matter there.
    $schema: DIALECT,
    additionalProperties: false,
    title: 'a mapping',
    description: 'The configuration of Sluice (sluice.yaml).',
    $defs: AI_DEFS
  }
)
/** The configuration as written, defaults filled in; durations and sizes are still text. */
export type ConfigFile = Static<typeof ConfigFile>
