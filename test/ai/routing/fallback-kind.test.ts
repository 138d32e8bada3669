import t from 'tap'
import { STATUS_OF } from '../../../core/ai/failure.js'
import { fallbackKindOf, waitOf, worthWaiting } from '../../../core/ai/routing/fallback-kind.js'
import { ERRORS, type ErrorCode, GatewayError } from '../../../core/base/errors.js'
import { RetryLater } from '../../../core/base/refusal.js'
import { failure } from './world.js'

t.test('every kind of failure of a provider is a reason to ask another one, but a request that is wrong', async t => {
  const kinds = Object.keys(STATUS_OF) as (keyof typeof STATUS_OF)[]
  t.strictSame(Object.fromEntries(kinds.map(kind => [kind, fallbackKindOf(failure(kind))])), {
    invalid_request: undefined,
    authentication: 'error',
    permission: 'error',
    not_found: 'error',
    too_large: 'context-window',
    context_window: 'context-window',
    content_policy: 'content-policy',
    rate_limit: 'limit',
    credit: 'limit',
    overloaded: 'error',
    timeout: 'timeout',
    server: 'error'
  })
})

t.test('of our own errors those are that say something about the target', async t => {
  const of = (code: ErrorCode) => fallbackKindOf(new GatewayError(code, ''))
  const codes = Object.keys(ERRORS) as ErrorCode[]
  t.strictSame(
    codes.filter(code => of(code) === 'timeout'),
    ['GW_UPSTREAM_TIMEOUT']
  )
  t.strictSame(codes.filter(code => of(code) === 'limit').sort(), [
    'GW_AI_BUDGET_EXCEEDED',
    'GW_AI_LIMIT_EXCEEDED',
    'GW_AI_NO_KEY'
  ])
  t.strictSame(codes.filter(code => of(code) === 'error').sort(), [
    'GW_AI_CREDENTIAL',
    'GW_AI_EVENT_TOO_LARGE',
    'GW_AI_PROVIDER_FAILED',
    'GW_AI_UNSUPPORTED',
    'GW_OVERLOADED',
    'GW_UPSTREAM_BAD_RESPONSE',
    'GW_UPSTREAM_BODY_TOO_LARGE',
    'GW_UPSTREAM_OPEN',
    'GW_UPSTREAM_REFUSED',
    'GW_UPSTREAM_RESET',
    'GW_UPSTREAM_TLS',
    'GW_UPSTREAM_UNAVAILABLE'
  ])
})

t.test('how long to wait is the longer of what body and header say', async t => {
  t.equal(waitOf(failure('rate_limit')), undefined)
  t.equal(waitOf(failure('rate_limit'), 2_000), 2_000)
  t.equal(waitOf(failure('rate_limit', { retryAfterMs: 3_000 }), 2_000), 3_000)
  t.equal(waitOf(failure('rate_limit', { retryAfterMs: 1_000 }), 2_000), 2_000)
  t.equal(waitOf(new RetryLater('GW_UPSTREAM_OPEN', '', 700)), 700)
  t.equal(waitOf(new GatewayError('GW_UPSTREAM_RESET', ''), 5), 5)
})

t.test('only a short limit is waited for; after a longer one the next target is asked', async t => {
  t.equal(worthWaiting(failure('rate_limit', { retryAfterMs: 900 }), 1_000), 900)
  t.equal(worthWaiting(failure('overloaded'), 1_000, 1_000), 1_000)
  t.equal(worthWaiting(failure('rate_limit', { retryAfterMs: 1_001 }), 1_000), undefined)
  t.equal(worthWaiting(failure('rate_limit'), 1_000), undefined, 'it does not say how long')
  t.equal(worthWaiting(failure('credit', { retryAfterMs: 1 }), 1_000), undefined, 'waiting does not help')
  t.equal(worthWaiting(failure('server'), 1_000, 1), undefined)
})
