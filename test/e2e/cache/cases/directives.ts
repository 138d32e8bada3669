import { type Case, type Fields, FRESH, fetched, reused } from './case.js'

const cc = (value: string | readonly string[]) => ({ 'cache-control': value })
const LONG = { expires: 10_000, date: 0 }

/** What a stored reply is answered with when the client asks for something of caches. */
function asked(id: string, fields: Fields, control: string, from: 'cache' | 'upstream'): Case {
  const steps = [{ reply: { fields } }, { ask: cc(control), from }] as const
  return { id, kind: 'check', steps }
}

export const DIRECTIVES: readonly Case[] = [
  fetched('cc-resp-private-shared', 'required', cc('private, max-age=3600')),
  fetched('cc-resp-no-store', 'required', cc('no-store')),
  fetched('cc-resp-no-store-case-insensitive', 'required', cc('No-StOrE')),
  fetched('cc-resp-no-store-fresh', 'required', { ...cc('max-age=10000, no-store'), ...LONG }),
  ...['cc-resp-no-store-old-new', 'cc-resp-no-store-old-max-age'].map((id): Case => {
    const second = id.endsWith('new') ? 'no-store' : 'no-store, max-age=0'
    return {
      id,
      kind: 'check',
      steps: [
        { reply: { fields: { ...cc('max-age=10000'), ...LONG, a: '1' } }, pass: 3 },
        { reply: { fields: { ...cc(second), date: 0, a: '2' } }, from: 'cache', pass: 3 },
        { from: 'cache', has: { a: '1' } }
      ]
    }
  }),
  fetched('cc-resp-no-cache', 'required', { ...cc('max-age=10000, no-cache'), ...LONG }),
  fetched('cc-resp-no-cache-case-insensitive', 'required', { ...cc('max-age=10000, No-CaChE'), ...LONG }),
  {
    id: 'cc-resp-no-cache-revalidate',
    kind: 'optimal',
    steps: [{ reply: { fields: { ...cc('no-cache'), etag: '"abcd"' } } }, { from: 'validated by etag' }]
  },
  {
    id: 'cc-resp-no-cache-revalidate-fresh',
    kind: 'optimal',
    steps: [
      { reply: { fields: { ...cc('max-age=10000, no-cache'), ...LONG, etag: '"abcd"' } } },
      { from: 'validated by etag' }
    ]
  },
  {
    id: 'headers-omit-headers-listed-in-Cache-Control-no-cache-single',
    kind: 'check',
    steps: [
      { reply: { fields: { ...cc(['no-cache="a"', 'max-age=3600']), a: '1', b: '2', date: 0 } }, pass: 3 },
      { from: 'cache', has: { b: '2' }, lacks: ['a'] }
    ]
  },
  {
    id: 'headers-omit-headers-listed-in-Cache-Control-no-cache',
    kind: 'check',
    steps: [
      { reply: { fields: { ...cc(['no-cache="a, b"', 'max-age=3600']), a: '1', b: '2', c: '3', date: 0 } }, pass: 3 },
      { from: 'cache', has: { c: '3' }, lacks: ['a', 'b'] }
    ]
  },
  reused('cc-resp-must-revalidate-fresh', 'optimal', { ...cc('max-age=10000, must-revalidate'), etag: '"abcd"' }),
  {
    id: 'cc-resp-must-revalidate-stale',
    kind: 'required',
    steps: [
      { reply: { fields: { ...cc('max-age=2, must-revalidate'), etag: '"abcd"' } } },
      { from: 'cache', pass: 3 },
      { from: 'validated by etag' }
    ]
  },

  // What clients ask for.
  {
    id: 'ccreq-ma0',
    kind: 'check',
    steps: [{ reply: { fields: { ...cc('max-age=3600'), date: 0 } } }, { ask: cc('max-age=0'), from: 'upstream' }]
  },
  {
    id: 'ccreq-ma1',
    kind: 'check',
    steps: [
      { reply: { fields: { ...cc('max-age=3600'), date: 0 } }, pass: 3 },
      { ask: cc('max-age=1'), from: 'upstream' }
    ]
  },
  asked('ccreq-magreaterage', { ...cc('max-age=3600'), age: '1800' }, 'max-age=600', 'upstream'),
  {
    id: 'ccreq-max-stale',
    kind: 'check',
    steps: [
      { reply: { fields: cc('max-age=1') }, pass: 3 },
      { ask: cc('max-stale=1000'), from: 'cache' }
    ]
  },
  asked('ccreq-max-stale-age', { ...cc('max-age=1500'), age: '2000' }, 'max-stale=1000', 'upstream'),
  asked('ccreq-min-fresh', cc('max-age=1500'), 'min-fresh=2000', 'upstream'),
  asked('ccreq-min-fresh-age', { ...cc('max-age=1500'), age: '1000' }, 'min-fresh=1000', 'upstream'),
  asked('ccreq-no-cache', cc('max-age=3600'), 'no-cache', 'upstream'),
  {
    id: 'ccreq-no-cache-lm',
    kind: 'check',
    steps: [
      { reply: { fields: { ...cc('max-age=3600'), 'last-modified': -10_000, date: 0 } } },
      { ask: cc('no-cache'), from: 'validated by date' }
    ]
  },
  {
    id: 'ccreq-no-cache-etag',
    kind: 'check',
    steps: [
      { reply: { fields: { ...cc('max-age=3600'), etag: '"abc"' } } },
      { ask: cc('no-cache'), from: 'validated by etag' }
    ]
  },
  asked('ccreq-no-store', cc('max-age=3600'), 'no-store', 'cache'),
  {
    id: 'ccreq-oic',
    kind: 'check',
    steps: [{ ask: cc('only-if-cached'), from: 'cache', status: 504 }]
  },
  {
    id: 'pragma-request-no-cache',
    kind: 'check',
    steps: [{ reply: { fields: cc('max-age=3600') } }, { ask: { pragma: 'no-cache' }, from: 'cache' }]
  },
  {
    id: 'pragma-request-extension',
    kind: 'check',
    steps: [{ reply: { fields: cc('max-age=3600') } }, { ask: { pragma: 'unrecognised-extension' }, from: 'cache' }]
  },
  reused('pragma-response-no-cache', 'check', { ...cc('max-age=3600'), pragma: 'no-cache' }),
  reused('pragma-response-extension', 'check', { ...cc('max-age=3600'), pragma: 'unrecognised-extension' }),
  reused(
    'pragma-response-no-cache-heuristic',
    'check',
    { 'last-modified': -10_000, pragma: 'no-cache' },
    { route: 'heuristic' }
  ),

  // Statuses with explicit freshness.
  ...[200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 410, 499, 500, 502, 503, 504, 599].flatMap(
    (status): Case[] => [
      {
        id: `status-${status}-fresh`,
        kind: 'optimal',
        steps: [{ reply: { status, fields: FRESH } }, { from: 'cache', status }]
      },
      {
        id: `status-${status}-stale`,
        kind: 'required',
        steps: [
          { reply: { status, fields: { expires: -5_000, date: 0 } } },
          { from: 'upstream', status, reply: { status } }
        ]
      }
    ]
  ),
  {
    id: 'status-599-must-understand',
    kind: 'required',
    steps: [
      { reply: { status: 599, fields: cc('max-age=3600, no-store, must-understand') } },
      { from: 'upstream', status: 599, reply: { status: 599 } }
    ]
  },
  reused('status-200-must-understand', 'required', cc('max-age=3600, no-store, must-understand')),

  // Replies to requests with credentials.
  ...(
    [
      ['other-authorization', 'required', { expires: 2_592_000, date: 0 }, 'upstream'],
      ['other-authorization-public', 'optimal', { ...cc('max-age=3600, public'), date: 0 }, 'cache'],
      ['other-authorization-must-revalidate', 'optimal', { ...cc('max-age=3600, must-revalidate'), date: 0 }, 'cache'],
      ['other-authorization-smaxage', 'optimal', { ...cc('s-maxage=3600'), date: 0 }, 'cache']
    ] as const
  ).map(
    ([id, kind, fields, from]): Case => ({
      id,
      kind,
      steps: [{ ask: { authorization: 'FOO' }, reply: { fields }, sent: { authorization: 'FOO' }, pass: 3 }, { from }]
    })
  )
]
