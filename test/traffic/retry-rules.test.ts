import fc from 'fast-check'
import t from 'tap'
import { ERRORS, type ErrorCode } from '../../core/base/errors.js'
import { backoffMs } from '../../core/traffic/backoff.js'
import { isFixed, type PriorityRule, priorityOf } from '../../core/traffic/priority.js'
import { retryAfterMs } from '../../core/traffic/retry-after.js'
import { RETRY_ERRORS, type RetryRules, retryReason } from '../../core/traffic/retry-rules.js'

const RULES: RetryRules = {
  attempts: 2,
  methods: new Set(['GET']),
  statuses: new Set([503]),
  errors: new Set(RETRY_ERRORS),
  backoff: { baseMs: 25, maxMs: 1_000, jitter: true },
  bodyBytes: 1_024,
  maxRetryAfterMs: 2_000
}

t.test('errors and statuses have the names by which they are chosen', async t => {
  const reason = (code: ErrorCode | undefined, status = 0, sent = true) =>
    retryReason(RULES, 'GET', { code, status, sent })
  t.equal(reason('GW_UPSTREAM_REFUSED', 0, false), 'connect')
  t.equal(reason('GW_UPSTREAM_TIMEOUT', 0, false), 'connect', 'nobody took the connection in time')
  t.equal(reason('GW_UPSTREAM_RESET', 0, false), 'connect')
  t.equal(reason('GW_UPSTREAM_TLS', 0, false), 'connect', 'the handshake failed')
  t.equal(reason('GW_UPSTREAM_TLS'), 'reset', 'TLS 1.3 refuses a client certificate after the handshake')
  t.equal(reason('GW_UPSTREAM_REFUSED'), 'reset', 'it was there once')
  t.equal(reason('GW_UPSTREAM_RESET'), 'reset')
  t.equal(reason('GW_UPSTREAM_TIMEOUT'), 'timeout')
  t.equal(reason('GW_UPSTREAM_BAD_RESPONSE'), 'bad-response')
  t.equal(reason(undefined, 503), 'status')
  t.equal(reason(undefined, 500), undefined)
})

t.test('nothing is repeated that is not the upstream’s fault', async t => {
  for (const [code, { blame }] of Object.entries(ERRORS)) {
    if (blame === 'upstream') continue
    t.equal(retryReason(RULES, 'GET', { code: code as ErrorCode, status: 0, sent: false }), undefined, code)
  }
})

t.test('only errors that were chosen count', async t => {
  const rules = { ...RULES, errors: new Set(['timeout'] as const) }
  t.equal(retryReason(rules, 'GET', { code: 'GW_UPSTREAM_RESET', status: 0, sent: true }), undefined)
  t.equal(retryReason(rules, 'GET', { code: 'GW_UPSTREAM_REFUSED', status: 0, sent: false }), undefined)
  t.equal(retryReason(rules, 'GET', { code: 'GW_UPSTREAM_TIMEOUT', status: 0, sent: true }), 'timeout')
})

t.test('a method that must not be repeated is only sent again when it was not sent', async t => {
  t.equal(retryReason(RULES, 'POST', { code: 'GW_UPSTREAM_RESET', status: 0, sent: true }), undefined)
  t.equal(retryReason(RULES, 'POST', { code: undefined, status: 503, sent: true }), undefined)
  t.equal(retryReason(RULES, 'POST', { code: 'GW_UPSTREAM_REFUSED', status: 0, sent: false }), 'connect')
})

t.test('waits double up to the longest, and are drawn from all of their length', async t => {
  const steady = { baseMs: 25, maxMs: 150, jitter: false }
  t.strictSame(
    [0, 1, 2, 3, 99].map(retry => backoffMs(steady, retry, 0.5)),
    [25, 50, 100, 150, 150]
  )
  fc.assert(
    fc.property(fc.nat(100), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (retry, chance) => {
      const wait = backoffMs({ ...steady, jitter: true }, retry, chance)
      return wait >= 0 && wait <= Math.min(150, 25 * 2 ** Math.min(retry, 30))
    })
  )
})

t.test('Retry-After is read as seconds or as a date of HTTP, and nothing else', async t => {
  const now = Date.parse('2024-05-06T07:08:09Z')
  const read = (value: string) => retryAfterMs(['x', 'y', 'retry-after', value], now)
  t.equal(read('0'), 0)
  t.equal(read(' 120 '), 120_000)
  t.equal(read('Mon, 06 May 2024 07:08:19 GMT'), 10_000)
  t.equal(read('Mon, 06 May 2024 07:00:00 GMT'), 0, 'what is past is now')
  for (const wrong of ['', '-1', '1.5', 'soon', '2024-05-07', '9'.repeat(30), 'Mon, never']) {
    t.equal(read(wrong), undefined, wrong)
  }
  t.equal(retryAfterMs([], now), undefined)
})

t.test('the class is the policy’s, else the consumer’s, else the route’s', async t => {
  const rule: PriorityRule = { class: 'bulk', consumers: new Map([['mobile', 'default']]), tag: 'class' }
  t.equal(priorityOf(rule, '', []), 'bulk')
  t.equal(priorityOf(rule, 'mobile', []), 'default')
  t.equal(priorityOf(rule, 'mobile', ['class', 'bulk', 'class', 'critical', 'x', 'bulk']), 'critical', 'the last one')
  t.equal(priorityOf(rule, 'mobile', ['class', 'gold']), 'default', 'what is no class says nothing')
  t.equal(priorityOf({ ...rule, tag: undefined }, '', ['class', 'critical']), 'bulk')
  t.strictSame([rule, { ...rule, tag: undefined }, { ...rule, tag: undefined, consumers: new Map() }].map(isFixed), [
    false,
    false,
    true
  ])
})
