import t from 'tap'
import type { HeaderList } from '../../core/base/headers.js'
import { responseHeaders } from '../../core/gateway/forward.js'
import { moveDate } from '../../core/gateway/move-date.js'

const NOW = Date.UTC(2024, 0, 1, 12, 0, 0)
const at = (seconds: number): string => new Date(NOW + seconds * 1_000).toUTCString()

/** What clients get beside a Date of `NOW`, when the upstream's was so many seconds away. */
function moved(headers: HeaderList, seconds: number): HeaderList {
  const list = headers.slice()
  moveDate(list, at(seconds), NOW)
  return list
}

t.test('what the Date of the upstream said of freshness is said by Age and Expires', async t => {
  t.strictSame(moved(['expires', at(30)], -30), ['expires', at(60), 'age', '30'], '30 of 60 seconds are left')
  t.strictSame(moved(['expires', at(30), 'age', '40'], -30), ['expires', at(60), 'age', '40'], 'an Age that is higher')
  t.strictSame(moved(['expires', at(90)], 30), ['expires', at(60)], 'a clock that is ahead')
  t.strictSame(moved(['expires', at(-40)], -30), ['expires', at(-10), 'age', '30'], 'over is over')
  t.strictSame(moved(['expires', '0'], -30), ['expires', '0', 'age', '30'])
  t.strictSame(moved(['cache-control', 's-maxage=9', 'expires', at(30)], -30), [
    ...['cache-control', 's-maxage=9', 'expires', at(60), 'age', '30']
  ])
})

t.test('an Expires that does not count, and replies that say nothing of it, stay as they are', async t => {
  const control: HeaderList = ['cache-control', 'max-age=60', 'expires', at(30)]
  t.strictSame(moved(control, -30), [...control, 'age', '30'])
  t.strictSame(moved(control, 0), control)
  t.strictSame(moved(['cache-control', 'no-store'], -30), ['cache-control', 'no-store'])
  const list: HeaderList = ['expires', at(30)]
  moveDate(list, 'yesterday', NOW)
  t.strictSame(list, ['expires', at(30)])
})

t.test('the Date of the upstream itself is not sent', async t => {
  t.strictSame(responseHeaders(['date', at(0), 'x', '1']), ['x', '1', 'via', '1.1 sluice'])
})

t.test(
  'the headers of a reply that comes again are as old as it is by then, and its receiver may change them',
  async t => {
    let now = NOW
    t.intercept(Date, 'now', { value: () => now })
    const fresh = ['date', at(0), 'cache-control', 'max-age=60']
    t.strictSame(responseHeaders(fresh), ['cache-control', 'max-age=60', 'via', '1.1 sluice'])
    now += 5_000
    t.strictSame(responseHeaders(fresh), ['cache-control', 'max-age=60', 'age', '5', 'via', '1.1 sluice'])
    const timeless = ['date', at(0), 'x', '2', 'via', '1.0 up', 'connection', 'close']
    for (let i = 0; i < 3; i++) {
      const list = responseHeaders(timeless)
      t.strictSame(list, ['x', '2', 'via', '1.0 up, 1.1 sluice'])
      list.push('set-cookie', 'mine')
    }
  }
)
