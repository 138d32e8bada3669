import { type Case, FRESH, type Step } from './case.js'

const METHODS = ['POST', 'PUT', 'DELETE', 'M-SEARCH']

/** Whether a request that may change something takes out what is stored, there and where its reply points. */
function invalidations(method: string): Case[] {
  const target = (field: 'location' | 'content-location'): Step[] => [
    { suffix: '/there', reply: { fields: FRESH } },
    { method, reply: { fields: { [field]: `invalidate-${method}-${field === 'location' ? field : 'cl'}/there` } } },
    { suffix: '/there', from: 'upstream' }
  ]
  return [
    {
      id: `invalidate-${method}`,
      kind: 'required',
      steps: [{ reply: { fields: FRESH } }, { method, from: 'upstream' }, { from: 'upstream' }]
    },
    {
      id: `invalidate-${method}-failed`,
      kind: 'optimal',
      steps: [{ reply: { fields: FRESH } }, { method, reply: { status: 500 }, from: 'upstream' }, { from: 'cache' }]
    },
    { id: `invalidate-${method}-location`, kind: 'required', steps: target('location') },
    { id: `invalidate-${method}-cl`, kind: 'required', steps: target('content-location') }
  ]
}

const stale = (control: string): Step => ({ reply: { fields: { 'cache-control': control } }, pass: 3 })

/** A stale reply that must not be used, though the upstream breaks the connection and the route would allow it. */
function forbidden(control: string): Case {
  return {
    id: `stale-close-${control}`,
    kind: 'required',
    route: 'lenient',
    steps: [stale(`max-age=2, ${control}`), { reply: 'cut', from: 'upstream', status: 502 }]
  }
}

export const CHANGES: readonly Case[] = [
  ...METHODS.flatMap(invalidations),

  // Used when the upstream fails: where the reply or the route says so, and not without.
  {
    id: 'stale-close',
    kind: 'check',
    steps: [stale('max-age=2'), { reply: 'cut', from: 'upstream', status: 502 }]
  },
  {
    id: 'stale-503',
    kind: 'check',
    route: 'lenient',
    steps: [stale('max-age=2'), { reply: { status: 503 }, from: 'upstream', status: 200 }]
  },
  {
    id: 'stale-sie-close',
    kind: 'check',
    steps: [stale('max-age=2, stale-if-error=60'), { reply: 'cut', from: 'upstream', status: 200 }]
  },
  {
    id: 'stale-sie-503',
    kind: 'check',
    steps: [stale('max-age=2, stale-if-error=60'), { reply: { status: 503 }, from: 'upstream', status: 200 }]
  },
  {
    id: 'stale-while-revalidate',
    kind: 'optimal',
    steps: [
      { reply: { fields: { 'cache-control': 'max-age=1, stale-while-revalidate=3600', etag: '"abc"' } }, pass: 3 },
      { status: 200, has: { etag: '"abc"', 'cache-status': /stale-while-revalidate/ } }
    ]
  },
  {
    id: 'stale-while-revalidate-window',
    kind: 'required',
    steps: [
      { reply: { fields: { 'cache-control': 'max-age=1, stale-while-revalidate=4', etag: '"abc"' } }, pass: 6 },
      { from: 'validated by etag' }
    ]
  },
  {
    id: 'stale-if-error-cc-response',
    kind: 'check',
    steps: [
      { reply: { fields: { 'cache-control': 'max-age=0, stale-if-error=3600' } } },
      { reply: { status: 500 }, from: 'upstream', status: 200 }
    ]
  },
  {
    id: 'stale-if-error-cc-response-expired',
    kind: 'required',
    steps: [stale('max-age=0, stale-if-error=1'), { reply: { status: 500 }, from: 'upstream', status: 500 }]
  },
  {
    id: 'stale-if-error-cc-request',
    kind: 'check',
    steps: [
      { reply: { fields: { 'cache-control': 'max-age=0' } } },
      { ask: { 'cache-control': 'stale-if-error=3600' }, reply: { status: 500 }, from: 'upstream', status: 500 }
    ]
  },
  {
    id: 'stale-if-error-cc-request-expired',
    kind: 'required',
    steps: [
      stale('max-age=0'),
      { ask: { 'cache-control': 'stale-if-error=1' }, reply: { status: 500 }, from: 'upstream', status: 500 }
    ]
  },
  forbidden('must-revalidate'),
  forbidden('proxy-revalidate'),
  forbidden('no-cache'),
  forbidden('s-maxage=2'),

  // HEAD
  {
    id: 'head-writethrough',
    kind: 'check',
    steps: [stale('max-age=2'), { method: 'HEAD', from: 'upstream', sent: { ':method': 'HEAD' } }]
  }
]
