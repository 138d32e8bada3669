import t from 'tap'
import type { ChatRequest, Source, UserPart } from '../../../core/ai/chat.js'
import { anthropic } from '../../../core/ai/dialects/anthropic/index.js'
import type { Dialect } from '../../../core/ai/dialects/dialect.js'
import { openaiChat } from '../../../core/ai/dialects/openai-chat/index.js'
import { openaiResponses } from '../../../core/ai/dialects/openai-responses/index.js'

function written(dialect: Dialect, ...content: UserPart[]): { body: string; dropped: string[] } {
  const dropped: string[] = []
  const chat: ChatRequest = {
    model: 'm',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Look.' }, ...content] }],
    stream: false,
    extra: new Map()
  }
  const body = JSON.stringify(dialect.chat.writeRequest(chat, { drop: name => dropped.push(name) }))
  return { body, dropped }
}

/** The canonical source of an image that a client of OpenAI's names. */
function sourceOf(url: string): Source | undefined {
  const messages = [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }]
  const hints = { model: 'm', stream: false, headers: [] }
  const { messages: read } = openaiChat.chat.readRequest({ model: 'm', messages }, hints)
  const part = read[0]?.content[0]
  return part?.type === 'image' ? part.source : undefined
}

t.test('the name of a file goes to whoever gave it, and is named as dropped elsewhere', async t => {
  const file = (of: 'openai' | 'anthropic'): UserPart => {
    return { type: 'file', source: { kind: 'id', file_id: 'file-1', of } }
  }
  const image = (of: 'openai' | 'anthropic'): UserPart => {
    return { type: 'image', source: { kind: 'id', file_id: 'file-2', of } }
  }
  for (const [dialect, own, other] of [
    [anthropic, 'anthropic', 'openai'],
    [openaiResponses, 'openai', 'anthropic']
  ] as const) {
    const kept = written(dialect, file(own), image(own))
    t.match(kept.body, /file-1.*file-2/)
    t.strictSame(kept.dropped, [])
    const lost = written(dialect, file(other), image(other))
    t.notMatch(lost.body, 'file-')
    t.equal(lost.dropped.length, 2)
  }
  t.match(written(openaiChat, file('openai')).body, 'file-1')
  const lost = written(openaiChat, file('anthropic'))
  t.notMatch(lost.body, 'file-1')
  t.equal(lost.dropped.length, 1)
})

t.test('a media type is told as it is registered', async t => {
  for (const [type, media_type] of [
    ['image/jpg', 'image/jpeg'],
    ['IMAGE/PNG', 'image/png'],
    ['image/webp', 'image/webp']
  ] as const) {
    t.match(sourceOf(`data:${type};base64,AAAA`), { kind: 'base64', media_type, data: 'AAAA' })
  }
})

t.test('an image that Claude does not take is left out, and named', async t => {
  const source = sourceOf('data:image/svg+xml;base64,AAAA')
  if (source === undefined) throw new Error('no image was read')
  const { body, dropped } = written(anthropic, { type: 'image', source })
  t.notMatch(body, 'svg')
  t.strictSame(dropped, ['messages[0].content[1].image'])
})
