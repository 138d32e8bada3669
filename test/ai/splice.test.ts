import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { splice, topMembers } from '../../core/ai/splice.js'

const spliced = (text: string, edits: Parameters<typeof splice>[1]): string =>
  splice(Buffer.from(text), edits).toString()

t.test('a member is changed where it stands, and every other byte stays', async t => {
  const body = '{ "a" : 1.0e2,\n "model":"fast" , "x":{"model":"no"},"s":"\\"model\\":1" }'
  t.equal(
    spliced(body, { set: { model: 'gpt-5' } }),
    '{ "a" : 1.0e2,\n "model":"gpt-5" , "x":{"model":"no"},"s":"\\"model\\":1" }'
  )
})

t.test('a member that is not there is added at the end', async t => {
  t.equal(spliced('{"a":1}', { set: { b: { c: true } } }), '{"a":1,"b":{"c":true}}')
  t.equal(spliced('{ }', { set: { b: 2 } }), '{ "b":2}')
})

t.test('a member that is there twice is changed twice: which of them counts is the provider’s affair', async t => {
  t.equal(spliced('{"model":"a","model":"b"}', { set: { model: 'c' } }), '{"model":"c","model":"c"}')
})

t.test('a name with escapes is the name it stands for', async t => {
  t.equal(spliced('{"mod\\u0065l":"a"}', { set: { model: 'c' } }), '{"mod\\u0065l":"c"}')
})

const member = fc.constantFrom('model', 'stream', 'a', 'b"c', 'é', 'messages', '')
const object = fc.dictionary(member, fc.jsonValue(), { maxKeys: 6 })
const spaced = fc.constantFrom(undefined, 1, '\t')

t.test('what comes out is what setting and removing the members would make', async () => {
  fc.assert(
    fc.property(object, fc.dictionary(member, fc.jsonValue()), fc.array(member), spaced, (before, set, cut, space) => {
      const remove = cut.filter(name => !Object.hasOwn(set, name))
      const expected: Record<string, unknown> = { ...before, ...set }
      for (const name of remove) delete expected[name]
      const text = JSON.stringify(before, undefined, space)
      return JSON.stringify(sorted(JSON.parse(spliced(text, { set, remove })))) === JSON.stringify(sorted(expected))
    })
  )
})

t.test('who has parsed the object gets the same with less work', async () => {
  const end = fc.constantFrom('', ' ', '\r\n\t')
  fc.assert(
    fc.property(object, fc.dictionary(member, fc.jsonValue()), spaced, end, (before, set, space, spaces) => {
      const text = JSON.stringify(before, undefined, space) + spaces
      const quick = splice(Buffer.from(text), { set }, JSON.parse(text)).toString()
      return quick === spliced(text, { set })
    })
  )
})

t.test('members are found where they are', async () => {
  fc.assert(
    fc.property(object, spaced, (value, space) => {
      const body = Buffer.from(JSON.stringify(value, undefined, space))
      const { found, end } = topMembers(body)
      const read = found.map(({ name, valueStart, end }) => [name, JSON.parse(body.toString('utf8', valueStart, end))])
      return JSON.stringify(Object.fromEntries(read)) === JSON.stringify(value) && body[end] === 0x7d
    })
  )
})

function sorted(value: Record<string, unknown>): unknown {
  // -0 is written as 0: text is what is compared.
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
}
