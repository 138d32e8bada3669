import t from 'tap'
import { fixtureGuest } from './guest.js'

const PARTS = 20

const guest = await fixtureGuest('tools')

const parts = (text: string) => guest.tool(PARTS, text)?.toString()

t.test('a template is taken apart into text and parts', async t => {
  t.equal(parts(''), '')
  t.equal(parts('plain } text'), '=plain } text')
  t.equal(parts('a{path}b{header.X-Id}'), '=a\nnow \n=b\nnow x-id')
  t.equal(parts('{{path}{own./a/b}'), '={path}\nown /a/b')
  t.equal(parts('{status}{response.ETag}'), 'later \nlater etag')
})

t.test('what is no template says why', async t => {
  t.match(parts('{path'), /^!"\{" has no "\}"/)
  for (const text of ['{}', '{paths}', '{header.}', '{.x}', '{header}', '{ path}']) {
    t.equal(parts(text), `!there is no part ${text}`)
  }
})
