import type { StrategyName } from '../../../config/schema-ai-models.js'
import type { Strategy } from '../tree.js'
import { capable } from './capable.js'
import { cheapest } from './cheapest.js'
import { conditional } from './conditional.js'
import { fallback } from './fallback.js'
import { fastest } from './fastest.js'
import { single } from './single.js'
import { sticky } from './sticky.js'

import { weighted } from './weighted.js'

/** Every strategy there is. */
export const strategies: readonly Strategy[] = [
  single,
  weighted,
  fallback,
  conditional,
  cheapest,
  fastest,
  capable,
  sticky
]

/** The strategy of this name. @throws Error for one that is not in the list */
export function strategyOf(name: StrategyName): Strategy {
  const found = strategies.find(strategy => strategy.name === name)
  if (found === undefined) throw new Error(`no strategy ${name}`)
  return found
}
