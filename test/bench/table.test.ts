import t from 'tap'
import { shown, table } from '../../bench/table.js'

t.test('names stand to the left, figures to the right, and short rows are allowed', async t => {
  t.strictSame(
    table([
      ['', 'CPU-µs', 'p50'],
      ['bare', '28.1', '1.900'],
      ['sluice', 'failed']
    ]),
    ['        CPU-µs    p50', 'bare      28.1  1.900', 'sluice  failed']
  )
})

t.test('a figure is shown as median with least and greatest, or as a dash', async t => {
  t.equal(shown({ median: 28.14, min: 27.9, max: 29 }, 1), '28.1 (27.9–29.0)')
  t.equal(shown(undefined, 1), '–')
})
