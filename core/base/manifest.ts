import Type, { type Static } from 'typebox'

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
    )
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
  hostCalls: 10_000
}

export const HOOKS = ['on_configure', 'on_request', 'on_request_body', 'on_response', 'on_response_body'] as const
export type Hook = (typeof HOOKS)[number]

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
    kind: Type.Enum(['auth', 'traffic', 'transform', 'moderation', 'routing']),
    description: Type.String({ minLength: 1 }),
    module: Type.Optional(Type.String({ description: 'The WASM file; "build/<name>.wasm" when left out.' })),
    hooks: Type.Array(Type.Enum([...HOOKS]), { minItems: 1, uniqueItems: true }),
    when: Type.Optional(
      Type.Object(
        {
          on_request: Type.Optional(Condition),
          on_request_body: Type.Optional(Condition),
          on_response: Type.Optional(Condition),
          on_response_body: Type.Optional(Condition)
        },
        {
          ...closed,
          description:
            'Conditions for single hooks: a binding whose settings do not match the JSON Schema takes no part in the hook, and the phase costs nothing.'
        }
      )
    ),
    permissions: Type.Optional(Permissions),
    limits: Type.Optional(Limits),
    failure: Type.Optional(Failure),
    settings: Type.Optional(
      Type.Object({}, { description: 'JSON Schema of the settings.', additionalProperties: true })
    )
  },
  closed
)
export type Manifest = Static<typeof Manifest>
