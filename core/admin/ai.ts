import type { AccountReport } from '../ai/budgets/ledger.js'
import type { AccountKeys } from '../ai/keys/report.js'
import type { ArmReport } from '../ai/prompts/arm-stats.js'
import { dollars } from '../base/dollars.js'
import { type AdminPages, json } from './server.js'

/** What operators see of AI traffic, of all event loops together. */
export interface AiAdmin {
  readonly budgets: () => Promise<readonly AccountReport[]> | readonly AccountReport[]
  readonly keys: () => Promise<readonly AccountKeys[]>
  readonly prompts: () => Promise<readonly ArmReport[]> | readonly ArmReport[]
}

/** What was spent under each budget, how the keys of the accounts are doing (never what they are), and how the versions of prompts do. */
export function aiPages({ budgets, keys, prompts }: AiAdmin): AdminPages {
  return {
    '/ai/budgets': async () => json(200, { budgets: (await budgets()).map(shown) }),
    '/ai/keys': async () => json(200, { accounts: await keys() }),
    '/ai/prompts': async () => json(200, { arms: await prompts() })
  }
}

/** Money is in micro-dollars, and in dollars for people. */
function shown({ rule, counted, period, dimensions, limit, spent, reserved, resetAt }: AccountReport): object {
  return {
    budget: rule,
    counted,
    period,
    dimensions,
    limit,
    spent,
    reserved,
    ...(counted === 'microDollars' && { spentDollars: dollars(spent), limitDollars: dollars(limit) }),
    resetsAt: new Date(resetAt).toISOString()
  }
}
