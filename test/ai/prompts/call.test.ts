import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { ChatResponse } from '../../../core/ai/chat.js'
import { eventsOf } from '../../../core/ai/fold.js'
import { chooseVersion } from '../../../core/ai/prompts/choose.js'
import { type Called, completionOf } from '../../../core/ai/prompts/completion.js'
import { CompletionStream } from '../../../core/ai/prompts/completion-stream.js'
import { renderPrompt } from '../../../core/ai/prompts/render.js'
import { promptEndpoint, readFeedback, readPromptCall } from '../../../core/ai/prompts/request.js'
import { usageOf } from '../../../core/ai/usage.js'
import { GatewayError } from '../../../core/base/errors.js'
import { Refusal } from '../../../core/base/refusal.js'
import { open, SUMMARISE } from './helpers.js'

const NOBODY = { version: undefined, label: undefined, who: undefined }

function version(t: Test, definition: object) {
  const { prompts } = open(t, { inline: { p: { versions: { v1: { model: 'm', ...definition } } } } })
  return chooseVersion(prompts, 'p', NOBODY).version
}

function detailOf(work: () => unknown): unknown {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.members.detail ?? thrown.message
    throw thrown
  }
  return undefined
}

t.test('a prompt becomes a chat with its model, parameters, tools and schema', async t => {
  const found = version(t, {
    parameters: { temperature: 0, max_tokens: 9, reasoning_effort: 'low', extra: { min_p: 0.1 } },
    variables: { city: { type: 'string' }, picture: { type: 'string', required: false } },
    messages: [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: [{ text: 'Where is {{city}}?' }, { image: '{{picture}}', detail: 'low' }] }
    ],
    tools: [{ name: 'map', parameters: { type: 'object' } }],
    toolChoice: { name: 'map' },
    response: { name: 'place', schema: { type: 'object' } }
  })
  const call = readPromptCall({ variables: { city: 'Rome' }, stream: true, user: 'u', metadata: { a: 'b' } })
  t.strictSame(renderPrompt(found, call), {
    model: 'm',
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Where is Rome?' }] }
    ],
    stream: true,
    temperature: 0,
    max_tokens: 9,
    reasoning: { effort: 'low', budget_tokens: undefined },
    tools: [{ name: 'map', parameters: { type: 'object' } }],
    tool_choice: { name: 'map' },
    response_format: { type: 'json_schema', name: 'place', schema: { type: 'object' }, strict: true },
    user: 'u',
    metadata: { a: 'b' },
    extra: new Map([['min_p', 0.1]])
  })
  const data = Buffer.from('png').toString('base64')
  const withPicture = (picture: string) => renderPrompt(found, readPromptCall({ variables: { city: 'x', picture } }))
  t.match(withPicture(`data:image/png;base64,${data}`).messages[1]?.content[1], {
    type: 'image',
    source: { kind: 'base64', media_type: 'image/png', data },
    detail: 'low'
  })
  t.match(withPicture('https://example.com/a.png').messages[1]?.content[1], { source: { kind: 'url' } })
  t.match(
    detailOf(() => withPicture('file:///etc/passwd')),
    'the address of an image is none; expected https://'
  )
})

t.test('whatever the values, there are the messages and roles of the prompt and no more', async t => {
  const found = version(t, {
    variables: { a: { type: 'string' }, b: { type: 'list', items: {} } },
    messages: [
      { role: 'system', content: 'S {{a}}' },
      { role: 'user', content: 'U {{#b}}{{.}}{{/b}}' }
    ]
  })
  fc.assert(
    fc.property(fc.string(), fc.array(fc.jsonValue()), (a, b) => {
      const { messages } = renderPrompt(found, readPromptCall({ variables: { a, b } }))
      return (
        messages.map(({ role }) => role).join() === 'system,user' &&
        messages.every(({ content }) => content.length === 1) &&
        JSON.stringify(messages[0]?.content) === JSON.stringify([{ type: 'text', text: `S ${a}` }])
      )
    })
  )
})

