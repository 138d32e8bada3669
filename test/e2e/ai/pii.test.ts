import t from 'tap'
import type { ChatMessage } from '../../../core/ai/chat.js'
import { ask, CLIENTS, guarded, MODELS, user } from './guarded.js'

t.setTimeout(240_000)

const SECRET = 'a secret of some length'
const JANE = 'jane@example.com'
const CARD = '4111 1111 1111 1111'
const TOOL = {
  name: 'send_mail',
  description: 'Sends a mail.',
  parameters: { type: 'object', properties: { to: { type: 'string' }, text: { type: 'string' } } }
}

for (const [from, client] of Object.entries(CLIENTS)) {
  for (const [to, model] of Object.entries(MODELS)) {
    t.test(`${from} to ${to}: no original goes out, and all come back`, async t => {
      const gateway = await guarded(t, [{ plugin: 'ai-pii', settings: { secret: SECRET } }])
      const question = `Mail ${JANE} about ${CARD}, [EMAIL_1] and [note].`
      for (const stream of [false, true]) {
        const said = await ask(gateway, client, {
          model: stream ? `${model}+split=1` : model,
          stream,
          messages: [{ role: 'system', content: [{ type: 'text', text: `You are ${JANE}.` }] }, user(question)]
        })
        t.equal(said.text, `You said: ${question}`, stream ? 'streamed, cut at every byte' : 'whole')
        t.ok(said.whole)
        t.equal(said.finish, 'stop')
        const [sent = ''] = gateway.sent()
        t.notMatch(sent, /jane|4111/)
        const names = [...sent.matchAll(/\[EMAIL_([0-9a-f]{8})\]/g)].map(([, id]) => id)
        t.equal(names.length, 2)
        t.equal(names[0], names[1], 'the same value has the same placeholder')
      }
    })

    t.test(`${from} to ${to}: tools are called with the originals`, async t => {
      const gateway = await guarded(t, [{ plugin: 'ai-pii', settings: { secret: SECRET } }])
      const given = { to: JANE, text: `"${CARD}"` }
      const question = user(`call send_mail with ${JSON.stringify(given)}`)
      const call = { type: 'tool_call', id: 'call_1', name: 'send_mail', arguments: JSON.stringify(given) } as const
      const again: ChatMessage[] = [
        question,
        { role: 'assistant', content: [call] },
        {
          role: 'tool',
          tool_call_id: 'call_1',
          name: 'send_mail',
          content: [{ type: 'text', text: `Sent to ${JANE}.` }]
        }
      ]
      for (const stream of [false, true]) {
        const asked = { model: stream ? `${model}+split=1` : model, stream, tools: [TOOL] }
        const first = await ask(gateway, client, { ...asked, messages: [question] })
        t.strictSame(
          first.calls.map(({ name, arguments: text }) => ({ name, arguments: JSON.parse(text) })),
          [{ name: 'send_mail', arguments: given }]
        )
        t.equal(first.finish, 'tool_calls')
        const second = await ask(gateway, client, { ...asked, messages: again })
        t.match(second.text, `Sent to ${JANE}.`)
        for (const sent of gateway.sent()) t.notMatch(sent, /jane|4111/)
      }
    })
  }
}

t.test('a prompt that is denied gets an error of its dialect, and nobody is asked', async t => {
  const gateway = await guarded(t, [{ plugin: 'ai-pii', settings: { modes: { card: 'deny' } } }])
  for (const client of Object.values(CLIENTS)) {
    const said = await ask(gateway, client, { model: MODELS.openai, messages: [user(CARD)] })
    t.equal(said.status, 422)
    t.match(said.raw, 'The prompt has personal data or a secret (card).')
    t.match(JSON.parse(said.raw), { error: {} })
    t.notMatch(said.raw, '4111')
  }
  t.strictSame(gateway.sent(), [])
  t.match(await gateway.sluice.access(), { tags: { pii: 'denied', 'pii.rule': 'card' } })
})

t.test('a prompt without personal data goes out byte for byte', async t => {
  const gateway = await guarded(t, [{ plugin: 'ai-pii' }])
  const body = '{ "messages":[{"role":"user","content":"Hello [EMAIL_1]"}],\n "model":"openai/gpt-4o", "unknown": 1.0 }'
  const reply = await fetch(`http://127.0.0.1:${gateway.sluice.port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body
  })
  t.equal(reply.status, 200)
  t.match(await reply.text(), 'You said: Hello [EMAIL_1]')
  t.strictSame(gateway.sent(), [body.replace('openai/gpt-4o', 'gpt-4o')])
})

t.test('what breaks off loses nothing of what was held back', async t => {
  const gateway = await guarded(t, [{ plugin: 'ai-pii', settings: {} }])
  const answer = encodeURIComponent('Dear [EMAIL')
  const said = await ask(gateway, CLIENTS.openai, {
    model: `openai/gpt-4o+answer=${answer}+truncate`,
    stream: true,
    messages: [user(JANE)]
  })
  t.equal(said.text, 'Dear [EMAIL')
})

t.test('a list of Gemini’s is one list, edited or translated', async t => {
  const path = `/v1beta/models/${encodeURIComponent('openai/gpt-4o')}:streamGenerateContent`
  const body = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: JANE }] }] })
  for (const policies of [[], [{ plugin: 'ai-pii', settings: {} }]]) {
    const { sluice } = await guarded(t, policies)
    const reply = await fetch(`http://127.0.0.1:${sluice.port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body
    })
    const list: { candidates?: { content: { parts: { text: string }[] } }[] }[] = JSON.parse(await reply.text())
    const texts = list.flatMap(({ candidates = [] }) => candidates.flatMap(({ content }) => content.parts))
    t.equal(texts.map(({ text }) => text).join(''), `You said: ${JANE}`)
  }
})
