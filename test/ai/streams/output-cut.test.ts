import type { Buffer } from 'node:buffer'
import t from 'tap'
import { dialects } from '../../../core/ai/dialects/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import { OutputCut } from '../../../core/ai/streams/output-cut.js'

const WISH = { model: 'm', includeUsage: true, request: {} }

/** Streams words of four characters, a token each, until the cut or the end. */
async function stream(name: 'openai-chat' | 'anthropic' | 'gemini', allowed: number, words: number, more = allowed) {
  const dialect = dialects.get(name)
  if (dialect === undefined) throw new Error(name)
  const { framing, chat } = dialect
  const writer = chat.streamWriter(WISH)
  let asked = 0
  let last: readonly Buffer[] | undefined
  const cut = new OutputCut(
    framing,
    chat.streamReader(),
    chat.streamWriter(WISH),
    {
      cutAt: allowed,
      more: () => {
        asked++
        return more
      }
    },
    () => 11,
    bytes => {
      last = bytes
    }
  )
  const sent: Buffer[] = []
  const say = (event: ChatEvent): void => {
    for (const frame of writer.write(event)) {
      const piece = framing.write(frame)
      sent.push(piece)
      cut.see(piece)
    }
  }
  say({ type: 'start', id: 'x', model: 'm', created: 1 })
  let said = 0
  for (; said < words && last === undefined; said++) {
    say({ type: 'text', choice: 0, text: 'word' })
    await Promise.resolve()
  }
  const reader = chat.streamReader()
  const frames = framing.reader()
  const events = [...sent, ...(last ?? [])].flatMap(piece => frames.feed(piece)).flatMap(frame => reader.read(frame))
  return { said, asked, cut: last !== undefined, events: [...events, ...reader.end()] }
}

for (const name of ['openai-chat', 'anthropic', 'gemini'] as const) {
  t.test(`${name}: an answer ends with "length" where what is paid for ends`, async t => {
    const { said, cut, events } = await stream(name, 10, 100)
    t.ok(cut)
    t.equal(said, 11, 'the word that goes beyond is the last')
    t.match(
      events.find(({ type }) => type === 'finish'),
      { reason: 'length' }
    )
    t.match(events.filter(({ type }) => type === 'usage').at(-1), { usage: { output: 11 } })
    t.equal(events.at(-1)?.type, 'end', 'it is a whole answer of the dialect')
  })

  t.test(`${name}: where more is to be had the answer goes on`, async t => {
    const { said, asked, cut } = await stream(name, 10, 50, 1_000)
    t.notOk(cut)
    t.equal(said, 50)
    t.equal(asked, 1, 'it is asked for once, not with every word')
  })
}
