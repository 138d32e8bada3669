import type { Strategy } from '../tree.js'
import { inOrder } from './strategy.js'

/** One target and no other. */
export const single: Strategy = {
  name: 'single',
  begin: ({ targets }) => inOrder(targets.slice(0, 1))
}
