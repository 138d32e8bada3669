import type { SemanticRules } from '../../config/resolve-ai-cache.js'
import type { Clock } from '../../upstream/clock.js'
import { type RegionRules, regionAllowed } from '../routing/regions.js'
import type { AnswerStore } from './answer-store.js'
import type { Embed } from './call.js'
import type { StoredAnswer } from './entry.js'
import type { Meaning } from './key.js'
import { VectorIndex } from './vector-index.js'
import type { CacheWishes } from './wishes.js'

/** A stored answer to a question that means the same. */
export interface Like {
  readonly answer: StoredAnswer
  readonly similarity: number
}

export interface LikenessTools {
  readonly index: VectorIndex<StoredAnswer>
  readonly store: AnswerStore
  readonly clock: Clock
  readonly embed: Embed
  /** Told when there is no vector to be had: the request goes on without one. */
  readonly troubled: (thrown: unknown) => void
}

/** The meaning of one question: what is stored that is like it, and its place among them. */
export class Likeness {
  private vector: Float32Array | undefined

  constructor(
    private readonly meaning: Meaning,
    private readonly rules: SemanticRules,
    private readonly wishes: CacheWishes,
    private readonly regions: RegionRules,
    private readonly tools: LikenessTools
  ) {}

  /** Never rejects. */
  async find(): Promise<Like | undefined> {
    const { index, store, clock } = this.tools
    const { partition } = this.meaning
    try {
      this.vector = await this.embedded()
      if (this.vector === undefined || !this.wishes.lookUp) return undefined
      const { threshold } = this.rules
      const found = await index.nearest(partition, this.vector, threshold, answer => this.usable(answer, clock.now()))
      if (found === undefined || found.similarity < threshold) return undefined
      store.use(found.item)
      return { answer: found.item, similarity: Math.min(1, found.similarity) }
    } catch (thrown) {
      this.tools.troubled(thrown)
      return undefined
    }
  }

  /** An answer to this question was stored. */
  remember(answer: StoredAnswer): void {
    const { index, store } = this.tools
    const { vector } = this
    if (vector === undefined || !store.grow(answer, VectorIndex.bytesOf(vector.length))) return
    index.add(this.meaning.partition, vector, answer, this.rules.maxEntries)
  }

  private usable({ removed, expiresAt, storedAt, facts }: StoredAnswer, now: number): boolean {
    if (removed || now >= expiresAt || now - storedAt > this.wishes.maxAgeMs) return false
    return regionAllowed(facts.region, this.regions)
  }

  private embedded(): Promise<Float32Array> {
    const { clock, embed } = this.tools
    return new Promise((resolve, reject) => {
      const { timeoutMs } = this.rules
      const stop = clock.after(timeoutMs, () => reject(new Error(`no vector of a question within ${timeoutMs} ms`)))
      embed(this.meaning.text).then(resolve, reject).finally(stop)
    })
  }
}
