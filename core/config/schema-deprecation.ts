import Type, { type Static } from 'typebox'
import { parseSpan, wrongDate } from './dates.js'
import { checked } from './values.js'

const closed = { additionalProperties: false } as const

function DateText(description: string) {
  return checked(wrongDate, {
    title: 'a date',
    examples: ['2026-11-01', '2026-11-01T10:00:00Z'],
    description
  })
}

function Span(description: string, more: { readonly default?: string } = {}) {
  return checked(
    text => (parseSpan(text) === undefined ? 'is no time span; expected one like 30m, 12h or 7d' : undefined),
    {
      title: 'a time span',
      examples: ['30m', '12h', '7d'],
      description,
      ...more
    }
  )
}

function LinkText(description: string) {
  return checked(wrongLink, { title: 'an http(s) URL', examples: ['https://example.com/docs'], description })
}

const Brownout = Type.Object(
  {
    from: DateText('When it begins.'),
    for: Span('How long it lasts.'),
    every: Type.Optional(
      Span('How long after the begin of one the next begins: "1d" for daily. Left out: there is one.')
    ),
    until: Type.Optional(DateText('When there are no more. Left out: the sunset.'))
  },
  { ...closed, description: 'A time in which the route is switched off, so that those who did not read of it notice.' }
)

export const Deprecation = Type.Object(
  {
    since: DateText(
      'Since when the route is deprecated, or from when on it will be: the Deprecation header (RFC 9745).'
    ),
    sunset: Type.Optional(DateText('When it goes away: the Sunset header (RFC 8594). From then on it answers 410.')),
    grace: Span('How long after the sunset it is served all the same.', { default: '0m' }),
    link: Type.Optional(LinkText('A page about it: Link with rel="deprecation".')),
    sunsetLink: Type.Optional(LinkText('A page about going away: Link with rel="sunset".')),
    successor: Type.Optional(
      checked(wrongReference, {
        title: 'a URL or a path',
        examples: ['/v2/orders', 'https://api.example.com/v2/orders'],
        description: 'What comes instead: Link with rel="successor-version".'
      })
    ),
    brownouts: Type.Array(Brownout, { default: [], description: 'Times in which it is switched off beforehand.' }),
    brownoutStatus: Type.Enum([410, 503], {
      default: 503,
      description:
        'What it answers then: 503, after which clients try again, or 410, which is what will come. Both with Retry-After.'
    })
  },
  {
    ...closed,
    description: 'The route will go away: says so in every reply, and who still calls it at the admin listener.'
  }
)
export type Deprecation = Static<typeof Deprecation>

function wrongLink(text: string): string | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    return 'is no http(s) URL; expected one like https://example.com/docs'
  return wrongReference(text)
}

/** RFC 3986 §4.1; it stands between < and > in a header. */
function wrongReference(text: string): string | undefined {
  if (!/^(?:https?:\/\/|\/)/.test(text)) return 'is neither a URL nor a path; expected one like /v2/orders'
  return /^[!#$%&'()*+,\-./:;=?@[\]_~A-Za-z0-9]+$/.test(text)
    ? undefined
    : 'has a character that a URL holds only percent-encoded'
}
