import { Buffer } from 'node:buffer'
import t from 'tap'
import { openaiChat } from '../../../core/ai/dialects/openai-chat/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import { writerOf } from '../../../core/ai/frames/frame.js'
import { sse } from '../../../core/ai/frames/sse.js'
import { EditedSource, type EventEditor } from '../../../core/ai/streams/edited-source.js'
import type { BodySink, BodySource } from '../../../core/base/body.js'

/** Holds every text back until it is asked in silence, or the stream is over. */
class Holder implements EventEditor {
  held = ''
  ms: number | undefined = 50

  async events(events: readonly ChatEvent[]): Promise<ChatEvent[]> {
    return events.flatMap(event => {
      if (event.type === 'finish') return [...this.release(), event]
      if (event.type !== 'text') return [event]
      this.held += event.text
      return []
    })
  }

  dueMs(): number | undefined {
    return this.held === '' ? undefined : this.ms
  }

  async late(): Promise<ChatEvent[]> {
    return this.release()
  }

  async end(): Promise<ChatEvent[]> {
    return this.release()
  }

  private release(): ChatEvent[] {
    const text = this.held
    this.held = ''
    return text === '' ? [] : [{ type: 'text', choice: 0, text }]
  }
}

/** A provider and a clock that are worked by hand. */
class Bench implements BodySource {
  readonly length = undefined
  sink: BodySink | undefined
  got = ''
  over = ''
  timers: { readonly ms: number; readonly run: () => void }[] = []
  readonly edited: EditedSource

  constructor(readonly editor: EventEditor) {
    const wish = { model: 'm', includeUsage: false, request: {} }
    const { chat } = openaiChat
    this.edited = new EditedSource(
      this,
      sse.reader(),
      chat.streamReader(),
      editor,
      chat.streamWriter(wish),
      writerOf(sse),
      (ms, run) => {
        const timer = { ms, run }
        this.timers.push(timer)
        return {
          off: () => {
            this.timers = this.timers.filter(each => each !== timer)
          },
          again: () => undefined
        }
      }
    )
    this.edited.pipe({
      write: piece => {
        this.got += piece.toString()
        return true
      },
      end: () => {
        this.over = 'end'
      },
      fail: ({ code }) => {
        this.over = code
      }
    })
  }

  pipe(sink: BodySink): void {
    this.sink = sink
  }

  takeWhole(): undefined {
    return undefined
  }

  resume(): void {}

  cancel(): void {}

  /** A text from the provider, and all that comes of it. */
  async says(content: string, finish: string | null = null): Promise<void> {
    const chunk = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm' }
    const choices = [{ index: 0, delta: { content }, finish_reason: finish }]
    this.sink?.write(Buffer.from(`data: ${JSON.stringify({ ...chunk, choices })}\n\n`))
    await turns()
  }

  /** The time that was asked for has passed. */
  async silence(): Promise<void> {
    for (const { run } of this.timers.splice(0)) run()
    await turns()
  }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

t.test('silence is an event for what is held back', async t => {
  const bench = new Bench(new Holder())
  await bench.says('hello')
  t.notMatch(bench.got, 'hello')
  t.strictSame(
    bench.timers.map(({ ms }) => ms),
    [50]
  )
  await bench.silence()
  t.match(bench.got, '"content":"hello"')
  t.strictSame(bench.timers, [], 'nothing is held any more')
})

t.test('an event calls the timer off, and sets it anew', async t => {
  const bench = new Bench(new Holder())
  await bench.says('a')
  const [first] = bench.timers
  await bench.says('b')
  t.equal(bench.timers.length, 1)
  t.not(bench.timers[0], first)
  await bench.silence()
  t.match(bench.got, '"content":"ab"')
})

t.test('there is no timer where none is wanted, and none is left when the stream is over', async t => {
  const holder = new Holder()
  holder.ms = undefined
  const patient = new Bench(holder)
  await patient.says('a')
  t.strictSame(patient.timers, [])

  const ended = new Bench(new Holder())
  await ended.says('a')
  ended.sink?.end()
  await turns()
  t.strictSame([ended.timers.length, ended.over], [0, 'end'])
  t.match(ended.got, '"content":"a"', 'what was held goes out')

  const left = new Bench(new Holder())
  await left.says('a')
  left.edited.cancel()
  t.strictSame(left.timers, [])
})

t.test('what arrives in the very turn in which an edit ends is not forgotten', async t => {
  class Eager extends Holder {
    override async events(events: readonly ChatEvent[]): Promise<ChatEvent[]> {
      return [...events]
    }
  }
  for (let gap = 0; gap < 12; gap++) {
    const bench = new Bench(new Eager())
    const chunk = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm' }
    const choices = [{ index: 0, delta: { content: 'a' }, finish_reason: null }]
    bench.sink?.write(Buffer.from(`data: ${JSON.stringify({ ...chunk, choices })}\n\n`))
    for (let i = 0; i < gap; i++) await Promise.resolve()
    bench.sink?.end()
    await turns()
    t.equal(bench.over, 'end', `${gap} turns later`)
  }
})
