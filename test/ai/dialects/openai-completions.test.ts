import fc from 'fast-check'
import t from 'tap'
import { openaiCompletions } from '../../../core/ai/dialects/openai-completions/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { usageOf } from '../../../core/ai/usage.js'
import { GatewayError } from '../../../core/base/errors.js'
import { dropped, HINTS, plain, wish } from '../dialect-parts.js'
import { eventsOf, joined } from '../recordings.js'

const { chat } = openaiCompletions
const read = (body: JsonObject) => chat.readRequest({ model: 'm', ...body }, HINTS)

t.test('a prompt is what a user says', async t => {
  t.match(plain(read({ prompt: 'Once', max_tokens: 5, logprobs: 2, suffix: '.' })), {
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Once' }] }],
    max_tokens: 5,
    logprobs: true,
    top_logprobs: 2,
    extra: { suffix: '.' }
  })
  t.match(read({ prompt: ['Once'] }).messages, [{ content: [{ text: 'Once' }] }])
})

t.test('several prompts, or tokens, cannot cross', async t => {
  for (const prompt of [['a', 'b'], [1, 2], [[1]], 1, undefined]) {
    t.throws(() => read({ prompt }), { code: 'GW_AI_REQUEST_INVALID', message: /^prompt: expected a string/ })
  }
})

t.test('anything that is JSON is read or refused, by an error of the gateway’s', async t => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('prompt', 'stop', 'logprobs', 'choices', 'text'), fc.jsonValue()),
      body => {
        for (const each of [read, chat.readResponse]) {
          try {
            each(body as JsonObject)
          } catch (thrown) {
            if (!(thrown instanceof GatewayError)) throw thrown
          }
        }
      }
    )
  )
  t.pass('no other error')
})

t.test('one message is the prompt as it is, a conversation is written out', async t => {
  const once = read({ prompt: 'Once', suffix: '.', best_of: 2 })
  t.match(chat.writeRequest(once, dropped()), { prompt: 'Once', suffix: '.', best_of: 2 })
  const talk = read({ prompt: 'Hello' })
  talk.messages.unshift({ role: 'system', content: [{ type: 'text', text: 'Be short.' }] })
  talk.tools = [{ name: 'f' }]
  const names = dropped()
  t.equal(chat.writeRequest(talk, names).prompt, 'Be short.\n\nUser: Hello\n\nAssistant:')
  t.strictSame(names.names, ['tools'])
})

t.test('an answer is its text, after the prompt when the client wants it back', async t => {
  const response = chat.readResponse({
    id: 'x',
    model: 'm',
    created: 1,
    choices: [{ text: ' upon', finish_reason: 'length' }]
  })
  t.match(chat.writeResponse(response, wish({}, { prompt: 'Once', echo: true })), {
    object: 'text_completion',
    choices: [{ text: 'Once upon', index: 0, logprobs: null, finish_reason: 'length' }]
  })
  t.match(chat.writeResponse(response, wish({}, { prompt: 'Once' })), { choices: [{ text: ' upon' }] })
})

t.test('a stream is written as text, with usage when it is wished, and its end', async t => {
  const events: ChatEvent[] = [
    { type: 'start', id: 'x', model: 'm', created: 5 },
    { type: 'thinking', choice: 0, text: 'hm' },
    { type: 'text', choice: 0, text: ' upon' },
    { type: 'text', choice: 0, text: ' a' },
    { type: 'usage', usage: usageOf({ input: 1, output: 2 }) },
    { type: 'finish', choice: 0, reason: 'stop' },
    { type: 'end' }
  ]
  const writer = chat.streamWriter(wish({}, { prompt: 'Once', echo: true }))
  const frames = events.flatMap(event => writer.write(event))
  t.match(
    frames.map(({ data }) => (data === '[DONE]' ? data : JSON.parse(data))),
    [
      { object: 'text_completion', choices: [{ text: 'Once upon', index: 0 }] },
      { choices: [{ text: ' a' }] },
      { choices: [{ text: '', finish_reason: 'stop' }] },
      { choices: [], usage: { total_tokens: 3 } },
      '[DONE]'
    ]
  )
  t.match(joined(eventsOf(openaiCompletions, frames)), { text: 'Once upon a', finish: 'stop' })
})
