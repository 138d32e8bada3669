import type { Strategy } from '../tree.js'
import { drawn, ranked } from './draw.js'
import { keepKey } from './keep.js'
import { inOrder } from './strategy.js'

/**
 * The same conversation, the same target, so that the provider's prompt cache is of use; requests without a key are drawn by weight. When that target
 * fails or is not to be had, the next in the order of the key, and it again as soon as it is back.
 */
export const sticky: Strategy = {
  name: 'sticky',

  begin({ targets, settings }, { request, tools }) {
    const key = keepKey(settings.by ?? { from: 'conversation' }, request)
    return key === undefined ? drawn(targets, tools.random) : inOrder(ranked(targets, key))
  }
}
