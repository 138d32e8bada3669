import t from 'tap'
import { sample } from '../../../core/cli/mock/sample.js'

const node = {
  type: 'object',
  properties: { value: { type: 'number' }, next: { $ref: '#/$defs/node' } },
  required: ['value']
}

for (const [what, schema, expected] of [
  [
    'a string has the name of its property',
    { type: 'object', properties: { city: { type: 'string' } } },
    { city: 'city' }
  ],
  ['lengths hold', { type: 'string', minLength: 8, maxLength: 9 }, 'valuexxx'],
  ['a long name is cut', { type: 'string', maxLength: 2 }, 'va'],
  ['formats are known', { type: 'string', format: 'date-time' }, '2026-01-01T00:00:00Z'],
  ['enum', { enum: ['a', 'b'] }, 'a'],
  ['const', { const: null }, null],
  ['default', { type: 'integer', default: 5 }, 5],
  ['bounds of a whole number', { type: 'integer', exclusiveMinimum: 2, maximum: 4 }, 3],
  ['a number of which only the greatest is said', { type: 'integer', maximum: -5 }, -5],
  ['multiples', { type: 'integer', minimum: 7, multipleOf: 5 }, 10],
  ['a fraction may be the least', { type: 'number', minimum: 0.5 }, 0.5],
  ['one of several types, not null', { type: ['null', 'boolean'] }, true],
  ["Gemini's types in capitals", { type: 'OBJECT', properties: { n: { type: 'INTEGER' } } }, { n: 1 }],
  ['a list has as many as it must', { type: 'array', items: { type: 'boolean' }, minItems: 2 }, [true, true]],
  ['a list may have to be empty', { type: 'array', maxItems: 0 }, []],
  ['a tuple', { type: 'array', prefixItems: [{ const: 1 }, { const: 'x' }] }, [1, 'x']],
  ['anyOf', { anyOf: [{ type: 'null' }, { type: 'string' }] }, null],
  ['allOf', { allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] }, { a: 1, b: 2 }],
  [
    '$ref',
    { $defs: { a: { const: 'found' } }, type: 'object', properties: { x: { $ref: '#/$defs/a' } } },
    { x: 'found' }
  ],
  ['no schema', undefined, 'value'],
  ['an object without properties', { type: 'object' }, {}]
] as const) {
  t.test(`a sample: ${what}`, async t => t.strictSame(sample(schema), expected))
}

t.test('a schema that refers to itself ends', async t => {
  let depth = 0
  for (let at: unknown = sample({ $defs: { node }, ...node }); typeof at === 'object' && at !== null; depth++) {
    t.hasProps(at, ['value'])
    at = 'next' in at ? at.next : undefined
  }
  t.ok(depth > 1 && depth < 20, `${depth} deep`)
})
