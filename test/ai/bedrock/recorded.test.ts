import { Buffer } from 'node:buffer'
import t from 'tap'
import { anthropic } from '../../../core/ai/dialects/anthropic/index.js'
import { converse } from '../../../core/ai/dialects/converse/index.js'
import { awsEventStream } from '../../../core/ai/frames/aws-event-stream.js'
import { awsInvoke } from '../../../core/ai/frames/aws-invoke.js'
import { sse } from '../../../core/ai/frames/sse.js'
import { eventsOf, readsAlike, recordings } from '../anthropic/recordings.js'

// biome-ignore lint/suspicious/noExplicitAny: recorded JSON is read as it is
type Json = any

const all = recordings('bedrock', 'converse')
t.ok(all.length > 15, 'there are recordings')

function expected(usage: Json) {
  if (usage === undefined) return undefined
  const read = usage.cacheReadInputTokens ?? 0
  const written = usage.cacheWriteInputTokens ?? 0
  return { input: usage.inputTokens + read + written, cacheRead: read, written, output: usage.outputTokens }
}

function found(usage: Json) {
  if (usage === undefined) return undefined
  const { input, cacheRead, cacheWrite, cacheWriteLong, output } = usage
  return { input, cacheRead, written: cacheWrite + cacheWriteLong, output }
}

/** Of each call in a stream, its arguments; of one that has none, an empty object. */
function argumentsIn(chunks: readonly Json[]): string[] {
  const calls = chunks.flatMap(({ contentBlockStart: begun }) =>
    begun?.start.toolUse ? [begun.contentBlockIndex] : []
  )
  return calls.map(call => {
    const deltas = chunks.flatMap(({ contentBlockDelta: each }) =>
      each?.contentBlockIndex === call ? [each.delta] : []
    )
    return deltas.map(({ toolUse }) => toolUse?.input ?? '').join('') || '{}'
  })
}

for (const { name, stream, response } of all) {
  if (!stream) {
    t.test(`${name}: the whole reply is read, and its usage is exact`, async t => {
      const body = response.json as Json
      const read = converse.chat.readResponse(body)
      const content: Json[] = body.output.message.content
      t.equal(
        read.choices[0]?.content.map(part => (part.type === 'text' ? part.text : '')).join(''),
        content.map(block => block.text ?? '').join('')
      )
      t.strictSame(
        read.choices[0]?.content.flatMap(part => (part.type === 'tool_call' ? [JSON.parse(part.arguments)] : [])),
        content.flatMap(block => (block.toolUse ? [block.toolUse.input ?? {}] : []))
      )
      t.strictSame(found(read.usage), expected(body.usage))
      t.strictSame(converse.usage(body), read.usage, 'the same when it passes untouched')
      const again = converse.chat.writeResponse(read, { model: 'm', includeUsage: false, request: {} }) as Json
      const blocks = content.filter(block => block.text !== '').map(({ type, ...block }) => block)
      t.strictSame(again.output.message.content, blocks, 'and written as it was')
      t.equal(again.stopReason, body.stopReason)
    })
    continue
  }
  t.test(`${name}: the stream is read alike wherever its bytes are cut, and its usage is exact`, async t => {
    const chunks: Json[] = response.chunks ?? []
    const frames = chunks.flatMap(chunk =>
      Object.entries(chunk).map(([event, body]) => ({ event, data: JSON.stringify(body) }))
    )
    const bytes = Buffer.concat(frames.map(frame => awsEventStream.write(frame)))
    const events = eventsOf(converse, [bytes])
    t.equal(
      events.map(event => (event.type === 'text' ? event.text : '')).join(''),
      chunks.map(chunk => chunk.contentBlockDelta?.delta.text ?? '').join('')
    )
    t.equal(events.map(event => (event.type === 'arguments' ? event.text : '')).join(''), argumentsIn(chunks).join(''))
    const usage = events.findLast(event => event.type === 'usage')
    const raw = chunks.find(chunk => chunk.metadata?.usage)?.metadata.usage
    t.strictSame(found(usage?.type === 'usage' ? usage.usage : undefined), expected(raw))
    t.equal(events.at(-1)?.type, 'end')
    t.ok(readsAlike(converse, bytes), 'the same events')
    t.strictSame(eventsOf(converse, [Buffer.from(response.text ?? '')], sse), events, 'also as server-sent events')
    const watch = converse.streamWatch()
    for (const frame of frames) watch.frame(frame)
    t.strictSame(found(watch.usage), expected(raw), 'one who only looks on sees the same usage')
    t.match(
      { ended: watch.ended, begun: watch.begun, failure: watch.failure },
      { ended: true, begun: true, failure: undefined }
    )
  })
}

t.test("Claude's recorded streams are the same within Bedrock's messages", async t => {
  for (const { name, stream, response } of recordings('anthropic', 'messages')) {
    if (!stream) continue
    const text = Buffer.from(response.text ?? '')
    const bytes = Buffer.concat(
      sse
        .reader()
        .feed(text)
        .map(frame => awsInvoke.write(frame))
    )
    const half = Math.floor(bytes.length / 2)
    const events = eventsOf(anthropic, [bytes.subarray(0, half), bytes.subarray(half)], awsInvoke)
    t.strictSame(events, eventsOf(anthropic, [text]), name)
  }
})
