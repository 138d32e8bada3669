import t from 'tap'
import { duplicateName } from '../../core/ai/duplicate-names.js'

const CASES: readonly (readonly [title: string, json: string, path: string | undefined])[] = [
  ['at the top', '{"messages":[],"model":"a","messages":[]}', 'messages'],
  ['in an element', '{"messages":[{"role":"user"},{"content":"a","content":"b"}]}', 'messages[1].content'],
  ['deeper', '{"a":[[1,[2,{"b":{"c":1,"c":2}}]]]}', 'a[0][1][1].b.c'],
  ['behind an escape', '{"content":"a","c\\u006fntent":"b"}', 'content'],
  ['with spaces around', '{ "a" : 1 ,\n "a"\t: 2 }', 'a'],
  ['the empty name', '{"":1,"":2}', ''],
  ['none: the same name in other objects', '{"a":{"a":[{"a":1},{"a":1}]},"b":{"a":1}}', undefined],
  ['none: values that look like names', '{"a":"b","b":"a\\":","c":["a","a"],"d":"{\\"a\\":1,\\"a\\":2}"}', undefined],
  ['none: upper and lower case', '{"a":1,"A":2}', undefined],
  ['none: no object at all', '"a"', undefined]
]

for (const [title, json, path] of CASES) {
  t.test(`a name that is there twice: ${title}`, async t => {
    t.equal(duplicateName(Buffer.from(json)), path)
  })
}
