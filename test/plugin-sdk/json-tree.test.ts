import fc from 'fast-check'
import t from 'tap'
import { fixtureGuest } from './guest.js'
import { accepts, nearJson } from './near-json.js'

const SAME = 17
const DISTURB = 18
const FIND = 19

const guest = await fixtureGuest('tools')

const text = fc.string({ unit: 'binary' })
const value = fc.letrec(tie => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, '', [], {}, '\\u0041', '"'),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(tie('json'), { maxLength: 6 }),
    fc.dictionary(text, tie('json'), { maxKeys: 6 })
  )
})).json

t.test('what nobody changed is written as it was, byte for byte', async t => {
  fc.assert(
    fc.property(value, fc.constantFrom(0, 1, '\t\n'), (json, indent) => {
      const text = JSON.stringify(json, null, indent)
      return guest.tool(SAME, ` ${text}\n`)?.toString() === text
    }),
    { numRuns: 1000 }
  )
  t.equal(guest.tool(SAME, '{"a":1.0,"a":"\\u0041"}')?.toString(), '{"a":1.0,"a":"\\u0041"}')
  t.equal(guest.tool(SAME, '\ufeff[1]')?.toString(), '[1]', 'a byte order mark is no part of it')
})

t.test('whatever is changed and changed back has the same members in the same order', async t => {
  fc.assert(
    fc.property(value, fc.constantFrom(0, 1, '\t\n'), (json, indent) => {
      return guest.tool(DISTURB, JSON.stringify(json, null, indent))?.toString() === JSON.stringify(json)
    }),
    { numRuns: 2000 }
  )
  t.pass('2000 values')
})

t.test('it takes what JSON.parse takes, and nothing traps', async t => {
  fc.assert(
    fc.property(nearJson, bytes => {
      const accepted = accepts(new TextDecoder().decode(bytes))
      return (guest.tool(DISTURB, bytes) !== undefined) === accepted
    }),
    { numRuns: 10_000 }
  )
  t.pass('10000 inputs')
})

t.test('a pointer finds what JSON.parse would give, whatever the keys', async t => {
  const keys = fc.array(text, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(keys, text, fc.dictionary(text, value, { maxKeys: 4 }), (path, leaf, beside) => {
      const json = path.reduceRight<unknown>((below, key) => ({ ...beside, [key]: below }), leaf)
      const pointer = path.map(key => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
      if (pointer.includes('\n')) return true
      return guest.tool(FIND, `${pointer}\n${escaped(JSON.stringify(json))}`)?.toString() === leaf
    }),
    { numRuns: 2000 }
  )
  const find = (pointer: string, json: string) => guest.tool(FIND, `${pointer}\n${json}`)?.toString()
  t.equal(find('', ' [1] '), '[1]')
  t.equal(find('/a/1/b', '{"a":[0,{"b":"x\\n"}]}'), 'x\n')
  t.equal(find('/a', '{"a":1,"\\u0061":2}'), '2', 'of two members the last one counts')
  for (const pointer of ['/a/2', '/a/-', '/a/01', '/a/x', '/a/0/0', '/b', 'a', '/~2', '/~']) {
    t.equal(find(pointer, '{"a":[0,1]}'), undefined, pointer)
  }
})

t.test('nesting is read 128 deep and no deeper', async t => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  t.equal(guest.tool(DISTURB, nested(128))?.length, 256)
  t.equal(guest.tool(SAME, nested(129)), undefined)
  t.equal(guest.tool(SAME, nested(100_000)), undefined)
})

/** Some of the letters as escapes: the same text in other bytes. */
function escaped(json: string): string {
  return json.replace(/(?<!\\)[ghijkoß]/g, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
