import fc from 'fast-check'
import t from 'tap'
import { parseTemplate } from '../../../core/ai/prompts/template.js'

const render = (text: string, values: Record<string, unknown>) => parseTemplate(text, () => true).render(values)

t.test('placeholders, sections and lists are filled in, and nothing is escaped', async t => {
  t.equal(render('Hi {{name}}, {{{name}}} {{& name}}', { name: '<b>&"' }), 'Hi <b>&", <b>&" <b>&"')
  t.equal(render('{{#on}}yes{{/on}}{{^on}}no{{/on}}', { on: true }), 'yes')
  t.equal(render('{{#on}}yes{{/on}}{{^on}}no{{/on}}', { on: false }), 'no')
  t.equal(render('{{#list}}{{.}},{{/list}}{{^list}}none{{/list}}', { list: [1, 'b'] }), '1,b,')
  t.equal(render('{{#list}}{{.}}{{/list}}{{^list}}none{{/list}}', { list: [] }), 'none')
  t.equal(render('{{#list}}{{a}}{{b}}{{/list}}', { list: [{ a: 1 }, { a: 2 }], b: 'x' }), '1x2x')
  t.equal(render('{{o.a.b}} {{o}}', { o: { a: { b: 1 } } }), '1 {"a":{"b":1}}')
  t.equal(render('{{gone}}{{o.gone.more}}', { o: {} }), '')
  t.equal(render('a\n{{#on}}\nb\n{{/on}}\nc', { on: true }), 'a\nb\nc', 'lines of sections alone leave no empty lines')
  t.equal(render('{{=<% %>=}}<%x%> {{x}}', { x: 1 }), '1 {{x}}')
  t.equal(render('{{! a note }}x', {}), 'x')
})

t.test('whatever values are, they come out as they are: no placeholder in them is filled in', async () => {
  const values = fc.record({
    a: fc.string(),
    b: fc.oneof(fc.string(), fc.constantFrom('{{a}}', '{{#a}}', '{{{a}}}', '{{>a}}'))
  })
  fc.assert(fc.property(values, ({ a, b }) => render('[{{a}}|{{b}}]', { a, b }) === `[${a}|${b}]`))
})

t.test('what values inherit is not found, and functions are not called', async t => {
  t.equal(render('{{constructor}}{{a.constructor}}{{a.length}}{{toString}}{{__proto__}}', { a: 'x' }), '')
  const trap = () => t.fail('it was called')
  render('{{f}}{{#f}}x{{/f}}', { f: trap })
})

t.test('templates that are none are told apart by what is wrong', async t => {
  const wrong = {
    '{{a': /Unclosed tag/,
    '{{#a}}': /Unclosed section "a"/,
    '{{/a}}': /Unopened section "a"/,
    '{{#a}}{{/b}}': /Unclosed section "a"/,
    '{{> other}}': /takes in another template; expected all of it in one place/
  }
  for (const [text, message] of Object.entries(wrong)) {
    t.throws(() => parseTemplate(text, () => false), { message }, text)
  }
})

t.test('the names a template needs are those outside of what has names of its own', async t => {
  const names = (text: string) => [...parseTemplate(text, name => name === 'list').names]
  t.strictSame(names('{{a}}{{b.c}}{{#list}}{{d}}{{/list}}{{^list}}{{e}}{{/list}}{{#f}}{{g}}{{/f}}'), [
    'a',
    'b',
    'list',
    'e',
    'f',
    'g'
  ])
})
