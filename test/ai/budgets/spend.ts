import { Journal } from '../../../core/ai/budgets/journal.js'
import { LocalLedger } from '../../../core/ai/budgets/local-ledger.js'
import { calendar } from '../../../core/ai/budgets/period.js'
import { ask, rule, used } from './parts.js'

/** A process of the test of the journal: spends a token at a time, and says how many are safe, until it is killed. */
const journal = await Journal.open({
  file: process.argv[2] ?? '',
  syncMs: 100,
  onError: error => process.abort() ?? error
})
const ledger = new LocalLedger({ rules: [rule({ limit: 1e9, period: calendar('month') })], journal })
for (let count = 1; ; count++) {
  const answer = ledger.reserve(ask())
  if (answer.granted) ledger.settle(answer.id, used({ input: 1 }))
  await journal.flushed()
  process.stdout.write(`${count}\n`)
}
