import t from 'tap'
import { paired, spread } from '../../bench/stats.js'

t.test('the median of an even number of figures lies between the middle two', async t => {
  t.strictSame(spread([4, 1, 10, 2]), { median: 3, min: 1, max: 10 })
  t.strictSame(spread([3, 9, 5]), { median: 5, min: 3, max: 9 })
})

t.test('no figures have no spread', async t => {
  t.equal(spread([]), undefined)
})

t.test('only rounds in which both took part are compared', async t => {
  const ratio = (own: number, other: number) => own / other
  t.strictSame(paired([20, undefined, 30, 40], [10, 10, undefined, 10], ratio), { median: 3, min: 2, max: 4 })
  t.equal(paired([undefined, 2], [1], ratio), undefined)
})

t.test('ratios are taken round by round, so a machine that halves its speed does not change them', async t => {
  t.strictSame(
    paired([12, 24], [10, 20], (own, other) => own / other),
    { median: 1.2, min: 1.2, max: 1.2 }
  )
})