t.test('variables are checked, all at once, and defaults filled in', async t => {
  const found = version(t, {
    variables: {
      text: { type: 'string', minLength: 1, maxLength: 5, pattern: '^[a-z]*$' },
      count: { type: 'integer', minimum: 1, default: 3 },
      tone: { type: 'enum', values: ['dry', 'warm'] },
      tags: { type: 'list', items: { type: 'string' }, maxItems: 1, required: false },
      who: { type: 'object', schema: { properties: { age: { type: 'number' } } }, required: false },
      on: { type: 'boolean', required: false }
    },
    messages: [{ role: 'user', content: '{{text}} {{count}} {{tone}} {{#on}}on{{/on}}' }]
  })
  const render = (variables: object) => renderPrompt(found, readPromptCall({ variables }))
  t.match(render({ text: 'a', tone: 'dry', tags: null }).messages[0]?.content, [{ text: 'a 3 dry ' }])
  const wrong = (variables: object) => String(detailOf(() => render(variables)))
  t.equal(wrong({ text: 'a' }), 'variables.tone is missing; expected one of "dry", "warm"')
  t.match(
    wrong({ text: 'a', tone: 'dry', txet: 1 }),
    'variables.txet is no variable of this prompt; expected one of text, count, tone, tags, who, on; did you mean "text"?'
  )
  for (const [name, value] of Object.entries({
    text: 'A',
    count: 1.5,
    tone: 'loud',
    tags: [1],
    who: { age: 'x' },
    on: 'yes'
  })) {
    t.match(wrong({ text: 'a', tone: 'dry', [name]: value }), `variables.${name}`, name)
  }
  t.equal(wrong({ text: 'a', tone: 'loud' }), 'variables.tone must be one of "dry", "warm"')
  t.equal(wrong({ text: 'a', tone: 'dry', tags: [1] }), 'variables.tags[0] must be string')
  t.equal(wrong({ text: 'a', tone: 'dry', who: { age: 'x' } }), 'variables.who.age must be number')
  t.match(wrong({ text: 'toolong', tone: 1 }), /^variables\.text .*; variables\.tone /, 'everything that is wrong')
})

t.test('a message that turns out empty is left out; a prompt of which nothing is left is refused', async t => {
  const found = version(t, {
    variables: { a: { type: 'string', required: false }, b: { type: 'string', required: false } },
    messages: [
      { role: 'system', content: '{{a}}' },
      { role: 'user', content: '{{b}}' }
    ]
  })
  t.strictSame(renderPrompt(found, readPromptCall({ variables: { b: 'x' } })).messages.length, 1)
  t.match(
    detailOf(() => renderPrompt(found, readPromptCall({}))),
    'with these variables the prompt is empty'
  )
})

t.test('a version is found by name, by label, or by the default label', async t => {
  const { prompts } = open(t, { inline: { s: SUMMARISE } })
  const chosen = (wanted: object, random?: () => number) => {
    const { version, label } = chooseVersion(prompts, 's', { ...NOBODY, ...wanted }, random)
    return [version.name, label]
  }
  t.strictSame(chosen({ version: 'v1' }), ['v1', undefined])
  t.strictSame(chosen({ label: 'staging' }), ['v2', 'staging'])
  t.strictSame(
    chosen({}, () => 0.79),
    ['v1', 'production']
  )
  t.strictSame(
    chosen({}, () => 0.81),
    ['v2', 'production']
  )
  t.equal(
    detailOf(() => chooseVersion(prompts, 'x', NOBODY)),
    'there is no prompt "x"'
  )
  t.equal(
    detailOf(() => chosen({ version: 'v3' })),
    'there is no version of the prompt "s" called "v3"'
  )
  t.equal(
    detailOf(() => chosen({ label: 'x' })),
    'there is no label of the prompt "s" called "x"'
  )
})

