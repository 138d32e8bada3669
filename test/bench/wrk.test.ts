import t from 'tap'
import { faultOf, parseWrk, type WrkResult } from '../../bench/wrk.js'

const GOOD: WrkResult = {
  requests: 300,
  microseconds: 2_000_000,
  wrong: 0,
  sample: '',
  seen: [140, 160],
  connect: 0,
  read: 0,
  write: 0,
  timeout: 0,
  p50: 812,
  p99: 2410
}

t.test('the result is the last JSON line of what wrk prints', async t => {
  const output = `Running 2s test @ http://127.0.0.1:9000/x\n  1 threads and 64 connections\n${JSON.stringify(GOOD)}\n`
  t.strictSame(parseWrk(output), GOOD)
})

t.test('output without a result is an error that shows the output', async t => {
  t.throws(() => parseWrk('unable to connect to 127.0.0.1:1 Connection refused\n'), /no result: unable to connect/)
  t.throws(() => parseWrk('{"requests":1}\n'), /no result/)
})

t.test('a run in which every reply was expected has no fault', async t => {
  t.equal(faultOf(GOOD), undefined)
})

const FAULTS: readonly (readonly [string, Partial<WrkResult>, RegExp])[] = [
  ['one wrong reply', { wrong: 1, seen: [139, 160], sample: '500 oops' }, /1 unexpected replies, the first: 500 oops/],
  ['a socket error', { read: 2 }, /2 socket errors \(connect 0, read 2, write 0\)/],
  ['a timeout', { timeout: 1 }, /1 timeouts/],
  ['no reply at all', { requests: 0, seen: [0, 0] }, /no reply came/],
  ['replies that were not checked', { seen: [100, 160] }, /300 replies, but 260 were checked/],
  ['an expected reply that never comes', { seen: [300, 0] }, /1 of 2 expected replies never came/]
]
for (const [what, change, message] of FAULTS) {
  t.test(`${what} makes a run not count`, async t => {
    t.match(faultOf({ ...GOOD, ...change }), message)
  })
}
