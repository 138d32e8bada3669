import type { Strategy } from '../tree.js'
import { drawn, ranked } from './draw.js'
import { keepKey } from './keep.js'
import { inOrder } from './strategy.js'

/** Drawn by weight; with `by`, the draw is the same for requests that belong together. When one fails, the others by their weights. */
export const weighted: Strategy = {
  name: 'weighted',

  begin({ targets, settings: { by } }, { request, tools }) {
    const key = by && keepKey(by, request)
    return key === undefined ? drawn(targets, tools.random) : inOrder(ranked(targets, key))
  }
}
