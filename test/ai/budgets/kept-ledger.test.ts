import t from 'tap'
import { KeptLedger } from '../../../core/ai/budgets/kept-ledger.js'
import { createLog } from '../../../core/observe/log.js'
import { load } from '../../config/helpers.js'
import { ask, used } from './parts.js'

t.test('what is under way when budgets go is there when they come back, in the same file', async t => {
  const config = (budgets: string) =>
    load(
      t,
      `
ai: { ledger: { file: spent.jsonl }, budgets: [${budgets}] }
upstreams: { main: { targets: [http://127.0.0.1:1] } }
routes: [{ name: all, match: { path: /* }, upstream: main }]
`
    ).config.ai
  const without = config('')
  const budgets = config('{ name: all, count: tokens, limit: 1000, every: month }')
  const spent = (ledger: KeptLedger) => ledger.report().map(account => [account.spent, account.reserved])

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
