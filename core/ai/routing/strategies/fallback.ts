import type { Node, Strategy, Turns } from '../tree.js'
import { inOrder } from './strategy.js'

/**
 * One after the other. A failure for which there is a list of its own goes on there instead of with the rest, and stays there: what comes after in the
 * list it left is no better at it.
 */
export const fallback: Strategy = {
  name: 'fallback',

  begin({ targets, fallbacks }): Turns {
    let turns = inOrder(targets)
    const used = new Set<readonly Node[]>()
    return {
      next(after) {
        const list = after && fallbacks.get(after)
        if (list !== undefined && !used.has(list)) {
          used.add(list)
          turns = inOrder(list)
        }
        return turns.next(after)
      }
    }
  }
}
