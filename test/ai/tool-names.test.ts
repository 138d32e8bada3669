import fc from 'fast-check'
import t from 'tap'
import type { ChatRequest } from '../../core/ai/chat.js'
import { dialects } from '../../core/ai/dialects/index.js'
import { fitToolNames, nameBack } from '../../core/ai/tool-names.js'

function chat(names: readonly string[]): ChatRequest {
  const call = (name: string) => ({ type: 'tool_call' as const, id: name, name, arguments: '' })
  return {
    model: 'm',
    messages: [{ role: 'assistant', content: names.map(call) }],
    stream: false,
    tools: names.map(name => ({ name })),
    extra: new Map()
  }
}

const namesOf = ({ tools = [] }: ChatRequest) => tools.map(({ name }) => name)

t.test('names that a dialect does not take are others it takes, and come back as they were', async t => {
  const any = fc.uniqueArray(fc.oneof(fc.string({ maxLength: 200 }), fc.stringMatching(/^[a-z0-9_.-]{1,130}$/)))
  for (const [name, { chat: dialect }] of dialects) {
    const { toolNames: fits } = dialect
    if (fits === undefined) continue
    fc.assert(
      fc.property(any, given => {
        const request = chat(given)
        const names = fitToolNames(request, fits)
        const sent = namesOf(request)
        t.ok(sent.every(each => fits.test(each)))
        t.equal(new Set(sent).size, given.length, 'no two have the same')
        t.ok(
          given.every((each, i) => !fits.test(each) || sent[i] === each),
          'those that fit stay'
        )
        const [message] = request.messages
        const content = message?.role === 'assistant' ? message.content : []
        const response = { id: '', model: '', created: 0, usage: undefined }
        const choices = [{ index: 0, content, finish_reason: 'stop' as const }]
        nameBack({ ...response, choices }, names)
        t.strictSame(
          content.map(part => part.type === 'tool_call' && part.name),
          given
        )
      }),
      { numRuns: 50 }
    )
    t.pass(name)
  }
})

t.test('a name that begins with what no name may begin with is changed where it matters', async t => {
  const request = chat(['1st', 'ns.get-it'])
  fitToolNames(request, dialects.get('gemini')?.chat.toolNames ?? /x/)
  t.match(namesOf(request), [/^_1st_[0-9a-f]{8}$/, 'ns.get-it'])
})
