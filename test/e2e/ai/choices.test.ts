import t from 'tap'
import { scripted, sse } from './scripted.js'

t.setTimeout(120_000)

const rules = [
  { name: 'cut', words: ['GLOBEX'] },
  { name: 'mask', words: ['HOOLI'], action: 'mask' }
]
const policies = [{ plugin: 'ai-output-moderation', settings: { rules, replacement: '[cut]', window: 4 } }]
const chat = { model: 'openai/gpt-5', messages: [{ role: 'user', content: 'a' }], n: 3 }
const SAID = ['all of GLOBEX and more', 'all of HOOLI and more', 'all is well here']

t.test('of several answers a policy ends only the one that has what is banned', async t => {
  const { post, says } = await scripted(t, { ai: { policies } })
  says({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-5',
    choices: SAID.map((content, index) => ({ index, message: { role: 'assistant', content }, finish_reason: 'stop' }))
  })
  const { choices } = JSON.parse((await post('ai', '/v1/chat/completions', chat)).text)
  t.match(choices, [
    { index: 0, message: { content: 'all of [cut]' }, finish_reason: 'content_filter' },
    { index: 1, message: { content: 'all of *** and more' }, finish_reason: 'stop' },
    { index: 2, message: { content: 'all is well here' }, finish_reason: 'stop' }
  ])
})

t.test('of several streamed answers a policy ends only the one that has what is banned', async t => {
  const { post, says } = await scripted(t, { ai: { policies } })
  const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-5' }
  const words = SAID.flatMap((said, index) => said.split(/(?= )/).map((content, at) => ({ index, content, at })))
  const chunks = words
    .sort((a, b) => a.at - b.at)
    .map(({ index, content }) => ({ ...chunk, choices: [{ index, delta: { content }, finish_reason: null }] }))
  const ends = SAID.map((_, index) => ({ ...chunk, choices: [{ index, delta: {}, finish_reason: 'stop' }] }))
  says(`${sse([...chunks, ...ends])}data: [DONE]\n\n`)
  const { text } = await post('ai', '/v1/chat/completions', { ...chat, stream: true })
  const got = ['', '', '']
  const finish: string[] = []
  for (const [, data = ''] of text.matchAll(/^data: (\{.*\})$/gm)) {
    for (const { index, delta, finish_reason } of JSON.parse(data).choices) {
      got[index] += delta.content ?? ''
      finish[index] = finish_reason ?? finish[index]
    }
  }
  t.strictSame(got, ['all of [cut]', 'all of *** and more', 'all is well here'])
  t.strictSame(finish, ['content_filter', 'stop', 'stop'])
})

t.test('a stream of several answers that ends before one of them does is told as broken off', async t => {
  const { post, says } = await scripted(t, { ai: {} })
  const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-5' }
  const said = SAID.map((content, index) => ({
    ...chunk,
    choices: [{ index, delta: { content }, finish_reason: null }]
  }))
  const ends = SAID.map((_, index) => ({ ...chunk, choices: [{ index, delta: {}, finish_reason: 'stop' }] }))
  for (const [finished, broken] of [
    [ends, false],
    [ends.slice(0, 2), true],
    [ends.slice(1), true]
  ] as const) {
    says(sse([...said, ...finished]))
    const { text } = await post('ai', '/v1/chat/completions', { ...chat, stream: true })
    t.equal(text.includes('GW_UPSTREAM_RESET'), broken, `${finished.length} of 3`)
  }
})

t.test('an answer that a topic filter replaces has ended with it, whatever it had to call', async t => {
  const filter = { plugin: 'ai-topic-filter', settings: { deny: ['weapons'], answers: true, replacement: 'No.' } }
  const { post, says } = await scripted(t, { ai: { policies: [filter] } })
  const tool_calls = [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }]
  const message = { role: 'assistant', content: 'You build a pipe bomb from soap.', tool_calls }
  const fine = { index: 1, message: { role: 'assistant', content: 'Soup needs salt.' }, finish_reason: 'stop' }
  const choices = [{ index: 0, message, finish_reason: 'tool_calls' }, fine]
  says({ id: 'c', object: 'chat.completion', created: 1, model: 'gpt-5', choices })
  const answer = JSON.parse((await post('ai', '/v1/chat/completions', { ...chat, n: 2 })).text)
  t.match(answer.choices, [
    { index: 0, message: { content: 'No.', tool_calls: undefined }, finish_reason: 'content_filter' },
    { index: 1, message: { content: 'Soup needs salt.' }, finish_reason: 'stop' }
  ])
})
