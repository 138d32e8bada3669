import { type Case, type Fields, FRESH } from './case.js'

/** Whether a fresh reply with this tag answers If-None-Match with 304. */
function matched(id: string, kind: Case['kind'], etag: string, asked: string, yes = true): Case {
  return {
    id,
    kind,
    steps: [
      { reply: { fields: { ...FRESH, etag } } },
      { ask: { 'if-none-match': asked }, from: 'cache', status: yes ? 304 : 200, has: { etag } }
    ]
  }
}

/** What a stale reply with this tag is validated with. */
function generated(id: string, kind: Case['kind'], etag: string): Case {
  return {
    id,
    kind,
    steps: [
      { reply: { fields: { 'cache-control': 'max-age=2', etag } }, pass: 3 },
      { from: 'validated by etag', sent: { 'if-none-match': etag } }
    ]
  }
}

/** Whether a reply that was modified then answers If-Modified-Since with 304. */
function since(
  id: string,
  fields: Fields,
  asked: string | number,
  from: 'cache' | 'validated by date' = 'cache'
): Case {
  return {
    id,
    kind: 'optimal',
    steps: [
      { reply: { fields: { date: 0, ...fields } }, pass: 3 },
      { ask: { 'if-modified-since': asked }, from, status: 304 }
    ]
  }
}

const LONG: Fields = { 'cache-control': 'max-age=100000' }

export const CONDITIONAL: readonly Case[] = [
  matched('conditional-etag-strong-respond', 'optimal', '"abcdef"', '"abcdef"'),
  matched('conditional-304-etag', 'required', '"abcdef"', '"abcdef"'),
  {
    id: 'conditional-etag-precedence',
    kind: 'required',
    steps: [
      { reply: { fields: { ...FRESH, 'last-modified': -5_000, etag: '"abcdef"' } } },
      { ask: { 'if-none-match': '"abcdef"', 'if-modified-since': -10_000 }, from: 'cache', status: 304 }
    ]
  },
  matched('conditional-etag-quoted-respond-unquoted', 'check', '"abcdef"', 'abcdef', false),
  matched('conditional-etag-unquoted-respond-unquoted', 'check', 'abcdef', 'abcdef'),
  matched('conditional-etag-unquoted-respond-quoted', 'check', 'abcdef', '"abcdef"', false),
  matched('conditional-etag-weak-respond', 'optimal', 'W/"abcdef"', 'W/"abcdef"'),
  matched('conditional-etag-strong-respond-multiple-first', 'optimal', '"abcdef"', '"abcdef", "1234", "5678"'),
  matched('conditional-etag-strong-respond-multiple-second', 'optimal', '"abcdef"', '"1234", "abcdef", "5678"'),
  matched('conditional-etag-strong-respond-multiple-last', 'optimal', '"abcdef"', '"1234", "5678", "abcdef"'),
  {
    id: 'conditional-etag-vary-headers',
    kind: 'required',
    steps: [
      { ask: { abc: '123' }, reply: { fields: { expires: 1, etag: '"abcdef"', date: 0, vary: 'Abc' } }, pass: 3 },
      { ask: { abc: '123' }, from: 'validated by etag', sent: { abc: '123' } }
    ]
  },
  {
    id: 'conditional-etag-vary-headers-mismatch',
    kind: 'check',
    steps: [
      { ask: { abc: '123' }, reply: { fields: { ...FRESH, etag: '"abcdef"', vary: 'Abc' } }, pass: 3 },
      { ask: { abc: '456' }, from: 'upstream', sent: { 'if-none-match': undefined } }
    ]
  },
  generated('conditional-etag-strong-generate', 'optimal', '"abcdef"'),
  generated('conditional-etag-weak-generate-weak', 'optimal', 'W/"abcdef"'),
  {
    id: 'conditional-etag-forward',
    kind: 'check',
    steps: [{ ask: { 'if-none-match': '"abcdef"' }, from: 'upstream', sent: { 'if-none-match': undefined } }]
  },
  since('conditional-lm-fresh', { ...LONG, 'last-modified': -3_000 }, -2_999),
  since('conditional-lm-fresh-earlier', { ...LONG, 'last-modified': -3_000 }, -2_000),
  since('conditional-lm-stale', { 'cache-control': 'max-age=2', 'last-modified': -3_000 }, -2_999, 'validated by date'),
  since('conditional-lm-fresh-no-lm', LONG, 1),
  since('conditional-lm-fresh-rfc850', { ...LONG, 'last-modified': -86_400 }, 'Thursday, 18-Aug-50 02:01:18 GMT'),

  // A part of what is stored.
  ...(
    [
      ['partial-store-complete-reuse-partial', 'bytes=0-1', '01'],
      ['partial-store-complete-reuse-partial-no-last', 'bytes=5-', '56789A'],
      ['partial-store-complete-reuse-partial-suffix', 'bytes=-1', 'A']
    ] as const
  ).map(
    ([id, range, text]): Case => ({
      id,
      kind: 'optimal',
      steps: [{ reply: { fields: LONG, body: '0123456789A' } }, { ask: { range }, from: 'cache', status: 206, text }]
    })
  ),
  {
    id: 'partial-use-headers',
    kind: 'required',
    steps: [
      { reply: { fields: { ...LONG, a: '1' }, body: '0123456789A' } },
      { ask: { range: 'bytes=0-1' }, from: 'cache', status: 206, text: '01', has: { a: '1' } }
    ]
  },
  {
    id: 'partial-use-stored-headers',
    kind: 'required',
    steps: [
      { reply: { fields: { ...LONG, 'test-header': 'A' }, body: '0123456789A' } },
      {
        ask: { range: 'bytes=9-' },
        from: 'cache',
        status: 206,
        has: { 'test-header': 'A', 'content-range': 'bytes 9-10/11' }
      }
    ]
  },
  ...(['', 'W/'] as const).map(
    (prefix): Case => ({
      id: `own-304-keeps-body${prefix === '' ? '' : '-weak'}`,
      kind: 'required',
      steps: [
        { reply: { fields: { 'cache-control': 'max-age=2', etag: `${prefix}"one"` }, body: 'the body' }, pass: 3 },
        { from: 'validated by etag', status: 200, text: 'the body' }
      ]
    })
  )
]
