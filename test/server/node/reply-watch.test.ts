import t, { type Test } from 'tap'
import { ReplyWatch } from '../../../core/server/node/reply-watch.js'
import { Ticks } from '../../../core/server/ticks.js'

const MAX_QUIET = 4

/** A watch of a reply with 100 bytes left, on a connection with one exchange that has taken everything. */
function watching(t: Test, ended = false) {
  const clock = new Ticks(60_000)
  t.teardown(() => clock.close())
  let happened = ''
  const wire = {
    left: 100,
    taken: 0,
    giveUp: () => {
      happened += 'given up'
    }
  }
  const link = {
    queued: 0,
    taken: 0,
    destroy: () => {
      happened += 'destroyed'
    }
  }
  const connection = { busy: 1, link }
  const watch = new ReplyWatch(wire, connection, clock)
  watch.begin(ended)
  const ticks = (count: number, before: (i: number) => void = () => undefined): string => {
    for (let i = 0; i < count && watch.queue !== undefined && happened === ''; i++) {
      before(i)
      watch.tick(MAX_QUIET)
    }
    return happened
  }
  return { watch, wire, link, connection, ticks }
}

t.test('a reply of which nothing is taken is given up once the time is over, and not before', async t => {
  const { ticks } = watching(t)
  t.equal(ticks(MAX_QUIET), '')
  t.equal(ticks(1), 'given up')
})

t.test('a byte now and then is enough', async t => {
  const { ticks, wire } = watching(t)
  const read = (i: number): void => {
    if (i % MAX_QUIET === 0) wire.taken++
  }
  t.equal(ticks(100, read), '')
})

t.test('while nothing is left nobody is waited for, until there is more', async t => {
  const { ticks, wire, watch } = watching(t)
  ticks(MAX_QUIET)
  wire.left = 0
  t.equal(ticks(100), '')
  t.equal(watch.queue, undefined, 'it is not even looked at')
  wire.left = 100
  watch.begin(false)
  t.equal(ticks(MAX_QUIET), '', 'the time begins anew')
  t.equal(ticks(1), 'given up')
})

t.test('a reply that is written whole and not over waits for its client, whatever is seen of it', async t => {
  const { ticks, wire } = watching(t, true)
  wire.left = 0
  t.equal(ticks(MAX_QUIET + 1), 'given up')
})

t.test('a connection that takes nothing at all ends', async t => {
  const { ticks, link } = watching(t)
  link.queued = 1
  t.equal(ticks(MAX_QUIET + 1), 'destroyed')
})

t.test('a stream that waits behind the others of a slow connection is not given up before it is its turn', async t => {
  const { ticks, link, connection } = watching(t)
  link.queued = 1
  connection.busy = 100
  const read = (): void => {
    link.taken += 1_000_000
  }
  t.equal(ticks(20, read), '', 'the connection was slow, not the reader of this stream')
  t.equal(ticks(20, read), 'given up', 'others have been sent since')
})

t.test('a reply that is over is forgotten', async t => {
  const { watch, ticks } = watching(t)
  watch.end()
  watch.end()
  t.equal(ticks(100), '')
})
