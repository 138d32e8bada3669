import fc from 'fast-check'
import t from 'tap'
import { fixtureGuest } from './guest.js'

const BINARY = '0'
const TEXT = '1'
const JSON_LIKE = '2'
const JSON_BODY = '3'
const FORM = '4'
const UNREADABLE = '5'

const guest = await fixtureGuest('tools')
const walk = (pointer: string, body: string) => guest.run('walk', Buffer.from(`${pointer}\n${body}`))?.toString()
const kind = (type: string, body: string) => guest.run('kind', Buffer.from(`${type}\n${body}`, 'latin1'))?.toString()
const words = (list: string, text: string) => guest.run('words', Buffer.from(`${list}\n${text}`))?.toString()

t.test('the strings of a JSON body are visited with their places, keys are not', async t => {
  t.equal(walk('', '{"k":["a",{"b":"c"}],"n":1}'), 'k:7-8(0) a\nb:16-17(0) c\ntrue')
  t.equal(walk('', String.raw`["\u0061\n\ud83e\udd86"]`), ':2-22(8) a\n🦆\ntrue', 'a place is that of the escape')
  t.equal(walk('', '["stop","more"]'), ':2-6(3) stop\ntrue', 'it ends when no more are wanted')
  t.equal(walk('', '["a",]'), ':2-3(0) a\nfalse')
  t.equal(walk('', '["a"]x'), ':2-3(0) a\nfalse')
})

t.test('a visited string has the key of its member, or of the array around it', async t => {
  const keys = walk('', '{"a":["x",{"b":"y"},"z"],"c":"w"}')?.match(/^\w+(?=:)/gm)
  t.strictSame(keys, ['a', 'b', 'a', 'c'])
})

t.test('pointers choose what is visited', async t => {
  const chat = '{"messages":[{"role":"user","content":"hi"},{"content":"ho"}],"user":"x"}'
  t.equal(walk('/messages/*/content', chat), 'content:39-41(1) hi\ncontent:56-58(1) ho\ntrue')
  t.equal(walk('/messages/1', chat), 'content:56-58(1) ho\ntrue')
  t.equal(walk('/none', chat), 'true')
})

t.test('whatever JSON.stringify writes is walked to its end', async () => {
  fc.assert(
    fc.property(fc.json(), text => {
      return walk('', text)?.endsWith('true') === true
    })
  )
})

t.test('the kind of a body is told by its type and how it begins', async t => {
  const cases: [type: string, body: string, kind: string][] = [
    ['application/json; charset=utf-8', '1', JSON_BODY],
    ['application/vnd.api+json', '1', JSON_BODY],
    ['', ' {', JSON_BODY],
    ['', 'x', TEXT],
    ['Text/Plain', 'x', TEXT],
    ['text/plain', '["', JSON_LIKE],
    ['application/x-www-form-urlencoded', 'a=b', FORM],
    ['image/png', 'x', BINARY],
    ['application/json; charset=UTF-16', '{}', UNREADABLE],
    ['application/json; charset = "utf-7"', '{}', UNREADABLE],
    ['text/plain; charset=utf-8; charset=utf_16le', 'x', UNREADABLE],
    ['text/plain; charset=cp037', 'x', UNREADABLE],
    ['text/plain; charset=csISO2022JP', 'x', UNREADABLE],
    ['text/plain; charset=x-IBM1047', 'x', UNREADABLE],
    ['text/plain; charset=IBM850', 'x', TEXT],
    ['text/plain; charset=cp1252', 'x', TEXT],
    ['text/plain; charset=iso-8859-15', 'x', TEXT],
    ['text/plain; charset=', 'x', TEXT],
    ['text/plain; x=charset', 'x', TEXT],
    ['text/plain', '\xff\xfea\x00', UNREADABLE]
  ]
  for (const [type, body, expected] of cases) t.equal(kind(type, body), expected, `${type} ${body}`)
})

t.test('all words are found in one pass, in any case, also inside each other', async t => {
  t.equal(words('he|she|hers', 'USHERS'), '1@4,0@4,2@6,')
  t.equal(words('straße|жаба', 'Straße ЖАБА'), '0@7,1@16,')
  t.equal(words('a', 'bcd'), '')
})
