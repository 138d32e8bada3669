import Type, { type Static } from 'typebox'
import { HOOKS, INPUT_FIELDS } from './hooks.js'
import { PluginMetrics } from './plugin-metric-schema.js'

/**
 * A plugin's manifest (`plugin.json`): what it is, what it needs, what it accepts. The schema is the reference:
 * the JSON Schema for editors is made from it.
 */

const closed = { additionalProperties: false } as const

/**
 * Header names in lower case. "*" is every header but the hidden ones (authorization, proxy-authorization, cookie,
 * set-cookie), which must be asked for by name. An entry that begins with "$" is a JSON pointer into the binding's
 * settings, where "*" stands for every element: "$/header", "$/set/* /name" (without the blank).
 */
const HeaderNames = Type.Array(Type.String({ pattern: "^(\\*|\\$(/[^/]+)+|[!#$%&'*+.^_`|~0-9a-z-]+)$" }), {
  default: [],
  description:
    'Header names in lower case; "*" is all but authorization, proxy-authorization, cookie and set-cookie; "$/pointer" is a name taken from the settings.'
})

const HeaderPermission = Type.Object(
  { read: Type.Optional(HeaderNames), write: Type.Optional(HeaderNames) },
  { ...closed, description: 'Headers it may read and write.' }
)

const BodyPermission = Type.Enum(['none', 'read', 'write'], {
  description: '"read" hands the whole body to the *_body hook; "write" also allows to replace it.'
})

export const Permissions = Type.Object(
  {
    requestHeaders: Type.Optional(HeaderPermission),
    responseHeaders: Type.Optional(HeaderPermission),
    requestBody: Type.Optional(BodyPermission),
    responseBody: Type.Optional(BodyPermission),
    rewrite: Type.Optional(
      Type.Boolean({ description: 'May change method, path and query (status in a response hook).' })
    ),
    route: Type.Optional(
      Type.Union([Type.Boolean(), Type.Array(Type.String({ minLength: 1 }))], {
        description:
          'May choose another upstream: true is any, a list names them; "$/pointer" is a name taken from the settings. Names are checked when the configuration is read.'
      })
    ),
    consumer: Type.Optional(Type.Boolean({ description: 'May say who is calling.' })),
    log: Type.Optional(Type.Boolean({ description: 'May write log lines.' })),
    counters: Type.Optional(
      Type.Boolean({ description: 'May use counters and token buckets, which all threads share.' })
    ),
    callouts: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description:
          'Where it may send HTTP requests of its own: names of upstreams, origins like "https://idp.example.com"; "$/pointer" is a name or a URL taken from the settings.'
      })
    ),
    secrets: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description:
          'Secrets of the configuration it may ask for, by name; "$/pointer" is a name taken from the settings.'
      })
    ),
    store: Type.Optional(Type.Boolean({ description: 'May keep values in the store of the configuration.' })),
    bag: Type.Optional(
      Type.Array(Type.String({ pattern: '^(\\*|[a-z][a-z0-9-]*\\.(\\*|[A-Za-z0-9_.-]+))$' }), {
        description:
          'What it may read of what other policies of the chain left for each other: "plugin.name", "plugin.*" or "*".'
      })
    ),
    prompt: Type.Optional(
      Type.Enum(['none', 'read', 'write'], {
        description: 'AI traffic: "read" hands what the client asks to on_prompt; "write" also allows to change it.'
      })
    ),
    answer: Type.Optional(
      Type.Enum(['none', 'read', 'write'], {
        description:
          'AI traffic: "read" hands the model’s answer to on_delta, on_tool_call and on_completion; "write" also allows to change it.'
      })
    ),
    kv: Type.Optional(Type.Boolean({ description: 'May keep values under keys, which all threads share.' }))
  },
  { ...closed, description: 'What the plugin may see and do. Everything not asked for is refused.' }
)
export type Permissions = Static<typeof Permissions>