t.test('a user gets the same version every time, and users are split as the label says', async t => {
  const { prompts } = open(t, { inline: { s: SUMMARISE } })
  let second = 0
  for (let i = 0; i < 5_000; i++) {
    const pick = () => chooseVersion(prompts, 's', { ...NOBODY, who: `user-${i}` }).version.name
    const first = pick()
    if (first === 'v2') second++
    if (i < 50) t.equal(pick(), first)
  }
  t.ok(second > 850 && second < 1_150, `${second} of 5,000 at a share of 20 %`)
})

t.test('paths lead to their endpoints, and methods are kept', async t => {
  const at = (path: string, query = '', method = 'POST') => promptEndpoint(method, path, query)
  t.strictSame(at('/prompts/a', 'label=staging'), { kind: 'call', name: 'a', version: undefined, label: 'staging' })
  t.strictSame(at('/prompts/a/versions/v1'), { kind: 'call', name: 'a', version: 'v1', label: undefined })
  t.strictSame(at('/feedback'), { kind: 'feedback' })
  t.strictSame(at('/prompts/openapi.json', '', 'GET'), { kind: 'openapi', name: undefined })
  t.strictSame(at('/prompts/a/openapi.json', '', 'GET'), { kind: 'openapi', name: 'a' })
  t.strictSame(at('/prompts/a', '', 'GET'), { kind: 'method', allow: 'POST' })
  for (const path of ['/prompts', '/prompts/', '/prompts/a/b', '/prompts/a/versions/', '/x'])
    t.equal(at(path), undefined)
})

t.test('bodies that are not as expected are refused with their member', async t => {
  const call = (body: unknown) => String(detailOf(() => readPromptCall(body)))
  t.match(call([]), 'body: expected an object')
  t.match(call({ variables: 'x' }), 'variables: expected an object, found "x"')
  t.match(call({ metadata: { a: 1 } }), 'metadata.a: expected a string, found 1')
  t.match(
    call({ variable: {} }),
    'variable: expected one of variables, stream, metadata, user; did you mean "variables"?'
  )
  const feedback = (body: unknown) => String(detailOf(() => readFeedback(body)))
  t.match(feedback({ score: 1 }), 'id: expected the id of a completion')
  t.match(feedback({ id: 'a' }), 'score: expected a number from 0 to 1')
  t.match(feedback({ id: 'a', score: 2 }), 'score: expected a number from 0 to 1, found 2')
  t.match(feedback({ id: 'a', rating: 'good' }), 'rating: expected "up", "down"')
  t.match(feedback({ id: 'a', score: 1, rating: 'up' }), 'rating: expected it without a score')
  t.match(feedback({ id: 'a', score: 1, comment: 'x'.repeat(4_001) }), 'comment: expected at most 4000')
  t.strictSame(readFeedback({ trace: 't', rating: 4, comment: 'c' }), { by: { trace: 't' }, score: 0.75, comment: 'c' })
})

function called(t: Test, by: object): Called {
  const { prompts } = open(t, { inline: { s: SUMMARISE } })
  return { id: 'pc_1', created: 7, choice: chooseVersion(prompts, 's', { ...NOBODY, ...by }) }
}

function answer(text: string, more: Partial<ChatResponse['choices'][0]> = {}): ChatResponse {
  const choice = { index: 0, content: [{ type: 'text' as const, text }], finish_reason: 'stop' as const, ...more }
  return { id: 'r', model: 'm-1', created: 1, choices: [choice], usage: usageOf({ input: 3, output: 4, reasoning: 1 }) }
}

t.test('a completion says which version answered, and what it used', async t => {
  t.strictSame(completionOf(answer('short'), called(t, { version: 'v1' })), {
    id: 'pc_1',
    object: 'prompt.completion',
    created: 7,
    prompt: 's',
    version: 'v1',
    label: null,
    model: 'm-1',
    text: 'short',
    finish_reason: 'stop',
    usage: {
      input_tokens: 3,
      cached_tokens: 0,
      output_tokens: 4,
      reasoning_tokens: 1,
      total_tokens: 7,
      estimated: false
    }
  })
})

