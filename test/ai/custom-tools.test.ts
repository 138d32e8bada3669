import fc from 'fast-check'
import t from 'tap'
import { customTool, unwrapInput, wrapInput } from '../../core/ai/custom-tools.js'

t.test('free text survives being an argument', async t => {
  fc.assert(fc.property(fc.string(), text => unwrapInput(wrapInput(text)) === text))
  t.end()
})

t.test('what a model wrote instead of the argument is taken as it is', async t => {
  for (const args of ['*** Begin Patch', '{"input":', '{"other":"x"}', '{"input":1}', '[]', ''])
    t.equal(unwrapInput(args), args)
})

t.test('a grammar is told to models that know only functions', async t => {
  const format = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' }
  t.match(customTool('t', 'T', format), {
    name: 't',
    description: 'T',
    parameters: { properties: { input: { description: /lark grammar:\nstart: "x"$/ } }, required: ['input'] },
    custom: { format }
  })
  t.strictSame(customTool('t', undefined, undefined).custom, {})
})
