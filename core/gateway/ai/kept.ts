import { AiCache } from '../../ai/cache/ai-cache.js'
import { dialects } from '../../ai/dialects/index.js'
import { CLOCK } from '../../upstream/clock.js'
import { type AiMemory, OwnMemory } from './memory.js'

const CACHE_BYTES = 64 * 1024 * 1024

/** What AI traffic leaves behind in an event loop, whichever snapshot it came under. */
export class AiKept {
  readonly cache: AiCache

  /**
   * @param troubled - hears of vectors that could not be had
   * @param memory - what all event loops share
   */
  constructor(
    troubled: (thrown: unknown) => void,
    readonly memory: AiMemory = new OwnMemory()
  ) {
    this.cache = new AiCache({ bytes: CACHE_BYTES, dialects, clock: CLOCK, troubled })
  }
}