t.test('where there is a schema the answer is JSON that fits it', async t => {
  const by = called(t, { label: 'staging' })
  t.match(completionOf(answer('{"summary":"s"}'), by), { label: 'staging', json: { summary: 's' }, text: undefined })
  t.match(completionOf(answer('```json\n{"summary":"s"}\n```'), by), { json: { summary: 's' } })
  t.throws(() => completionOf(answer('{"summary":1}'), by), { code: 'GW_UPSTREAM_BAD_RESPONSE' })
  t.throws(() => completionOf(answer('no'), by), { code: 'GW_UPSTREAM_BAD_RESPONSE' })
  t.match(completionOf(answer('{"summ', { finish_reason: 'length' }), by), { text: '{"summ', json: undefined })
  const refusal = { content: [{ type: 'refusal' as const, refusal: 'no' }] }
  t.match(completionOf(answer('', refusal), by), { refusal: 'no', json: undefined })
  const call = { type: 'tool_call' as const, id: 'x', name: 'f', arguments: '{}' }
  t.match(completionOf(answer('', { content: [call], finish_reason: 'tool_calls' }), by), {
    tool_calls: [{ id: 'x', name: 'f', arguments: '{}' }]
  })
})

t.test('a stream tells the text as it comes and ends with the whole completion, or with an error', async t => {
  const by = called(t, { version: 'v1' })
  const stream = new CompletionStream(by)
  const events = eventsOf(answer('short')).flatMap(event => stream.write(event))
  t.strictSame(
    events.map(({ event }) => event),
    ['start', 'text', 'completion']
  )
  t.strictSame(JSON.parse(events[2]?.data ?? ''), JSON.parse(JSON.stringify(completionOf(answer('short'), by))))
  t.match(stream.completion, { id: 'pc_1' })
  t.strictSame(stream.fail(new GatewayError('GW_INTERNAL', 'late')), [], 'nothing comes after the end')

  const broken = new CompletionStream(by)
  broken.write({ type: 'start', id: 'r', model: 'm', created: 0 })
  t.match(broken.fail(new GatewayError('GW_UPSTREAM_RESET', 'x')), [{ event: 'error', data: /GW_UPSTREAM_RESET/ }])
  const failed = new CompletionStream(by)
  const failure = { kind: 'overloaded' as const, status: 0, message: 'busy' }
  t.match(failed.write({ type: 'failure', failure }), [{ event: 'error', data: /busy/ }])
  t.strictSame(failed.write({ type: 'end' }), [])
})

t.test('whatever callers send, they get a chat or a refusal that is theirs', async t => {
  const { prompts } = open(t, { inline: { s: SUMMARISE } })
  const members = fc.record(
    {
      variables: fc.anything(),
      stream: fc.anything(),
      metadata: fc.anything(),
      user: fc.anything(),
      id: fc.anything()
    },
    { requiredKeys: [] }
  )
  const variables = fc.record({
    variables: fc.record({ text: fc.jsonValue(), tone: fc.jsonValue(), points: fc.jsonValue() }, { requiredKeys: [] })
  })
  const refused = (work: () => unknown): boolean => {
    try {
      work()
      return true
    } catch (thrown) {
      return thrown instanceof Refusal && thrown.spec.status === 400
    }
  }
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), members, variables), body => {
      const call = () => {
        for (const name of ['v1', 'v2']) {
          const { version: found } = chooseVersion(prompts, 's', { ...NOBODY, version: name })
          renderPrompt(found, readPromptCall(body))
        }
      }
      return refused(call) && refused(() => readFeedback(body))
    }),
    { numRuns: 1_000 }
  )
})
