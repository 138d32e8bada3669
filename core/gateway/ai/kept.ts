import { AiCache } from '../../ai/cache/ai-cache.js'
import { dialects } from '../../ai/dialects/index.js'
import { MemoryArmStats } from '../../ai/prompts/arm-stats.js'
import { MemoryResponsesStore } from '../../ai/responses-store/memory.js'
import { CLOCK } from '../../upstream/clock.js'
import { Places } from './places.js'

/** How many responses are kept for clients that do not send their conversation along, and for how long. */
const RESPONSES = { maxEntries: 10_000, maxBytes: 64 * 1024 * 1024, ttlMs: 24 * 3_600_000 }
const COMPLETIONS = 10_000
const CACHE_BYTES = 64 * 1024 * 1024

/** What AI traffic leaves behind in an event loop, whichever snapshot it came under. */
export class AiKept {
  readonly cache: AiCache
  /** Responses that were made here by translation. */
  readonly responses = new MemoryResponsesStore(RESPONSES, () => performance.now())
  /** Where responses are kept that providers made. */
  readonly places = new Places()
  /** How the versions of prompts do. */
  readonly arms = new MemoryArmStats(COMPLETIONS)

  /** @param troubled - hears of vectors that could not be had */
  constructor(troubled: (thrown: unknown) => void) {
    this.cache = new AiCache({ bytes: CACHE_BYTES, dialects, clock: CLOCK, troubled })
  }
}
