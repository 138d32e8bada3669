import t from 'tap'
import type { ExchangeLog, LoggedExchange } from '../../core/observe/exchange-log.js'
import { limitLines } from '../../core/observe/line-limit.js'
import { createLog } from '../../core/observe/log.js'

const NOTHING: ExchangeLog = {
  exchange: () => undefined,
  error: () => undefined,
  fault: () => undefined,
  plugin: () => undefined,
  breaker: () => undefined
}
const exchange = {} as LoggedExchange

/** A limited log on a clock of its own, and what came out of it. */
function limited(perSecond: number) {
  const written: string[] = []
  const said: Record<string, unknown>[] = []
  const dropped: string[] = []
  const timers: { run: () => void; at: number }[] = []
  let clock = 0
  const log = limitLines(
    { ...NOTHING, plugin: (binding, _, line) => written.push(`${binding.where} ${line}`) },
    createLog('info', { write: line => said.push(JSON.parse(line)) }),
    {
      perSecond,
      onDropped: where => dropped.push(where),
      now: () => clock,
      later: (run, ms) => timers.push({ run, at: clock + ms })
    }
  )
  return {
    written,
    said,
    dropped,
    line: (where: string, text = '1line') => log.plugin({ plugin: 'chatty', where }, exchange, Buffer.from(text)),
    pass: (ms: number) => {
      clock += ms
      for (const timer of timers.splice(0)) {
        if (timer.at <= clock) timer.run()
        else timers.push(timer)
      }
    }
  }
}

t.test('so many lines come at once, then so many a second', async t => {
  const { written, line, pass, dropped } = limited(10)
  for (let i = 0; i < 50; i++) line('a')
  t.equal(written.length, 10)
  t.equal(dropped.length, 40)
  pass(500)
  for (let i = 0; i < 50; i++) line('a')
  t.equal(written.length, 15, 'half a second is half of them')
  pass(60_000)
  for (let i = 0; i < 50; i++) line('a')
  t.equal(written.length, 25, 'a long silence saves up no more than a second’s')
})

t.test('what was left out is said in one line a second', async t => {
  const { said, line, pass } = limited(1)
  for (let i = 0; i < 101; i++) line('a')
  t.equal(said.length, 0, 'not at once: there may be more')
  pass(1_000)
  t.match(said, [{ plugin: 'chatty', where: 'a', lines: 100, perSecond: 1, level: 40 }])
  pass(10_000)
  t.equal(said.length, 1, 'nothing more was left out, and nothing more is said')
  for (let i = 0; i < 4; i++) line('a')
  pass(1_000)
  t.match(said[1], { lines: 3 }, 'the next ones are counted anew')
})

t.test('a binding that floods takes no line from another', async t => {
  const { written, line } = limited(5)
  for (let i = 0; i < 1_000; i++) line('flood')
  for (let i = 0; i < 5; i++) line('calm')
  t.equal(written.filter(each => each.startsWith('calm')).length, 5)
})

t.test('a line below the level of the log takes nobody’s place', async t => {
  const { written, dropped, line } = limited(2)
  for (let i = 0; i < 100; i++) line('a', '0debug')
  t.strictSame([written, dropped], [[], []])
  line('a', '3error')
  t.strictSame(written, ['a 3error'])
})

t.test('a limit of 0 writes nothing', async t => {
  const { written, dropped, line } = limited(0)
  line('a')
  t.strictSame([written, dropped], [[], ['a']])
})
