import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import type { DialectName } from '../../../core/ai/dialects/dialect.js'
import { dialects } from '../../../core/ai/dialects/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import { type Framing, writerOf } from '../../../core/ai/frames/frame.js'
import { jsonArray } from '../../../core/ai/frames/json-array.js'
import { EditedSource, type EventEditor } from '../../../core/ai/streams/edited-source.js'
import { Turning } from '../../../core/ai/streams/passing.js'
import type { After } from '../../../core/ai/streams/relay.js'
import { StripUsage } from '../../../core/ai/streams/strip-usage.js'
import { EventWatch, Translation } from '../../../core/ai/streams/translate.js'
import { usageOf } from '../../../core/ai/usage.js'
import type { BodySink, BodySource } from '../../../core/base/body.js'
import { GatewayError } from '../../../core/base/errors.js'

const NAMES = ['openai-chat', 'openai-responses', 'anthropic', 'gemini', 'cohere', 'ollama-chat', 'converse'] as const
const WISH = { model: 'm', includeUsage: true, request: {} }

function dialectOf(name: DialectName) {
  const dialect = dialects.get(name)
  if (dialect === undefined) throw new Error(name)
  return dialect
}

/** An answer in pieces of text, as a provider of the dialect streams it. */
function streamOf(name: DialectName, texts: readonly string[], framing: Framing = dialectOf(name).framing): Buffer {
  const writer = dialectOf(name).chat.streamWriter(WISH)
  const bytes = writerOf(framing)
  const events: ChatEvent[] = [
    { type: 'start', id: 'x', model: 'm', created: 1 },
    ...texts.map((text): ChatEvent => ({ type: 'text', choice: 0, text })),
    { type: 'finish', choice: 0, reason: 'stop' },
    { type: 'usage', usage: usageOf({ input: 3, output: texts.length }) },
    { type: 'end' }
  ]
  return Buffer.concat([...events.flatMap(event => writer.write(event)).map(frame => bytes.write(frame)), bytes.end()])
}

function read(name: DialectName, bytes: Buffer, framing: Framing = dialectOf(name).framing): ChatEvent[] {
  const frames = framing.reader()
  const reader = dialectOf(name).chat.streamReader()
  const events = [...frames.feed(bytes), ...frames.end()].flatMap(frame => reader.read(frame))
  return [...events, ...reader.end()]
}

const textIn = (events: readonly ChatEvent[]): string =>
  events.map(event => (event.type === 'text' ? event.text : '')).join('')
const endsIn = (events: readonly ChatEvent[]): number => events.filter(({ type }) => type === 'end').length

function* cutAt(bytes: Buffer, cuts: readonly number[]): Generator<Buffer> {
  let at = 0
  for (const cut of cuts) {
    if (at >= bytes.length) return
    yield bytes.subarray(at, at + cut)
    at += cut
  }
  if (at < bytes.length) yield bytes.subarray(at)
}

const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 8 })
const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 60 })
const name = fc.constantFrom(...NAMES)

t.test('from any dialect to any other, cut anywhere: all of the text in order, and one end', async () => {
  fc.assert(
    fc.property(name, name, texts, cuts, fc.boolean(), (from, to, said, cut, array) => {
      const framing = to === 'gemini' && array ? jsonArray : dialectOf(to).framing
      const watch = new EventWatch()
      const turn = new Translation(dialectOf(from).chat.streamReader(), dialectOf(to).chat.streamWriter(WISH), watch)
      const turning = new Turning(watch, dialectOf(from).framing.reader(), turn, writerOf(framing), () => [])
      const out: Buffer[] = []
      for (const piece of cutAt(streamOf(from, said), cut)) turning.piece(piece, out)
      turning.end(out)
      const got = read(to, Buffer.concat(out), framing)
      return textIn(got) === said.join('') && endsIn(got) === 1 && watch.ended && watch.text === said.join('')
    }),
    { numRuns: 400 }
  )
})

t.test('broken off anywhere and told to have failed: what came is there, and the client knows', async () => {
  fc.assert(
    fc.property(name, name, texts, fc.double({ min: 0, max: 1, noNaN: true }), (from, to, said, share) => {
      const { framing, chat } = dialectOf(to)
      const watch = new EventWatch()
      const turn = new Translation(dialectOf(from).chat.streamReader(), chat.streamWriter(WISH), watch)
      const turning = new Turning(watch, dialectOf(from).framing.reader(), turn, writerOf(framing), () => [])
      const bytes = streamOf(from, said)
      const out: Buffer[] = []
      turning.piece(bytes.subarray(0, Math.floor(bytes.length * share)), out)
      if (watch.ended) return true
      out.push(...(turning.fail({ kind: 'server', status: 502, message: 'gone' }) ?? []))
      const got = read(to, Buffer.concat(out))
      return said.join('').startsWith(textIn(got)) && got.some(({ type }) => type === 'failure')
    }),
    { numRuns: 400 }
  )
})

t.test('what comes before an event that cannot be read is there, also when it came with it', async t => {
  const said = ['one', 'two']
  for (const [from, to] of [
    ['openai-chat', 'anthropic'],
    ['anthropic', 'openai-chat']
  ] as const) {
    const { framing, chat } = dialectOf(to)
    const watch = new EventWatch()
    const turn = new Translation(dialectOf(from).chat.streamReader(), chat.streamWriter(WISH), watch)
    const turning = new Turning(watch, dialectOf(from).framing.reader(), turn, writerOf(framing), () => [])
    const out: Buffer[] = []
    const bytes = streamOf(from, said)
    const begun = bytes.subarray(0, bytes.indexOf('\n\n', bytes.indexOf('two')) + 2)
    t.throws(() => turning.piece(Buffer.concat([begun, Buffer.from('data: {"gar\n\n')]), out), {
      code: 'GW_UPSTREAM_BAD_RESPONSE'
    })
    t.equal(textIn(read(to, Buffer.concat(out))), 'onetwo', `${from} to ${to}`)
    t.ok(watch.begun)
  }
})

