import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { fixtureGuest } from './guest.js'
import { accepts, nearJson } from './near-json.js'

const COPY = 0
const REBUILD = 1
const QUOTE = 13
const INTEGER = 14
const IS = 24
const SCRATCH = 25

const guest = await fixtureGuest('tools')

const wellFormed = fc.string({ unit: 'binary' })
const value = fc.letrec(tie => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, '', [], {}),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    wellFormed,
    fc.array(tie('json'), { maxLength: 6 }),
    fc.dictionary(wellFormed, tie('json'), { maxKeys: 6 })
  )
})).json

t.test('any JSON value is copied without a change', async t => {
  fc.assert(
    fc.property(value, fc.boolean(), (json, pretty) => {
      const text = JSON.stringify(json, null, pretty ? 2 : 0)
      return guest.tool(COPY, text)?.toString() === JSON.stringify(json)
    }),
    { numRuns: 2000 }
  )
  t.pass('2000 values')
})

t.test('any JSON value can be taken apart and put together again', async t => {
  fc.assert(
    fc.property(value, json => {
      const copy = guest.tool(REBUILD, JSON.stringify(json))?.toString() ?? 'undefined'
      return isDeepStrictEqual(JSON.parse(copy), JSON.parse(JSON.stringify(json)))
    }),
    { numRuns: 1000 }
  )
  t.pass('1000 values')
})

t.test('any double keeps its value through the parser and the writer', async t => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), number => {
      const text = JSON.stringify(number)
      return Object.is(Number(guest.tool(REBUILD, text)?.toString()), Number(text))
    }),
    { numRuns: 20_000 }
  )
  t.pass('20000 doubles')
})

t.test('any decimal number is read as the nearest double', async t => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 40 })
  const decimal = fc
    .tuple(fc.nat({ max: 9 }), digits, fc.integer({ min: -345, max: 310 }))
    .map(([first, rest, exponent]) => `${first}.${rest}e${exponent}`)
  fc.assert(
    fc.property(decimal, text => readsAs(text)),
    { numRuns: 5000 }
  )
  const halfway = `0.${'0'.repeat(323)}2470328229206232720882843964341106861825299013071623822127928412503377536351043`
  for (const text of [
    '5e-324',
    '2.4703282292062327e-324',
    '2.4703282292062328e-324',
    halfway,
    '2.2250738585072011e-308',
    '2.2250738585072014e-308',
    '1.7976931348623157e308',
    '1.7976931348623158e308',
    '9007199254740993',
    '9007199254740992.999',
    `9007199254740993.${'0'.repeat(900)}1`,
    `1${'0'.repeat(900)}e-900`,
    '0e99999999999',
    '1.7976931348623159e308',
    '-0.0'
  ]) {
    t.ok(readsAs(text), text.slice(0, 40))
  }
})

t.test('what JSON.parse refuses is refused, what it accepts is accepted, and nothing traps', async t => {
  fc.assert(
    fc.property(nearJson, bytes => {
      const copied = guest.tool(COPY, bytes)?.toString()
      const accepted = accepts(new TextDecoder().decode(bytes))
      return accepted ? copied !== undefined && accepts(copied) : copied === undefined
    }),
    { numRuns: 5000 }
  )
  t.pass('5000 inputs')
})

t.test('a text is read in the memory of the one before as in its own', async t => {
  fc.assert(
    fc.property(
      fc.oneof(
        value.map(json => Buffer.from(JSON.stringify(json))),
        nearJson
      ),
      bytes => {
        const fresh = guest.tool(REBUILD, bytes)
        const again = guest.tool(SCRATCH, bytes)
        return fresh === undefined ? again === undefined : again?.equals(fresh) === true
      }
    ),
    { numRuns: 5000 }
  )
  const large = JSON.stringify(Array.from({ length: 2000 }, (_, i) => ({ a: [i] })))
  for (const text of [large, '[1]', large, '{"a":"b"}']) t.equal(guest.tool(SCRATCH, text)?.toString(), text)
})

