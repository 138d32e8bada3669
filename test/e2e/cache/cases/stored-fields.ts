import type { Case, Fields } from './case.js'

/** A field of a stored reply comes with it when it is used. */
function stored(name: string, value: string, yes = true): Case {
  return {
    id: `headers-store-${name}`,
    kind: 'check',
    steps: [
      { reply: { fields: { [name.toLowerCase()]: value, 'cache-control': 'max-age=3600', date: 0 } }, pass: 3 },
      { from: 'cache', ...(yes ? { has: { [name.toLowerCase()]: value } } : { lacks: [name.toLowerCase()] }) }
    ]
  }
}

/** A field that a 304 has another value for: in the reply to whoever caused it, and in those after it. */
function updated(name: string, before: string, after: string): Case[] {
  const field = name.toLowerCase()
  return (['lm', 'etag'] as const).flatMap(by => {
    const validator: Fields = by === 'etag' ? { etag: '"one"' } : { 'last-modified': 'Wed, 01 Jan 2020 00:00:00 GMT' }
    const from = by === 'etag' ? 'validated by etag' : 'validated by date'
    const reply = (seconds: number, value: string): { fields: Fields } => ({
      fields: { 'cache-control': `max-age=${seconds}`, date: 0, ...validator, [field]: value }
    })
    const first = { reply: reply(1, before), pass: 3 }
    const second = { reply: reply(3_600, after), from, has: { [field]: after } } as const
    return [
      { id: `304-${by}-update-response-${name}`, kind: 'required', steps: [first, second] },
      {
        id: `304-${by}-update-stored-${name}`,
        kind: 'required',
        steps: [first, { ...second, pass: 3 }, { from: 'cache', has: { [field]: after } }]
      }
    ] satisfies Case[]
  })
}

export const STORED_FIELDS: readonly Case[] = [
  stored('Test-Header', 'a value'),
  stored('X-Test-Header', 'a value'),
  stored('Content-Foo', 'a value'),
  stored('X-Content-Foo', 'a value'),
  stored('Content-Encoding', 'identity'),
  stored('Content-Location', '/foo'),
  stored('Content-MD5', 'rL0Y20zC+Fzt72VPzMSk2A=='),
  stored('Content-Security-Policy', "default-src 'self'"),
  stored('Content-Type', 'text/plain'),
  stored('Clear-Site-Data', 'cookies'),
  stored('ETag', '"abcdef"'),
  stored('Expires', 'Fri, 01 Jan 2038 01:01:01 GMT'),
  stored('Public-Key-Pins', 'a value'),
  stored('Strict-Transport-Security', 'a value'),
  stored('WWW-Authenticate', 'a value'),
  stored('X-Frame-Options', 'deny'),
  stored('X-XSS-Protection', '1'),
  stored('Keep-Alive', 'a value', false),
  stored('Proxy-Authenticate', 'a value', false),
  stored('Proxy-Authentication-Info', 'a value', false),
  stored('Proxy-Authorization', 'a value', false),
  stored('Proxy-Connection', 'a value', false),
  stored('TE', 'a value', false),
  {
    id: 'headers-omit-headers-listed-in-Connection',
    kind: 'required',
    steps: [
      {
        reply: {
          fields: { connection: 'a, b', a: '1', b: '2', c: '3', 'cache-control': 'max-age=3600', date: 0 }
        },
        pass: 3
      },
      { from: 'cache', has: { c: '3' }, lacks: ['a', 'b'] }
    ]
  },
  {
    id: '304-lm-use-stored-Test-Header',
    kind: 'required',
    steps: [
      {
        reply: {
          fields: {
            'cache-control': 'max-age=1',
            'last-modified': 'Wed, 01 Jan 2020 00:00:00 GMT',
            date: 0,
            'test-header': 'A'
          }
        },
        pass: 3
      },
      {
        reply: {
          fields: { 'cache-control': 'max-age=3600', 'last-modified': 'Wed, 01 Jan 2020 00:00:00 GMT', date: 0 }
        },
        from: 'validated by date',
        has: { 'test-header': 'A' }
      }
    ]
  },
  ...updated('Test-Header', 'A', 'B'),
  ...updated('X-Test-Header', 'A', 'B'),
  ...updated('Content-Foo', 'A', 'B'),
  ...updated('X-Content-Foo', 'A', 'B'),
  ...updated('Cache-Control', 'max-age=1', 'max-age=3600'),
  ...updated('Content-Location', '/foo', '/bar'),
  ...updated('Content-MD5', 'rL0Y20zC+Fzt72VPzMSk2A==', 'N7UdGUp1E+RbVvZSTy1R8g=='),
  ...updated('Content-Security-Policy', "default-src 'self'", "default-src 'self' cdn.example.com"),
  ...updated('Content-Type', 'text/plain', 'text/plain;charset=utf-8'),
  ...updated('Clear-Site-Data', 'cache', 'cookies'),
  ...updated('Expires', 'Fri, 01 Jan 2038 01:01:01 GMT', 'Mon, 11 Jan 2038 11:11:11 GMT'),
  ...updated('Public-Key-Pins', 'A', 'B'),
  ...updated('X-Frame-Options', 'deny', 'sameorigin'),
  ...updated('X-XSS-Protection', '1', '1; mode=block'),

  // Age
  {
    id: 'other-age-gen',
    kind: 'required',
    steps: [
      { reply: { fields: { expires: 2_592_000, date: 0 } }, pass: 3 },
      { from: 'cache', has: { age: /^[345]$/ } }
    ]
  },
  {
    id: 'other-age-update-expires',
    kind: 'required',
    steps: [
      { reply: { fields: { expires: 2_592_000, date: 0, age: '30' } }, pass: 3 },
      { from: 'cache', has: { age: /^3[345]$/ } }
    ]
  },
  {
    id: 'other-age-update-max-age',
    kind: 'required',
    steps: [
      { reply: { fields: { 'cache-control': 'max-age=600', date: 0, age: '30' } }, pass: 3 },
      { from: 'cache', has: { age: /^3[345]$/ } }
    ]
  },
  {
    id: 'own-age-counts',
    kind: 'required',
    steps: [
      { reply: { fields: { 'cache-control': 'max-age=3600', date: 0, age: '3000' } }, pass: 700 },
      { from: 'upstream' }
    ]
  }
]
