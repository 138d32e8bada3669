import { hashText, mix } from '../../../upstream/balancers/hash.js'
import type { Node, Turns } from '../tree.js'

/** One after the other by chance, by weight; each once. Those of weight 0 never. */
export function drawn(nodes: readonly Node[], random: () => number): Turns {
  const left = nodes.filter(({ weight }) => weight > 0)
  return {
    next() {
      const total = left.reduce((sum, { weight }) => sum + weight, 0)
      let point = random() * total
      let at = 0
      for (; at < left.length - 1; at++) {
        point -= left[at]?.weight ?? 0
        if (point < 0) break
      }
      return left.splice(at, 1)[0]
    }
  }
}

/**
 * The order that a key has among these, by weighted rendezvous hashing: the same in every process; a node that goes gives up its own keys and no other
 * moves, each to the next in its order.
 */
export function ranked(nodes: readonly Node[], key: string): Node[] {
  const seed = hashText(key)
  const score = ({ id, weight }: Node): number => {
    const chance = (mix(hashText(id) ^ mix(seed)) + 1) / 4_294_967_297
    return -Math.log(chance) / weight
  }
  return nodes
    .filter(({ weight }) => weight > 0)
    .map(node => ({ node, score: score(node) }))
    .sort((a, b) => a.score - b.score)
    .map(({ node }) => node)
}
