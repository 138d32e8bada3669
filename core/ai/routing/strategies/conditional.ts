import type { Strategy } from '../tree.js'
import { inOrder } from './strategy.js'

/** The target of the first rule that holds, or the default. It is that one or none: what comes after a failure, the target says itself. */
export const conditional: Strategy = {
  name: 'conditional',

  begin(branch, { request, tools }) {
    const rule = branch.rules.find(({ holds }) => holds(request, tools.now()))
    const target = rule === undefined ? branch.default : rule.target
    return inOrder(target === undefined ? [] : [target])
  }
}
