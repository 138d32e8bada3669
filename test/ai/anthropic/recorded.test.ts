import { Buffer } from 'node:buffer'
import t from 'tap'
import { anthropic } from '../../../core/ai/dialects/anthropic/index.js'
import { sse } from '../../../core/ai/frames/sse.js'
import { eventsOf, readsAlike, recordings } from './recordings.js'

// biome-ignore lint/suspicious/noExplicitAny: recorded JSON is read as it is
type Json = any

const all = recordings('anthropic', 'messages')
t.ok(all.length > 50, 'there are recordings')

/** The sums as Anthropic documents them, worked out from the raw JSON: the last value of each member counts. */
function expected(usages: Json[]) {
  const last = (name: string) => usages.map(each => each?.[name]).findLast(value => typeof value === 'number') ?? 0
  const iterations: Json[] = usages.findLast(each => each?.iterations)?.iterations ?? []
  const compactions = iterations.filter(each => each.type === 'compaction')
  const plus = (name: string) => compactions.reduce((sum, each) => sum + each[name], last(name))
  const cacheRead = plus('cache_read_input_tokens')
  const written = plus('cache_creation_input_tokens')
  return {
    input: plus('input_tokens') + cacheRead + written,
    cacheRead,
    written,
    output: plus('output_tokens'),
    searches: usages.findLast(each => each?.server_tool_use)?.server_tool_use.web_search_requests ?? 0,
    reasoning: usages.findLast(each => each?.output_tokens_details)?.output_tokens_details.thinking_tokens ?? 0
  }
}

function found(usage: Json) {
  const { input, cacheRead, cacheWrite, cacheWriteLong, output, searches, reasoning } = usage
  return { input, cacheRead, written: cacheWrite + cacheWriteLong, output, searches, reasoning }
}

function dataOf(text: string): Json[] {
  return text
    .split('\n')
    .filter(line => line.startsWith('data: '))
    .map(line => JSON.parse(line.slice(6)))
}

for (const { name, stream, response } of all) {
  if (!stream) {
    t.test(`${name}: the whole reply is read, and its usage is exact`, async t => {
      const body = response.json as Json
      const read = anthropic.chat.readResponse(body)
      t.equal(read.id, body.id)
      t.equal(read.model, body.model)
      const texts = body.content.filter((block: Json) => block.type === 'text').map((block: Json) => block.text)
      t.equal(
        read.choices[0]?.content.map(part => (part.type === 'text' ? part.text : '')).join(''),
        texts.join(''),
        'all of the text'
      )
      t.equal(
        read.choices[0]?.content.filter(part => part.type === 'tool_call').length,
        body.content.filter((block: Json) => block.type === 'tool_use').length,
        'all of the calls'
      )
      t.strictSame(found(read.usage), expected([body.usage]))
      t.strictSame(anthropic.usage(body), read.usage, 'the same when it passes untouched')
    })
    continue
  }
  t.test(`${name}: the stream is read alike wherever its bytes are cut, and its usage is exact`, async t => {
    // One recording has the replies of several requests after each other.
    const [text = ''] = (response.text ?? '').split(/(?<="message_stop"\}\n\n)/)
    const bytes = Buffer.from(text)
    const events = eventsOf(anthropic, [bytes])
    const frames = dataOf(text)
    const usages = frames.flatMap(each =>
      each.type === 'message_start' ? [each.message.usage] : each.usage ? [each.usage] : []
    )
    const usage = events.findLast(event => event.type === 'usage')
    t.strictSame(found(usage?.type === 'usage' && usage.usage), expected(usages))
    const said = frames.map(each => each.delta?.text ?? '').join('')
    t.equal(events.map(event => (event.type === 'text' ? event.text : '')).join(''), said, 'all of the text')
    t.equal(events.at(-1)?.type, 'end')
    t.equal(events.filter(event => event.type === 'finish').length, 1)
    t.ok(readsAlike(anthropic, bytes), 'the same events')
    const watch = anthropic.streamWatch()
    for (const frame of sse.reader().feed(bytes)) watch.frame(frame)
    t.strictSame(found(watch.usage), expected(usages), 'one who only looks on sees the same usage')
    t.match(
      { ended: watch.ended, begun: watch.begun, failure: watch.failure },
      { ended: true, begun: true, failure: undefined }
    )
    t.ok(watch.text.startsWith(said.slice(0, 10)) || watch.text.includes(said.slice(0, 10)), 'and the text')
    t.equal(watch.model, frames.findLast(each => each.type === 'message_start').message.model)
  })
}
