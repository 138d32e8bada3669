import { type Case, type Fields, FRESH } from './case.js'

const varied = (vary: string | readonly string[]): Fields => ({
  'cache-control': 'max-age=5000',
  'last-modified': -3_000,
  date: 0,
  vary
})

/** Whether a reply that varies so, to a request with `first`, answers one with `then`. */
function second(
  id: string,
  kind: Case['kind'],
  vary: string | readonly string[],
  [first, then]: readonly [Fields, Fields],
  from: 'cache' | 'upstream'
): Case {
  return {
    id,
    kind,
    steps: [
      { ask: first, reply: { fields: varied(vary) }, pass: 3 },
      { ask: then, from }
    ]
  }
}

const TWO = { foo: '1', bar: 'abc' }
const THREE = { ...TWO, baz: '789' }
const STAR: readonly [Fields, Fields] = [
  { foo: '1', baz: '789' },
  { foo: '1', baz: '789' }
]

export const VARIANTS: readonly Case[] = [
  second('vary-match', 'optimal', 'Foo', [{ foo: '1' }, { foo: '1' }], 'cache'),
  second('vary-no-match', 'required', 'Foo', [{ foo: '1' }, { foo: '2' }], 'upstream'),
  second('vary-omit-stored', 'required', 'Foo', [{}, { foo: '1' }], 'upstream'),
  second('vary-omit', 'required', 'Foo', [{ foo: '1' }, {}], 'upstream'),
  {
    id: 'vary-invalidate',
    kind: 'optimal',
    steps: [
      { ask: { foo: '1' }, reply: { fields: varied('Foo'), body: 'foo_1' } },
      { ask: { foo: '2' }, reply: { fields: varied('Foo'), body: 'foo_2' }, from: 'upstream', text: 'foo_2' },
      { ask: { foo: '1' }, from: 'cache', text: 'foo_1' }
    ]
  },
  second(
    'vary-cache-key',
    'optimal',
    'Foo',
    [
      { foo: '1', other: '2' },
      { foo: '1', other: '3' }
    ],
    'cache'
  ),
  second('vary-2-match', 'optimal', 'Foo, Bar', [TWO, TWO], 'cache'),
  second('vary-2-no-match', 'required', 'Foo, Bar', [TWO, { ...TWO, foo: '2' }], 'upstream'),
  second('vary-2-match-omit', 'optimal', 'Foo, Bar', [{ foo: '1' }, { foo: '1' }], 'cache'),
  second('vary-3-match', 'optimal', 'Foo, Bar, Baz', [THREE, THREE], 'cache'),
  second('vary-3-no-match', 'required', 'Foo, Bar, Baz', [THREE, { ...THREE, foo: '2' }], 'upstream'),
  second('vary-3-order', 'required', 'Foo, Bar, Baz', [{ ...THREE, bar: 'abc4' }, THREE], 'upstream'),
  second(
    'vary-3-omit',
    'optimal',
    'Foo, Bar, Baz',
    [
      { foo: '1', baz: '789' },
      { foo: '1', baz: '789' }
    ],
    'cache'
  ),
  second('vary-star', 'required', '*', STAR, 'upstream'),
  second('vary-normalise-space', 'check', 'Foo', [{ foo: '1,2' }, { foo: ' 1, 2 ' }], 'cache'),
  second('vary-normalise-combine', 'check', 'Foo', [{ foo: '1, 2' }, { foo: ['1', '2'] }], 'cache'),
  second(
    'vary-normalise-lang-order',
    'check',
    'Accept-Language',
    [{ 'accept-language': 'en, de' }, { 'accept-language': 'de, en' }],
    'upstream'
  ),
  second(
    'vary-normalise-lang-case',
    'check',
    'Accept-Language',
    [{ 'accept-language': 'en, de' }, { 'accept-language': 'eN, De' }],
    'upstream'
  ),
  second(
    'vary-normalise-lang-space',
    'check',
    'Accept-Language',
    [{ 'accept-language': 'en, de' }, { 'accept-language': ' en ,   de' }],
    'cache'
  ),

  // How Vary is read.
  second('vary-syntax-star', 'required', '*', STAR, 'upstream'),
  second('vary-syntax-star-star', 'required', '*, *', STAR, 'upstream'),
  second('vary-syntax-star-star-lines', 'required', ['*', '*'], STAR, 'upstream'),
  second('vary-syntax-empty-star', 'required', ', *', STAR, 'upstream'),
  second('vary-syntax-empty-star-lines', 'required', ['', '*'], STAR, 'upstream'),
  second('vary-syntax-star-foo', 'required', '*, Foo', STAR, 'upstream'),
  second('vary-syntax-foo-star', 'required', 'Foo, *', STAR, 'upstream'),

  // The URL
  {
    id: 'query-args-different',
    kind: 'required',
    steps: [
      { suffix: '?test=1', reply: { fields: FRESH } },
      { suffix: '?test=2', from: 'upstream' }
    ]
  },
  {
    id: 'query-args-same',
    kind: 'optimal',
    steps: [
      { suffix: '?test=1', reply: { fields: FRESH } },
      { suffix: '?test=1', from: 'cache' }
    ]
  },
  {
    id: 'other-cookie',
    kind: 'optimal',
    steps: [{ reply: { fields: { 'cache-control': 'max-age=3600' } } }, { ask: { cookie: 'a=b' }, from: 'cache' }]
  }
]