t.test('usage is stripped from a stream cut anywhere, and nothing else', async () => {
  fc.assert(
    fc.property(texts, cuts, (said, cut) => {
      const { chat, streamWatch } = dialectOf('openai-chat')
      const watch = streamWatch()
      const turning = new StripUsage(watch, () => [])
      const out: Buffer[] = []
      for (const piece of cutAt(streamOf('openai-chat', said), cut)) turning.piece(piece, out)
      turning.end(out)
      const got = read('openai-chat', Buffer.concat(out))
      const counted = watch.usage?.output === said.length && chat !== undefined
      return textIn(got) === said.join('') && endsIn(got) === 1 && counted && got.every(({ type }) => type !== 'usage')
    })
  )
})

/** A provider whose bytes come when the test says so. It counts what is sent while it should not. */
class Hand implements BodySource {
  readonly length = undefined
  sink: BodySink | undefined
  paused = false
  cancelled = false
  resume(): void {
    this.paused = false
  }
  cancel(): void {
    this.cancelled = true
    this.sink?.fail(new GatewayError('GW_CLIENT_GONE', 'cancelled'))
  }
  takeWhole(): undefined {
    return undefined
  }
  pipe(sink: BodySink): void {
    this.sink = sink
  }
  send(piece: Buffer): void {
    if (this.sink?.write(piece) === false) this.paused = true
  }
}

const NEVER_LATE = { dueMs: () => undefined, late: async () => [] }
const never: After = () => ({ off: () => undefined, again: () => undefined })

/** Answers after some turns of the microtask queue, or at once; may hold text back until the end. */
function editor(turns: readonly number[], holds: boolean): EventEditor {
  let call = 0
  const held: ChatEvent[] = []
  return {
    async events(events) {
      for (let i = turns[call++ % Math.max(1, turns.length)] ?? 0; i > 0; i--) await Promise.resolve()
      if (!holds) return [...events]
      const out: ChatEvent[] = []
      for (const event of events) {
        if (event.type === 'text') held.push(event)
        else if (event.type === 'finish') out.push(...held.splice(0), event)
        else out.push(event)
      }
      return out
    },
    end: async () => held.splice(0),
    ...NEVER_LATE
  }
}

t.test('with policies in between: all of it in order, one end, and a full client pauses the provider', async () => {
  await fc.assert(
    fc.asyncProperty(
      name,
      name,
      texts,
      cuts,
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      fc.array(fc.boolean(), { maxLength: 30 }),
      fc.boolean(),
      async (from, to, said, cut, turns, holds, rooms, breaks) => {
        const source = new Hand()
        const { framing, chat } = dialectOf(to)
        const reader = dialectOf(from).chat.streamReader()
        const edited = new EditedSource(
          source,
          dialectOf(from).framing.reader(),
          reader,
          editor(turns, holds),
          chat.streamWriter(WISH),
          writerOf(framing),
          never
        )
        const got: Buffer[] = []
        let ends = 0
        let failure: GatewayError | undefined
        let room = 0
        let full = false
        let over: () => void = () => undefined
        const done = new Promise<void>(resolve => {
          over = resolve
        })
        edited.pipe({
          write: piece => {
            got.push(piece)
            full = rooms[room++] === false
            return !full
          },
          end: () => {
            ends++
            over()
          },
          fail: error => {
            failure = error
            over()
          }
        })
        for (const piece of cutAt(streamOf(from, said), cut)) {
          // A provider that is told to pause is told to go on again, once there is room.
          while (source.paused) {
            await Promise.resolve()
            if (!source.paused) break
            if (full) full = false
            edited.resume()
          }
          source.send(piece)
          if (cut.length % 2 === 0) await Promise.resolve()
        }
        if (breaks) source.sink?.fail(new GatewayError('GW_UPSTREAM_RESET', 'gone'))
        else source.sink?.end()
        await done
        const events = read(to, Buffer.concat(got))
        if (breaks) return failure?.code === 'GW_UPSTREAM_RESET' && ends === 0
        return ends === 1 && failure === undefined && textIn(events) === said.join('') && endsIn(events) === 1
      }
    ),
    { numRuns: 300 }
  )
})

t.test('a policy that fails ends the stream and the call, once', async t => {
  const source = new Hand()
  const { framing, chat } = dialectOf('openai-chat')
  const failing: EventEditor = {
    events: () => Promise.reject(new GatewayError('GW_PLUGIN_FAILED', 'no')),
    end: async () => [],
    ...NEVER_LATE
  }
  const writer = chat.streamWriter(WISH)
  const edited = new EditedSource(
    source,
    framing.reader(),
    chat.streamReader(),
    failing,
    writer,
    writerOf(framing),
    never
  )
  const failures: string[] = []
  const ended = new Promise<void>(resolve => {
    edited.pipe({
      write: () => true,
      end: () => failures.push('end'),
      fail: ({ code }) => {
        failures.push(code)
        resolve()
      }
    })
  })
  source.send(streamOf('openai-chat', ['Hi']))
  await ended
  t.ok(source.cancelled)
  t.strictSame(failures, ['GW_PLUGIN_FAILED'])
})