t.test('numbers nobody touched keep every digit', async t => {
  const text = '[12345678901234567890123,0.1000,-0,1E400]'
  t.equal(guest.tool(COPY, ` ${text} `)?.toString(), text)
})

t.test('whole numbers are exact up to 64 bits', async t => {
  const cases: [string, string][] = [
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['9223372036854775808', '-1'],
    ['99999999999999999999', '-1'],
    ['-7', '-7'],
    ['1e3', '1000'],
    ['5.0', '5'],
    ['5.5', '-1'],
    ['"5"', '-1']
  ]
  for (const [text, expected] of cases) t.equal(guest.tool(INTEGER, text)?.toString(), expected, text)
})

t.test('escapes, surrogate pairs and lone surrogates are read', async t => {
  const rebuilt = (text: string) => guest.tool(REBUILD, text)?.toString()
  t.equal(rebuilt('"\\u0041\\n\\/\\"\\\\\\b\\f\\t\\r"'), '"A\\n/\\"\\\\\\b\\f\\t\\r"')
  t.equal(rebuilt('"\\ud83d\\ude00"'), '"😀"')
  t.equal(rebuilt('"\\ud83d"'), '"\ufffd"')
  t.equal(rebuilt('"\\ude00\\ud83d\\u0041"'), '"\ufffd\ufffdA"')
  t.equal(rebuilt('"\\ud83d\\ud83d\\ude00"'), '"\ufffd😀"')
  t.equal(rebuilt('"\\u0000"'), '"\\u0000"')
})

t.test('a string is quoted as JSON.stringify does it', async t => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => guest.tool(QUOTE, text)?.toString() === JSON.stringify(text))
  )
  t.pass('all quoted')
})

t.test('a document too deep or with too many values is refused, not a trap', async t => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  t.equal(guest.tool(COPY, nested(128))?.length, 256)
  t.equal(guest.tool(COPY, nested(129)), undefined)
  t.equal(guest.tool(COPY, nested(100_000)), undefined)
  t.equal(guest.tool(COPY, `[${'1,'.repeat(32_766)}1]`)?.length, 65_535)
  t.equal(guest.tool(COPY, `[${'1,'.repeat(32_767)}1]`), undefined)
})

function readsAs(text: string): boolean {
  // What is too large for a double is infinite, which is written as null; JSON.stringify has both rules too.
  const written = guest.tool(REBUILD, text)?.toString()
  return JSON.stringify(JSON.parse(written ?? '"nothing"')) === JSON.stringify(JSON.parse(text))
}

t.test('a text is compared without being made, however it is written', async t => {
  const letter = fc.constantFrom('a', '\\', 'n', '"', '\n', 'u0061', '\u00e9', '\u20ac', '\u{1f600}')
  const texts = fc.array(letter, { maxLength: 4 }).map(letters => letters.join(''))
  const escaped = (text: string) => JSON.stringify(text).replace(/[a\u00e9]/g, unit => unicodeEscape(unit))
  fc.assert(
    fc.property(texts, texts, fc.boolean(), (one, other, alike) => {
      const [a, b] = [one, alike ? one : other]
      return [JSON.stringify(a), escaped(a)].every(written => {
        const answer = guest.tool(IS, `[${written},${JSON.stringify(b)}]`)
        return answer !== undefined && answer.length > 0 === (a === b)
      })
    }),
    { numRuns: 5000 }
  )
  t.pass('5000 pairs')
})

t.test('a key is what this document has, not what another had in its place', async t => {
  const keys = ['a\\nb', 'a\nb', 'ab', 'ac', 'a', '', 'a\u00e9', 'x'.repeat(32), 'x'.repeat(33), `${'x'.repeat(31)}y`]
  for (const before of keys) {
    for (const key of keys) {
      guest.tool(REBUILD, JSON.stringify({ [before]: 1 }))
      const text = JSON.stringify({ [key]: 1 })
      t.equal(guest.tool(REBUILD, text)?.toString(), text, `${before}, then ${key}`)
    }
  }
})

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
