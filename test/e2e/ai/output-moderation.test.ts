import t from 'tap'
import { ask, CLIENTS, guarded, MODELS, user } from './guarded.js'
import { unplaced } from './parts.js'

t.setTimeout(240_000)

const SETTINGS = { window: 20, replacement: ' [cut]', rules: [{ name: 'banned', words: ['free money'] }] }
const QUESTION = 'reply with: This is a rather long text about free money and what may come of it in the end.'
const TOOL = { name: 'note', parameters: { type: 'object', properties: { text: { type: 'string' } } } }

for (const [from, client] of Object.entries(CLIENTS)) {
  for (const [to, model] of Object.entries(MODELS)) {
    t.test(`${from} to ${to}: an answer ends before what is banned, as the dialect has it`, async t => {
      const gateway = await guarded(t, [{ plugin: 'ai-output-moderation', settings: SETTINGS }])
      for (const stream of [false, true]) {
        const said = await ask(gateway, client, {
          model: stream ? `${model}+split=1` : model,
          stream,
          messages: [user(QUESTION)]
        })
        t.equal(said.text, 'This is a rather long text about  [cut]')
        t.ok(said.whole, 'it has a proper end')
        if (from === 'responses' && stream) t.strictSame(unplaced(said.raw), [])
        t.notMatch(said.raw, /free|money|may come/)
        t.match(await gateway.sluice.access(), {
          tags: { moderation: 'stopped', 'moderation.rule': 'banned' }
        })
        // Anthropic and Responses have words of their own for it, which are read as these.
        t.match(said.finish, /content_filter|refusal/)
      }
    })
  }
}

t.test('what is masked is masked in every dialect, and tool calls lose what is banned', async t => {
  const settings = { ...SETTINGS, action: 'mask', toolArguments: true }
  const gateway = await guarded(t, [{ plugin: 'ai-output-moderation', settings }])
  for (const client of Object.values(CLIENTS)) {
    for (const stream of [false, true]) {
      const asked = { model: 'openai/gpt-4o+split=1', stream }
      const said = await ask(gateway, client, { ...asked, messages: [user('reply with: a free money b')] })
      t.equal(said.text, 'a *** b')
      t.equal(said.finish, 'stop')
      const messages = [user('call note with {"text":"free money"}')]
      const { calls } = await ask(gateway, client, { ...asked, messages, tools: [TOOL] })
      t.strictSame(
        calls.map(({ arguments: text }) => JSON.parse(text)),
        [{ text: '***' }]
      )
    }
  }
})

t.test('streams that are no chats pass as they are', async t => {
  const { mock, sluice } = await guarded(t, [{ plugin: 'ai-output-moderation', settings: SETTINGS }])
  const asked = { method: 'POST', headers: { 'content-type': 'application/json' } }
  const body = (model: string) => JSON.stringify({ model, prompt: 'a cat', stream: true })
  const direct = await fetch(`${mock.url}/v1/images/generations`, { ...asked, body: body('gpt-image-1') })
  const url = `http://127.0.0.1:${sluice.port}/v1/images/generations`
  const through = await fetch(url, { ...asked, body: body('openai/gpt-image-1') })
  t.equal(await through.text(), await direct.text())
})

t.test('what is held back goes out when the model pauses', async t => {
  const settings = { ...SETTINGS, window: 500, holdMs: 20 }
  const gateway = await guarded(t, [{ plugin: 'ai-output-moderation', settings }])
  const body = JSON.stringify({
    model: 'openai/gpt-4o+stall',
    stream: true,
    messages: [{ role: 'user', content: 'reply with: one two three four five six seven eight nine ten' }]
  })
  const leave = new AbortController()
  const reply = await fetch(`http://127.0.0.1:${gateway.sluice.port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: leave.signal
  })
  // The provider has stalled for good: what comes now comes of the silence.
  let got = ''
  const decoder = new TextDecoder()
  for await (const piece of reply.body ?? []) {
    got += decoder.decode(piece, { stream: true })
    if (got.includes('one two')) break
  }
  t.match(got, /"content":"one two/)
  t.notMatch(got, 'nine')
  leave.abort()
})

for (const [from, client] of Object.entries(CLIENTS)) {
  t.test(`${from}: a stream that is stopped ends there, and its provider is told to stop`, async t => {
    const gateway = await guarded(t, [{ plugin: 'ai-output-moderation', settings: { ...SETTINGS, window: 0 } }])
    for (const model of Object.values(MODELS)) {
      const question = 'reply with: So free money it is, one two three four five six seven eight nine ten eleven.'
      const said = await ask(gateway, client, { model: `${model}+stall`, stream: true, messages: [user(question)] })
      t.match(said, { text: 'So  [cut]', finish: /content_filter|refusal/, whole: true })
      await gateway.mock.until(all => all.at(-1)?.outcome === 'aborted')
      t.match(await gateway.sluice.access(), { status: 200, ai: { estimated: true } })
    }
  })
}
