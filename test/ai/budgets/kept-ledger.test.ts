import t, { type Test } from 'tap'
import { KeptLedger } from '../../../core/ai/budgets/kept-ledger.js'
import { createLog } from '../../../core/observe/log.js'
import { load } from '../../config/helpers.js'
import { ask, used } from './parts.js'

const MONTH = '{ name: all, count: tokens, limit: 1000, every: month }'

function config(t: Test, budgets: string, ledger = '{ file: spent.jsonl }') {
  return load(
    t,
    `
ai: { ledger: ${ledger}, budgets: [${budgets}] }
upstreams: { main: { targets: [http://127.0.0.1:1] } }
routes: [{ name: all, match: { path: /* }, upstream: main }]
`
  ).config.ai
}

function spent(ledger: KeptLedger): number[][] {
  return ledger.report().map(account => [account.spent, account.reserved])
}

t.test('what is under way when budgets go is there when they come back, in the same file', async t => {
  const without = config(t, '')
  const budgets = config(t, MONTH)
  const ledger = new KeptLedger(createLog('silent'))
  await ledger.use(budgets)
  const answer = ledger.reserve(ask({ input: 10, output: 90 }))
  if (!answer.granted) throw new Error('no room')
  t.strictSame(spent(ledger), [[0, 100]])
  await ledger.use(without)
  t.strictSame(spent(ledger), [], 'no budgets')
  ledger.settle(answer.id, used({ input: 10, output: 20 }))
  await ledger.use(budgets)
  t.strictSame(spent(ledger), [[30, 0]])
  await ledger.close()

  const next = new KeptLedger(createLog('silent'))
  await next.use(budgets)
  t.strictSame(spent(next), [[30, 0]], 'and it was written')
  await next.close()
})

for (const first of ['{ file: first.jsonl }', '{ file: false }']) {
  t.test(`what was spent and is under way in ${first} goes along when budgets come back in another file`, async t => {
    const ledger = new KeptLedger(createLog('silent'))
    await ledger.use(config(t, MONTH, first))
    const take = () => {
      const answer = ledger.reserve(ask({ input: 10, output: 90 }))
      if (!answer.granted) throw new Error('no room')
      return answer.id
    }
    ledger.settle(take(), used({ input: 5 }))
    const [settled, released, open] = [take(), take(), take()]
    await ledger.use(config(t, '', first))
    const second = config(t, MONTH, '{ file: second.jsonl }')
    await ledger.use(second)
    t.strictSame(spent(ledger), [[5, 300]])
    ledger.settle(settled, used({ input: 10, output: 20 }))
    ledger.release(released)
    t.strictSame(spent(ledger), [[35, 100]])
    t.equal(ledger.cutAt(open, 90), 346, 'a stream that runs on takes more here')
    ledger.settle(open, used({ output: 300 }))
    t.strictSame(spent(ledger), [[335, 0]])
    await ledger.close()

    const next = new KeptLedger(createLog('silent'))
    await next.use(second)
    t.strictSame(spent(next), [[335, 0]], 'and it was written')
    await next.close()
  })
}

t.test('what both files know of is not booked twice when budgets come back in the one they once were in', async t => {
  const [one, other] = ['{ file: one.jsonl }', '{ file: other.jsonl }']
  const ledger = new KeptLedger(createLog('silent'))
  for (const file of [one, other, one, other]) {
    await ledger.use(config(t, MONTH, file))
    const answer = ledger.reserve(ask({ input: 10, output: 90 }))
    if (!answer.granted) throw new Error('no room')
    ledger.settle(answer.id, used({ input: 10 }))
    await ledger.use(config(t, '', file))
  }
  await ledger.use(config(t, MONTH, one))
  t.strictSame(spent(ledger), [[40, 0]])
  await ledger.close()
})
