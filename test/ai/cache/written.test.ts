import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { AnswerCheck } from '../../../core/ai/cache/answer-check.js'
import { bytesFor, dialectOf, sourceFor } from '../../../core/ai/cache/written.js'
import type { ChatResponse } from '../../../core/ai/chat.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import { eventsOf, Fold } from '../../../core/ai/fold.js'
import { usageOf } from '../../../core/ai/usage.js'
import { wholeBody } from '../../../core/base/body.js'
import { Source, Taker } from '../../support/bodies.js'
import { callerOf, frames, responseOf, streamOf, TOYS, wholeOf } from './toys.js'

const text = fc.string({ minLength: 1, maxLength: 12 })

/** Parts as answers have them: no two texts side by side, for those are one. */
const part = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text }),
  fc.record({ type: fc.constant('thinking' as const), text, id: fc.constant(undefined), signature: text }),
  fc.record({ type: fc.constant('redacted_thinking' as const), data: text, id: fc.constant(undefined) }),
  fc.record({ type: fc.constant('refusal' as const), refusal: text }),
  fc.record({
    type: fc.constant('tool_call' as const),
    id: text,
    name: text,
    arguments: text,
    custom: fc.constant(undefined),
    signature: fc.option(text, { nil: undefined })
  }),
  fc.record({
    type: fc.constant('image' as const),
    source: fc.record({ kind: fc.constant('base64' as const), media_type: text, data: text })
  })
)
const content = fc
  .array(part, { minLength: 1, maxLength: 8 })
  .map(parts => parts.filter((each, i) => i === 0 || parts[i - 1]?.type !== each.type || each.type === 'tool_call'))

t.test('an answer told as a stream and put together again is the same answer', async () => {
  const choice = fc.record({ content, finish_reason: fc.constantFrom('stop' as const, 'length' as const) })
  fc.assert(
    fc.property(fc.array(choice, { minLength: 1, maxLength: 3 }), fc.boolean(), (choices, used) => {
      const response: ChatResponse = {
        id: 'i',
        model: 'm',
        created: 1,
        choices: choices.map((each, index) => ({ index, ...each })),
        usage: used ? usageOf({ input: 3, output: 4 }) : undefined
      }
      const fold = new Fold()
      for (const event of eventsOf(response)) fold.add(event)
      return fold.ended && fold.finished && JSON.stringify(fold.response()) === JSON.stringify(response)
    })
  )
})

t.test(
  'texts, arguments of calls side by side, citations, audio and logprobs are put together piece by piece',
  async t => {
    const fold = new Fold()
    const url = { type: 'url_citation' as const, url: 'https://example.com' }
    const events: ChatEvent[] = [
      { type: 'start', id: 'i', model: 'm', created: 0 },
      { type: 'text', choice: 0, text: 'a' },
      { type: 'text', choice: 0, text: 'b' },
      { type: 'annotation', choice: 0, annotation: url },
      { type: 'tool_call', choice: 0, call: 0, id: 'x', name: 'f' },
      { type: 'tool_call', choice: 0, call: 1, id: 'y', name: 'g' },
      { type: 'arguments', choice: 0, call: 0, text: '{"a"' },
      { type: 'arguments', choice: 0, call: 1, text: '{}' },
      { type: 'arguments', choice: 0, call: 0, text: ':1}' },
      { type: 'audio', choice: 0, id: 'au', data: Buffer.from('ab').toString('base64') },
      { type: 'audio', choice: 0, data: Buffer.from('cde').toString('base64'), transcript: 't' },
      { type: 'logprobs', choice: 0, logprobs: { content: [1] } },
      { type: 'logprobs', choice: 0, logprobs: { content: [2], refusal: null } },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
      { type: 'end' }
    ]
    for (const event of events) fold.add(event)
    const [choice] = fold.response().choices
    t.match(choice, {
      content: [
        { type: 'text', text: 'ab', annotations: [url] },
        { type: 'tool_call', id: 'x', arguments: '{"a":1}' },
        { type: 'tool_call', id: 'y', arguments: '{}' },
        { type: 'audio', id: 'au', data: Buffer.from('abcde').toString('base64'), transcript: 't' }
      ],
      logprobs: { content: [1, 2] }
    })
  }
)

