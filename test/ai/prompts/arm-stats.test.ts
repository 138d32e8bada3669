import t from 'tap'
import { type ArmCall, MemoryArmStats } from '../../../core/ai/prompts/arm-stats.js'

function call(more: Partial<ArmCall> = {}): ArmCall {
  const tokens = { inputTokens: 10, outputTokens: 5, microDollars: 7 }
  const what = { prompt: 'p', version: 'v1', label: 'production' }
  return {
    id: 'a',
    trace: '',
    owner: 'acme',
    latencyMs: 100,
    outcome: 'answered',
    hit: false,
    ...tokens,
    ...what,
    ...more
  }
}

t.test('calls, cost, latency and feedback are counted for each version and label', async t => {
  const stats = new MemoryArmStats(10)
  stats.record(call({ id: 'a', latencyMs: 100 }))
  stats.record(call({ id: 'b', latencyMs: 300 }))
  stats.record(call({ id: 'c', outcome: 'failed', latencyMs: 9_000 }))
  stats.record(call({ id: 'd', version: 'v2' }))
  t.strictSame(stats.rate({ by: { id: 'a' }, score: 1, comment: 'good' }, 'acme'), {
    id: 'a',
    prompt: 'p',
    version: 'v1',
    label: 'production'
  })
  stats.rate({ by: { id: 'b' }, score: 0, comment: undefined }, 'acme')
  const [first, second] = stats.report('p')
  t.strictSame(first, {
    prompt: 'p',
    version: 'v1',
    label: 'production',
    calls: 3,
    failures: 1,
    left: 0,
    hits: 0,
    inputTokens: 30,
    outputTokens: 15,
    microDollars: 21,
    latencyMs: { mean: 200, p50: 100, p95: 300 },
    feedback: { count: 2, mean: 0.5, comments: [{ id: 'a', score: 1, comment: 'good' }] }
  })
  t.match(second, { version: 'v2', calls: 1, feedback: { count: 0, mean: null } })
  t.strictSame(stats.report('other'), [])
})

t.test('a second judgement takes the place of the first', async t => {
  const stats = new MemoryArmStats(10)
  stats.record(call())
  stats.rate({ by: { id: 'a' }, score: 0, comment: 'bad' }, 'acme')
  stats.rate({ by: { id: 'a' }, score: 1, comment: 'no, good' }, 'acme')
  t.match(stats.report()[0]?.feedback, { count: 1, mean: 1, comments: [{ comment: 'no, good' }] })
  t.equal(stats.report()[0]?.feedback.comments.length, 1)
})

t.test('only its owner may rate a completion, by its id or its trace', async t => {
  const stats = new MemoryArmStats(10)
  stats.record(call({ trace: 't-1' }))
  const unknown = { code: 'GW_FEEDBACK_UNKNOWN' }
  t.throws(() => stats.rate({ by: { id: 'a' }, score: 1, comment: undefined }, 'other'), unknown)
  t.throws(() => stats.rate({ by: { trace: 't-1' }, score: 1, comment: undefined }, 'other'), unknown)
  t.throws(() => stats.rate({ by: { id: 'b' }, score: 1, comment: undefined }, 'acme'), unknown)
  t.equal(stats.rate({ by: { trace: 't-1' }, score: 1, comment: undefined }, 'acme').id, 'a')
})

t.test('the oldest completions can no longer be rated when there are too many', async t => {
  const stats = new MemoryArmStats(2)
  for (const id of ['a', 'b', 'c']) stats.record(call({ id, trace: `t-${id}` }))
  t.throws(() => stats.rate({ by: { id: 'a' }, score: 1, comment: undefined }, 'acme'), { code: 'GW_FEEDBACK_UNKNOWN' })
  t.throws(() => stats.rate({ by: { trace: 't-a' }, score: 1, comment: undefined }, 'acme'))
  t.equal(stats.rate({ by: { trace: 't-b' }, score: 1, comment: undefined }, 'acme').id, 'b')
  t.equal(stats.report()[0]?.calls, 3)
})

t.test('comments are the last ones', async t => {
  const stats = new MemoryArmStats(100)
  for (let i = 0; i < 60; i++) {
    stats.record(call({ id: `${i}` }))
    stats.rate({ by: { id: `${i}` }, score: 1, comment: `${i}` }, 'acme')
  }
  const comments = stats.report()[0]?.feedback.comments ?? []
  t.equal(comments.length, 50)
  t.equal(comments[0]?.comment, '59')
})

t.test('who leaves is no failure, and an answer from a cache costs nothing and takes no time', async t => {
  const stats = new MemoryArmStats(10)
  stats.record(call({ id: 'a' }))
  stats.record(call({ id: 'b', outcome: 'left', latencyMs: 9_000 }))
  stats.record(call({ id: 'c', hit: true, latencyMs: 1 }))
  stats.record(call({ id: 'd', hit: true, outcome: 'left', latencyMs: 1 }))
  for (const id of ['a', 'b', 'c', 'd']) stats.rate({ by: { id }, score: 1, comment: undefined }, 'acme')
  const counted = { calls: 4, failures: 0, left: 2, hits: 2, inputTokens: 20, outputTokens: 10, microDollars: 14 }
  t.match(stats.report()[0], { ...counted, latencyMs: { mean: 100, p50: 100, p95: 100 }, feedback: { count: 4 } })
})
