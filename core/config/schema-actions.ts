import Type, { type Static } from 'typebox'
import { wrongHeaderValue } from './header-text.js'
import { wrongPathTemplate, wrongTargetTemplate, wrongValueTemplate } from './template.js'
import { checked, HEADER_NAME_PATTERN, HostPortText } from './values.js'

const closed = { additionalProperties: false } as const

function Values(description: string) {
  const value = checked(wrongValueTemplate, { title: 'text', examples: ['{id}'] })
  return Type.Record(Type.String({ minLength: 1 }), value, { default: {}, description })
}

const RewriteQuery = Type.Object(
  {
    set: Values('Parameters by name, with their value; takes the place of all that have the name.'),
    add: Values('The same, beside those there are.'),
    remove: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      uniqueItems: true,
      description: 'Names of parameters that do not go upstream.'
    })
  },
  {
    ...closed,
    description: 'Changes of the query: what to remove, then what to set, then what to add. Values may have places.'
  }
)

export const Rewrite = Type.Object(
  {
    path: Type.Optional(
      checked(wrongPathTemplate, {
        title: 'a path with places',
        examples: ['/internal/{id}', '/new/{*}'],
        description:
          'The path that goes upstream. {name} is a path parameter or a group of pathRegex, {1} a group without a name, {*} what the "*" of the path stood for. A path that a policy wrote is left as it is.'
      })
    ),
    host: Type.Optional(HostPortText),
    query: Type.Optional(RewriteQuery)
  },
  {
    ...closed,
    description: 'What the upstream gets instead of what the client sent. Policies see what the client sent.'
  }
)
export type Rewrite = Static<typeof Rewrite>

export const Redirect = Type.Object(
  {
    to: checked(wrongTargetTemplate, {
      title: 'an address with places',
      examples: ['/orders/{id}', 'https://new.example.com/{*}'],
      description:
        'Where to: a path, or an http(s) URL. Places as in rewrite.path; as the whole name of a host, {host} is the one the client asked for.'
    }),
    status: Type.Enum([301, 302, 303, 307, 308], {
      default: 308,
      description: '301 and 308 are for good; 307 and 308 keep method and body.'
    }),
    keepQuery: Type.Boolean({ default: true, description: 'Whether the query of the request goes along.' })
  },
  { ...closed, description: 'Sends clients elsewhere, once the policies let the request through.' }
)
export type Redirect = Static<typeof Redirect>

export const FixedReply = Type.Object(
  {
    status: Type.Integer({ minimum: 200, maximum: 599, default: 200, description: 'Its status.' }),
    headers: Type.Record(
      Type.String({ pattern: HEADER_NAME_PATTERN }),
      checked(wrongHeaderValue, { title: 'a header value' }),
      { additionalProperties: false, default: {}, description: 'Its headers by name.' }
    ),
    body: Type.Optional(Type.String({ description: 'Its body, as text.' })),
    json: Type.Optional(Type.Unknown({ description: 'Its body, as JSON: any value.' }))
  },
  { ...closed, description: 'The same reply for every request the policies let through.' }
)
export type FixedReply = Static<typeof FixedReply>