export const Limits = Type.Object(
  {
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: 'Time for one hook call.' })),
    memoryPages: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 16_384, description: 'Linear memory, pages of 64 KiB.' })
    ),
    outputBytes: Type.Optional(Type.Integer({ minimum: 0, maximum: 1 << 28, description: 'Size of one verdict.' })),
    hostCalls: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Host function calls in one hook call.' })
    ),
    recycleCalls: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000,
        description: 'Calls after which an instance is replaced by a new one; looked at every 256 calls.'
      })
    ),
    logLines: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1_000, description: 'Log lines in one hook call; more are left out.' })
    ),
    logBytes: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1 << 20,
        description: 'Bytes of log text in one hook call, all lines together.'
      })
    ),
    metricSeries: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10_000,
        description: 'Series its metrics may have: one for each combination of label values, and of buckets.'
      })
    ),
    kvBytes: Type.Optional(
      Type.Integer({
        minimum: 16_384,
        maximum: 1 << 28,
        description: 'Bytes the keys and values of the plugin may take, all its bindings and threads together.'
      })
    )
  },
  closed
)
export type Limits = Static<typeof Limits>
export type ResolvedLimits = Required<Limits>

export const DEFAULT_LIMITS: ResolvedLimits = {
  timeoutMs: 50,
  memoryPages: 64,
  outputBytes: 1 << 20,
  hostCalls: 10_000,
  recycleCalls: 10_000_000,
  logLines: 20,
  logBytes: 40_960,
  metricSeries: 500,
  kvBytes: 1 << 20
}

export const Isolation = Type.Enum(['pooled', 'per-request'], {
  description:
    '"pooled": an instance serves many exchanges, one at a time. "per-request": every hook call gets a fresh one, which costs some 100 µs and leaves nothing behind.'
})
export type Isolation = Static<typeof Isolation>

/** TypeBox takes plain JSON Schema, booleans aside. */
const Condition = Type.Object({}, { additionalProperties: true, description: 'JSON Schema of the whole settings.' })

export const Failure = Type.Enum(['closed', 'open'], {
  description: 'When the plugin fails: "closed" answers 500, "open" goes on without it.'
})
export type Failure = Static<typeof Failure>

export const Manifest = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }),
    version: Type.String({ pattern: '^[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$' }),
    abi: Type.Literal(1),
    kind: Type.Enum(['auth', 'traffic', 'transform', 'moderation', 'routing', 'ai']),
    description: Type.String({ minLength: 1 }),
    module: Type.Optional(Type.String({ description: 'The WASM file; "build/<name>.wasm" when left out.' })),
    hooks: Type.Array(Type.Enum([...HOOKS]), { minItems: 1, uniqueItems: true }),
    when: Type.Optional(
      Type.Object(
        {
          on_request: Type.Optional(Condition),
          on_request_body: Type.Optional(Condition),
          on_response: Type.Optional(Condition),
          on_response_body: Type.Optional(Condition),
          on_error: Type.Optional(Condition),
          on_log: Type.Optional(Condition),
          on_tick: Type.Optional(Condition),
          on_prompt: Type.Optional(Condition),
          on_delta: Type.Optional(Condition),
          on_tool_call: Type.Optional(Condition),
          on_completion: Type.Optional(Condition),
          on_usage: Type.Optional(Condition)
        },
        {
          ...closed,
          description:
            'Conditions for single hooks: a binding whose settings do not match the JSON Schema takes no part in the hook, and the phase costs nothing.'
        }
      )
    ),
    input: Type.Optional(
      Type.Array(Type.Enum([...INPUT_FIELDS]), {
        uniqueItems: true,
        description:
          'What it reads of an exchange besides headers and bodies: a small input costs less. Left out: everything. The others are empty.'
      })
    ),
    messages: Type.Optional(
      Type.Enum(['protobuf', 'json'], {
        description: 'How a plain Extism plugin reads and writes messages; "protobuf" when left out.'
      })
    ),
    tickMs: Type.Optional(
      Type.Integer({
        minimum: 100,
        maximum: 86_400_000,
        description: 'How often on_tick is called; 10,000 when left out.'
      })
    ),
    isolation: Type.Optional(Isolation),
    permissions: Type.Optional(Permissions),
    limits: Type.Optional(Limits),
    metrics: Type.Optional(PluginMetrics),
    failure: Type.Optional(Failure),
    settings: Type.Optional(
      Type.Object({}, { description: 'JSON Schema of the settings.', additionalProperties: true })
    )
  },
  closed
)
export type Manifest = Static<typeof Manifest>
