import { BoundedStore } from '../../bodies/bounded-store.js'
import type { StoredAnswer } from './entry.js'

/** Stored answers within a budget of bytes; what was used least recently goes first. */
export class AnswerStore extends BoundedStore<StoredAnswer> {
  /** Least recently used first. */
  private readonly byKey = new Map<string, StoredAnswer>()

  /** @param dropped - told of each answer that goes, for whatever reason */
  constructor(
    budget: number,
    private readonly dropped: (answer: StoredAnswer) => void = () => undefined
  ) {
    super(budget)
  }

  get entries(): number {
    return this.byKey.size
  }

  /** The answer under `key`, when it is still good and not older than `maxAgeMs`. */
  find(key: string, now: number, maxAgeMs: number): StoredAnswer | undefined {
    const answer = this.byKey.get(key)
    if (answer === undefined) return undefined
    if (now >= answer.expiresAt) {
      this.remove(answer)
      return undefined
    }
    if (now - answer.storedAt > maxAgeMs) return undefined
    this.use(answer)
    return answer
  }

  /** It was used: others go before it. */
  use(answer: StoredAnswer): void {
    if (answer.removed) return
    this.byKey.delete(answer.key)
    this.byKey.set(answer.key, answer)
  }

  /** Takes the place of what is stored under the same key. @returns false when there is no room for it */
  add(answer: StoredAnswer): boolean {
    const before = this.byKey.get(answer.key)
    if (before !== undefined) this.remove(before)
    if (!this.makeRoom(answer.size)) {
      answer.removed = true
      return false
    }
    this.byKey.set(answer.key, answer)
    this.bytes += answer.size
    return true
  }

  /** It takes more than was known. @returns false when there is no room for that: then it is gone */
  grow(answer: StoredAnswer, bytes: number): boolean {
    if (answer.removed) return false
    this.use(answer) // it is the last to go
    answer.size += bytes
    this.bytes += bytes
    this.makeRoom(0)
    return !answer.removed
  }

  remove(answer: StoredAnswer): void {
    if (answer.removed) return
    answer.removed = true
    this.byKey.delete(answer.key)
    this.bytes -= answer.size
    this.dropped(answer)
  }

  /** Forgets the answers of a route, or all. @returns how many there were */
  purge(route?: string): number {
    const gone = [...this.byKey.values()].filter(answer => route === undefined || answer.route === route)
    for (const answer of gone) this.remove(answer)
    return gone.length
  }

  protected victim(): StoredAnswer | undefined {
    const [oldest] = this.byKey.values()
    return oldest
  }
}
