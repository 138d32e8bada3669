import t from 'tap'
import { retryAfterMs } from '../../../core/ai/retry-after.js'

const NOW = Date.UTC(2026, 0, 1)

t.test('how long to wait is said in milliseconds, in seconds or as a date', async t => {
  t.equal(retryAfterMs(['retry-after-ms', '1500', 'retry-after', '2'], NOW), 1_500, 'the exact one counts')
  t.equal(retryAfterMs(['retry-after-ms', '0', 'retry-after', '2'], NOW), 0)
  t.equal(retryAfterMs(['retry-after-ms', '12.5'], NOW), 12.5)
  t.equal(retryAfterMs(['retry-after', '2'], NOW), 2_000)
  t.equal(retryAfterMs(['retry-after', '0.25'], NOW), 250)
  t.equal(retryAfterMs(['retry-after', new Date(NOW + 7_000).toUTCString()], NOW), 7_000)
  t.equal(retryAfterMs(['retry-after', new Date(NOW - 7_000).toUTCString()], NOW), 0, 'a date that is past')
})

t.test('what is empty, negative or no number is as if it were not there', async t => {
  for (const odd of ['', ' ', '-1', '-0', 'soon', 'wait 5', 'NaN', 'Infinity', '1e9', '0x10', '5, 7', '9'.repeat(30)]) {
    t.equal(retryAfterMs(['retry-after-ms', odd], NOW), undefined, `retry-after-ms: ${odd}`)
    t.equal(retryAfterMs(['retry-after', odd], NOW), undefined, `retry-after: ${odd}`)
    t.equal(retryAfterMs(['retry-after-ms', odd, 'retry-after', '3'], NOW), 3_000, `the other one counts: ${odd}`)
  }
  t.equal(retryAfterMs([], NOW), undefined)
})
