import t from 'tap'
import { HeldTexts } from '../../../core/gateway/ai/held-texts.js'

t.test('each policy holds back of each choice', async t => {
  const held = new HeldTexts(() => 0)
  held.keep(1, 0, 'a', 0, undefined)
  held.keep(2, 0, 'b', 0, undefined)
  held.keep(1, 3, 'c', 0, undefined)
  t.strictSame([held.of(1, 0), held.of(2, 0), held.of(1, 3), held.of(2, 3)], ['a', 'b', 'c', ''])
  t.strictSame(held.choices(), [0, 3])
  t.equal(held.take(1, 0).text, 'a')
  t.equal(held.of(1, 0), '', 'what was taken is gone')
  t.equal(held.dueMs(), undefined, 'none of it has a time')
})

t.test('the first that is due counts', async t => {
  let now = 1_000
  const held = new HeldTexts(() => now)
  held.keep(1, 0, 'a', 300, undefined)
  held.keep(2, 1, 'b', 200, undefined)
  t.equal(held.dueMs(), 200)
  now += 250
  t.equal(held.dueMs(), 0)
  t.strictSame(held.dueChoices(), [1])
  t.strictSame([held.isDue(1, 0), held.isDue(2, 1)], [false, true])
})

t.test('a policy that was asked too early is due when it was', async t => {
  let now = 0
  const held = new HeldTexts(() => now)
  held.keep(1, 0, 'a', 300, undefined)
  now = 100
  held.keep(1, 0, 'a', 300, held.take(1, 0))
  t.equal(held.dueMs(), 200)
  now = 300
  held.keep(1, 0, 'a', 300, held.take(1, 0))
  t.equal(held.dueMs(), 300, 'asked in time, it holds back for as long again')
})

t.test('no policy is asked all the time', async t => {
  const held = new HeldTexts(() => 0)
  held.keep(1, 0, 'a', 1, undefined)
  t.equal(held.dueMs(), 10)
})
