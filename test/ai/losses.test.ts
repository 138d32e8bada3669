import t from 'tap'
import { dialects } from '../../core/ai/dialects/index.js'
import { dropped, HINTS } from './dialect-parts.js'

/** What is lost of one chat, by the dialect it is written in. */

function lossesOf(dialect: 'openai-chat' | 'anthropic' | 'converse', request: object, models: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(models).map(([name, model]) => {
      const chat = dialects.get(dialect)?.chat.readRequest({ ...request }, HINTS)
      const drop = dropped()
      if (chat !== undefined) dialects.get(name as 'gemini')?.chat.writeRequest({ ...chat, model }, drop)
      return [name, [...drop.names, ...(chat?.extra.keys() ?? [])].sort().join(', ')]
    })
  )
}

const MODELS = {
  anthropic: 'claude-sonnet-4-5',
  gemini: 'gemini-2.5-pro',
  converse: 'amazon.nova-pro-v1:0',
  'ollama-chat': 'qwen3',
  'ollama-generate': 'qwen3',
  cohere: 'command-a-03-2025'
}

t.test('names of users, and how closely images are to be looked at', async t => {
  const url = 'data:image/png;base64,iVBORw0KGgo='
  const image = { type: 'image_url', image_url: { url, detail: 'high' } }
  const request = {
    model: 'm',
    messages: [{ role: 'user', name: 'Ann', content: [image, { type: 'text', text: 'a' }] }]
  }
  const both = 'messages[0].content[0].detail, messages[0].name'
  t.strictSame(lossesOf('openai-chat', request, MODELS), {
    anthropic: both,
    gemini: both,
    converse: both,
    'ollama-chat': both,
    'ollama-generate': both,
    cohere: 'messages[0].name'
  })
})

t.test('what only Claude gives and takes back', async t => {
  const mark = { cache_control: { type: 'ephemeral' } }
  const content = [
    { type: 'thinking', thinking: 'hm', signature: 'S' },
    { type: 'redacted_thinking', data: 'R' },
    { type: 'text', text: 'I look.' },
    { type: 'tool_use', id: 't', name: 'f', input: {} }
  ]
  const failed = { type: 'tool_result', tool_use_id: 't', content: 'no', is_error: true }
  const messages = [
    { role: 'user', content: [{ type: 'text', text: 'a', ...mark }] },
    { role: 'assistant', content },
    { role: 'user', content: [failed] }
  ]
  const { gemini, ...others } = lossesOf('anthropic', { model: 'm', max_tokens: 9, messages }, MODELS)
  const lost = ['content[0].signature', 'content[1].redacted_thinking'].map(each => `messages[1].${each}`).join(', ')
  t.equal(gemini, `cache_control, ${lost}`)
  t.match(others['ollama-chat'], `cache_control, ${lost}, messages[2].is_error`)
  t.match(
    others.cohere,
    'messages[1].content[0].thinking, messages[1].content[1].redacted_thinking, messages[2].is_error'
  )
  const reasons = lossesOf(
    'anthropic',
    { model: 'm', max_tokens: 9, messages },
    { cohere: 'command-a-reasoning-08-2025' }
  )
  t.match(reasons.cohere, `cache_control, ${lost}, messages[2].is_error`)
})

t.test('an answer that was heard, and documents of Converse', async t => {
  const heard = { role: 'assistant', audio: { id: 'audio_1' } }
  const messages = [{ role: 'user', content: 'a' }, heard, { role: 'user', content: 'b' }]
  t.match(lossesOf('openai-chat', { model: 'm', messages }, MODELS).gemini, 'messages[1].content[0].audio')
  const document = { name: 'd', format: 'txt', source: { text: 'x' }, context: 'c', citations: { enabled: true } }
  const said = [{ role: 'user', content: [{ document }, { text: 'a' }] }]
  const path = 'messages[0].content[0].document'
  t.equal(
    lossesOf('converse', { modelId: 'm', messages: said }, MODELS).anthropic,
    `${path}.citations, ${path}.context`
  )
})
