import Type, { type Static } from 'typebox'
import { wrongPathRegex, wrongValueRegex } from './path-regex.js'
import { checked, HEADER_NAME_PATTERN, HostText, MethodText, PathText } from './values.js'

const closed = { additionalProperties: false } as const

const VERSION_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'

/** What a named part of a request must be like. */
function Condition(name: ReturnType<typeof Type.String>, description: string) {
  return Type.Object(
    {
      name,
      value: Type.Optional(Type.String({ description: 'Exactly this.' })),
      prefix: Type.Optional(Type.String({ minLength: 1, description: 'Begins with this.' })),
      regex: Type.Optional(
        checked(wrongValueRegex, {
          title: 'a regular expression',
          examples: ['v[0-9]+'],
          description: 'Fits this regular expression (RE2), from the first character to the last.'
        })
      ),
      present: Type.Optional(
        Type.Boolean({ description: 'true: there is one, whatever its value. false: there is none.' })
      )
    },
    { ...closed, description }
  )
}
export type Condition = Static<ReturnType<typeof Condition>>

const HeaderName = Type.String({
  pattern: HEADER_NAME_PATTERN,
  title: 'a header name',
  examples: ['x-beta'],
  description: 'The header, in any case.'
})
const QueryName = Type.String({ minLength: 1, description: 'The parameter, not percent-encoded.' })
const CookieName = Type.String({
  pattern: HEADER_NAME_PATTERN,
  title: 'a cookie name',
  examples: ['beta'],
  description: 'The cookie; case counts.'
})

const VersionBy = Type.Object(
  {
    header: Type.Optional(
      Type.String({
        pattern: HEADER_NAME_PATTERN,
        title: 'a header name',
        examples: ['x-api-version'],
        description: 'A request header that holds the version: "x-api-version: 2".'
      })
    ),
    query: Type.Optional(
      Type.String({ minLength: 1, description: 'A query parameter that holds it: "?api-version=2".' })
    ),
    mediaType: Type.Optional(
      Type.String({
        pattern: '^[a-z]+/[a-z0-9!#$&^_.-]+(\\+[a-z0-9]+)?$',
        title: 'a media type in small letters',
        examples: ['application/vnd.example+json'],
        description:
          'The media type without the version. Accept names one as "application/vnd.example.v2+json" or "application/vnd.example+json; version=2".'
      })
    ),
    path: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The parameter of the path that holds it: "version" for /{version}/orders.'
      })
    )
  },
  { ...closed, description: 'Where a request says which version it wants. One of the keys.' }
)

const Version = Type.Object(
  {
    name: Type.String({
      pattern: VERSION_PATTERN,
      title: 'a version',
      examples: ['2', '2026-01-01'],
      description: 'The version this route serves. A "v" in front of a number makes no difference: "2" is "v2".'
    }),
    by: VersionBy,
    default: Type.Boolean({ default: false, description: 'Serves those who name no version too.' })
  },
  {
    ...closed,
    description:
      'The version of the API the route is. A request for a version that no route with its path has is refused, with the list of those there are; by path, only when no other route takes it.'
  }
)
export type Version = Static<typeof Version>

export const Match = Type.Object(
  {
    hosts: Type.Array(HostText, {
      default: [],
      uniqueItems: true,
      description: 'Host names, without port; "*.example.com" is every name below example.com. Empty: every host.'
    }),
    methods: Type.Array(MethodText, {
      default: [],
      uniqueItems: true,
      description: 'Methods, in upper case. Empty: every method.'
    }),
    path: Type.Optional(PathText),
    pathRegex: Type.Optional(
      checked(wrongPathRegex, {
        title: 'a regular expression for a path',
        examples: ['/orders/(?<id>[0-9]+)'],
        description:
          'Instead of path: a regular expression (RE2) for the whole path, in normal form: "%61" is "a", "//" is "/". Goes before a path that ends in "*", behind one that does not. Its groups are path parameters.'
      })
    ),
    headers: Type.Array(
      Condition(HeaderName, 'What a header must be like. Several lines of one header are one value, with commas.'),
      {
        default: [],
        description: 'What headers must be like: all of these.'
      }
    ),
    query: Type.Array(
      Condition(QueryName, 'What a query parameter must be like. Of several with the name, one must fit.'),
      {
        default: [],
        description: 'What the query must be like: all of these.'
      }
    ),
    cookies: Type.Array(Condition(CookieName, 'What a cookie must be like. Of several with the name, one must fit.'), {
      default: [],
      description: 'What cookies must be like: all of these.'
    }),
    version: Type.Optional(Version),
    priority: Type.Integer({
      minimum: -1_000_000,
      maximum: 1_000_000,
      default: 0,
      description:
        'Of the routes that fit a request, those with the highest priority come first, however specific others are.'
    }),
    weight: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description:
          'Its share among routes that match the same and have a weight: each request is drawn for itself. 0: none, as if the route were not there.'
      })
    )
  },
  {
    ...closed,
    description:
      'Which requests take the route. The highest priority wins; then the most specific host; then, at each segment, text before a parameter before "*"; then the route with more conditions (headers, query, cookies, version); then one that names the method; then the first in the file.'
  }
)
export type Match = Static<typeof Match>
