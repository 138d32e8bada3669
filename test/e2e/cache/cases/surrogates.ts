import { type Case, type Fields, fetched, reused } from './case.js'

/** The same cases for both headers: `cdn-…` of the suite "CDN-Cache-Control" and `surrogate-…` of the older "Surrogate-Control". */
function targeted(prefix: string, name: string): Case[] {
  const says = (value: string): Fields => ({ [name]: value })
  const cc = (value: string): Fields => ({ 'cache-control': value })
  const later = { expires: 10_000, date: 0 }
  return [
    reused(`${prefix}-max-age`, 'optimal', says('max-age=3600')),
    fetched(`${prefix}-max-age-age`, 'required', { date: 0, ...says('max-age=3600'), age: '7200' }),
    fetched(`${prefix}-max-age-space-before-equals`, 'check', { ...cc('max-age=1'), ...says('max-age =100') }),
    fetched(`${prefix}-max-age-space-after-equals`, 'check', { ...cc('max-age=1'), ...says('max-age= 100') }),
    fetched(`${prefix}-max-age-0`, 'required', says('max-age=0')),
    reused(`${prefix}-max-age-extension`, 'optimal', says('foobar, max-age=3600')),
    reused(`${prefix}-max-age-expires`, 'optimal', { ...says('max-age=3600'), expires: -10_000, date: 0 }),
    reused(`${prefix}-max-age-cc-max-age-invalid-expires`, 'optimal', {
      ...says('max-age=3600'),
      expires: '0',
      date: 0
    }),
    fetched(`${prefix}-max-age-0-expires`, 'required', { ...says('max-age=0'), ...later }),
    reused(`${prefix}-max-age-short-cc-max-age`, 'optimal', { ...cc('max-age=1'), ...says('max-age=3600') }),
    fetched(`${prefix}-max-age-long-cc-max-age`, 'required', { ...cc('max-age=3600'), ...says('max-age=1') }),
    fetched(`${prefix}-no-store-cc-fresh`, 'required', { ...cc('max-age=10000'), ...says('no-store'), ...later })
  ]
}

export const SURROGATES: readonly Case[] = [
  ...targeted('cdn', 'cdn-cache-control'),
  ...targeted('surrogate', 'surrogate-control'),
  reused('cdn-max-age-max', 'optimal', { 'cdn-cache-control': 'max-age=2147483648' }),
  reused('cdn-max-age-max-plus', 'optimal', { 'cdn-cache-control': 'max-age=99999999999' }),
  fetched('cdn-max-age-case-insensitive', 'check', { 'cdn-cache-control': 'MaX-aGe=3600' }),
  reused('surrogate-max-age-case-insensitive', 'check', { 'surrogate-control': 'MaX-aGe=3600' }),
  fetched('surrogate-no-store', 'required', { 'surrogate-control': 'no-store' }),
  fetched('cdn-private', 'required', {
    'cdn-cache-control': 'private',
    'cache-control': 'max-age=10000',
    expires: 10_000,
    date: 0
  }),
  fetched('cdn-no-cache', 'required', {
    'cdn-cache-control': 'no-cache',
    'cache-control': 'max-age=10000',
    expires: 10_000,
    date: 0
  }),
  reused('cdn-fresh-cc-nostore', 'optimal', { 'cache-control': 'no-store', 'cdn-cache-control': 'max-age=10000' }),
  fetched('cdn-cc-invalid-sh-type-unknown', 'check', {
    'cdn-cache-control': 'max-age=10000, &&&&&',
    'cache-control': 'no-store'
  }),
  fetched('cdn-cc-invalid-sh-type-wrong', 'check', {
    'cdn-cache-control': 'max-age="10000"',
    'cache-control': 'no-store'
  }),
  {
    id: 'cdn-remove-header',
    kind: 'check',
    steps: [
      {
        reply: { fields: { 'cache-control': 'max-age=10000', 'cdn-cache-control': 'foo', expires: 10_000, date: 0 } },
        has: { 'cdn-cache-control': 'foo' }
      }
    ]
  }
]
