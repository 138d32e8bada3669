import fc from 'fast-check'
import t from 'tap'
import type { BodySink, BodySource } from '../../core/base/body.js'
import { GatewayError } from '../../core/base/errors.js'
import { ReplayBody } from '../../core/base/replay-body.js'

/** A body that arrives when it is told to, as the listener's does: nothing more after "full" until it is resumed. */
class Arriving implements BodySource {
  readonly length = undefined
  cancelled = false
  paused = false
  private sink: BodySink | undefined
  private waiting: Buffer[] = []
  private last: 'end' | GatewayError | undefined

  takeWhole(): undefined {
    return undefined
  }

  pipe(sink: BodySink): void {
    this.sink = sink
    this.flush()
  }

  resume(): void {
    this.paused = false
    this.flush()
  }

  cancel(): void {
    this.cancelled = true
  }

  arrive(text: string): void {
    this.waiting.push(Buffer.from(text))
    this.flush()
  }

  finish(how: 'end' | GatewayError = 'end'): void {
    this.last = how
    this.flush()
  }

  private flush(): void {
    while (this.sink !== undefined && !this.paused && this.waiting.length > 0) {
      const chunk = this.waiting.shift() ?? Buffer.alloc(0)
      this.paused = !this.sink.write(chunk)
    }
    if (this.sink === undefined || this.waiting.length > 0 || this.last === undefined) return
    const { last } = this
    this.last = undefined
    if (last === 'end') this.sink.end()
    else this.sink.fail(last)
  }
}

/** Reads with room for so many chunks at a time. */
function reading(source: BodySource, room = Number.POSITIVE_INFINITY) {
  const got = { text: '', over: '', room }
  source.pipe({
    write: chunk => {
      got.text += chunk
      got.room--
      return got.room > 0
    },
    end: () => {
      got.over = 'end'
    },
    fail: error => {
      got.over = error.code
    }
  })
  return got
}

t.test('a second try gets the same from the beginning, and what comes after it', async t => {
  const source = new Arriving()
  const body = new ReplayBody(source, 100)
  const first = body.open()
  const a = reading(first)
  source.arrive('one ')
  source.arrive('two ')
  first.cancel()
  source.arrive('three ')
  t.equal(a.text, 'one two ')
  t.ok(source.paused, 'while nobody reads, no more is taken')
  const b = reading(body.open())
  source.arrive('four')
  source.finish()
  t.strictSame([b.text, b.over], ['one two three four', 'end'])
  t.notOk(source.cancelled)
  t.equal(String(body.whole()), 'one two three four')
})

t.test('past the bound there is no second try, and nothing is kept', async t => {
  const source = new Arriving()
  const body = new ReplayBody(source, 5)
  const got = reading(body.open())
  source.arrive('12345')
  t.ok(body.replayable)
  source.arrive('6')
  t.notOk(body.replayable)
  source.arrive('7')
  source.finish()
  t.strictSame([got.text, got.over], ['1234567', 'end'])
  t.equal(body.whole(), undefined)
})

t.test('with no bound at all it can be sent again as long as nothing of it was read', async t => {
  const source = new Arriving()
  const body = new ReplayBody(source, 0)
  body.open().cancel()
  t.ok(body.replayable, 'the connection failed')
  const got = reading(body.open())
  source.arrive('x')
  t.equal(got.text, 'x')
  t.notOk(body.replayable)
})

t.test('how the body failed is told, also to a later reader', async t => {
  const source = new Arriving()
  const body = new ReplayBody(source, 100)
  const a = reading(body.open())
  source.arrive('ab')
  source.finish(new GatewayError('GW_REQUEST_TIMEOUT', ''))
  t.strictSame([a.text, a.over], ['ab', 'GW_REQUEST_TIMEOUT'])
  const b = reading(body.open())
  t.strictSame([b.text, b.over], ['ab', 'GW_REQUEST_TIMEOUT'])
})

t.test('the rest is thrown away only when no try will want it', async t => {
  const source = new Arriving()
  const body = new ReplayBody(source, 100)
  const first = body.open()
  reading(first)
  first.cancel()
  t.notOk(source.cancelled, 'there may be another')
  body.settle()
  t.ok(source.cancelled)

  const other = new Arriving()
  const settled = new ReplayBody(other, 100)
  const reader = settled.open()
  const got = reading(reader)
  other.arrive('a')
  settled.settle()
  other.arrive('b')
  t.equal(got.text, 'ab', 'the one that won reads on')
  t.notOk(other.cancelled)
  reader.cancel()
  t.ok(other.cancelled, 'until it wants no more')
})

t.test('whatever is read, broken off and resumed: every byte once, in order', async t => {
  const step = fc.oneof(
    { arbitrary: fc.constant('arrive' as const), weight: 4 },
    { arbitrary: fc.constant('resume' as const), weight: 3 },
    { arbitrary: fc.constant('again' as const), weight: 1 }
  )
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 80 }),
      fc.nat(200),
      fc.integer({ min: 1, max: 3 }),
      (steps, bound, room) => {
        const source = new Arriving()
        const body = new ReplayBody(source, bound)
        let reader = body.open()
        let got = reading(reader, room)
        let sent = ''
        for (const each of steps) {
          if (each === 'arrive') {
            const text = `${sent.length},`
            sent += text
            source.arrive(text)
          } else if (each === 'resume') {
            got.room = room
            reader.resume()
          } else if (body.replayable) {
            const old = got
            const before = old.text
            reader.cancel()
            reader = body.open()
            got = reading(reader, room)
            if (old.text !== before) return false
          }
          if (!sent.startsWith(got.text)) return false
        }
        source.finish()
        for (let i = 0; i <= steps.length; i++) {
          got.room = room
          reader.resume()
        }
        return got.text === sent && got.over === 'end'
      }
    )
  )
  t.pass()
})