t.test('a stored answer is given as whole or stream in any dialect, and as it is where it fits', async t => {
  const whole = wholeOf('openai-chat', responseOf('hello'))
  const stream = Buffer.concat(frames('ollama-chat', streamOf('hel', 'lo')))
  const shapes = [
    { bytes: whole, shape: { dialect: 'openai-chat' as const, stream: false, variant: '' } },
    { bytes: stream, shape: { dialect: 'ollama-chat' as const, stream: true, variant: 'a' } }
  ]
  for (const { bytes, shape } of shapes) {
    t.equal(bytesFor(TOYS, { bytes, shape, usage: undefined }, callerOf(shape)), bytes, 'the same bytes')
    for (const dialect of ['openai-chat', 'ollama-chat'] as const) {
      const asWhole = bytesFor(TOYS, { bytes, shape, usage: undefined }, callerOf({ dialect }))
      t.match(JSON.parse(asWhole.toString())[dialect], responseOf('hello'))
      const asStream = bytesFor(
        TOYS,
        { bytes, shape, usage: undefined },
        callerOf({ dialect, stream: true, variant: 'b' })
      )
      const fold = new Fold()
      const reader = dialectOf(TOYS, callerOf({ dialect })).framing.reader()
      for (const { data } of [...reader.feed(asStream), ...reader.end()]) fold.add(JSON.parse(data))
      t.match(fold.response(), responseOf('hello'))
    }
  }
})

t.test('a stream that arrives is written for another dialect as it comes', async t => {
  const source = new Source()
  const shape = { dialect: 'openai-chat' as const, stream: true, variant: '' }
  const caller = callerOf({ dialect: 'ollama-chat', stream: true })
  const taker = Taker.of(sourceFor(TOYS, source, { shape }, caller))
  const given = frames('openai-chat', streamOf('a', 'b'))
  const wanted = frames('ollama-chat', streamOf('a', 'b')).map(String)
  for (const [i, frame] of given.entries()) {
    source.sink?.write(frame)
    t.equal(taker.text, wanted.slice(0, i + 1).join(''))
  }
  source.sink?.end()
  t.equal(taker.end, 'ended')
})

t.test('what cannot be read fails for the one it was to be written for, and is asked for no more', async t => {
  const source = new Source()
  const shape = { dialect: 'openai-chat' as const, stream: true, variant: '' }
  const taker = Taker.of(sourceFor(TOYS, source, { shape }, callerOf({ dialect: 'ollama-chat', stream: true })))
  source.sink?.write(Buffer.from('data: odd\n\n'))
  t.equal(taker.end, 'GW_INTERNAL')
  t.ok(source.cancelled)

  const broken = Taker.of(
    sourceFor(TOYS, wholeBody(Buffer.from('no')), { shape: { ...shape, stream: false } }, callerOf({ stream: true }))
  )
  t.equal(broken.end, 'GW_INTERNAL')
})

t.test('only whole answers that ended for no bad reason are stored', async t => {
  const whole = (response: ChatResponse) => {
    const bytes = wholeOf('openai-chat', response)
    return new AnswerCheck(dialectOf(TOYS, callerOf()), false).end(bytes)
  }
  const stream = (events: ChatEvent[]) => {
    const check = new AnswerCheck(dialectOf(TOYS, callerOf()), true)
    const bytes = Buffer.concat(frames('openai-chat', events))
    for (const byte of bytes) check.feed(Buffer.of(byte))
    return check.end(bytes)
  }
  t.match(whole(responseOf('a')), { storable: true, plain: true })
  t.match(whole(responseOf('a', { finish_reason: 'length' })), { storable: true, plain: false })
  const call = { type: 'tool_call' as const, id: 'x', name: 'f', arguments: '{}' }
  t.match(whole(responseOf('', { content: [call], finish_reason: 'tool_calls' })), { storable: true, plain: false })
  for (const finish_reason of ['content_filter', 'refusal', 'pause'] as const) {
    t.match(whole(responseOf('a', { finish_reason })), { storable: false })
  }
  t.match(whole(responseOf('', { content: [] })), { storable: false }, 'nothing was said')
  t.match(whole({ ...responseOf('a'), choices: [] }), { storable: false })

  t.match(stream(streamOf('a')), { storable: true, plain: true })
  t.match(stream(streamOf('a').slice(0, -1)), { storable: false }, 'it broke off before its end')
  t.match(stream(streamOf('a').filter(({ type }) => type !== 'finish')), { storable: false }, 'no reason to end')
  const failure = { kind: 'server' as const, status: 0, message: 'm' }
  t.match(stream([...streamOf('a').slice(0, -1), { type: 'failure', failure }, { type: 'end' }]), { storable: false })
  const odd = new AnswerCheck(dialectOf(TOYS, callerOf()), true)
  odd.feed(Buffer.from('data: odd\n\n'))
  t.match(odd.end(Buffer.alloc(0)), { storable: false })
  t.match(new AnswerCheck(dialectOf(TOYS, callerOf()), false).end(Buffer.from('no')), { storable: false })
})
