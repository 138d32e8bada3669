import { createHash } from 'node:crypto'
import type { JsonObject } from '../../ai/members.js'

/** A stored response of the Responses API. */
export interface Stored {
  response: JsonObject
  readonly input: readonly JsonObject[]
}

/** What the mock remembers from one request to the next. */
export class State {
  private counter = 0
  /** Beginnings of prompts that were written to the cache, by their hashes. */
  readonly prefixes = new Set<string>()
  readonly responses = new Map<string, Stored>()
  /** Requests by what they asked for, for the fault `times`. */
  readonly seen = new Map<string, number>()

  /** @param seed - another seed makes other ids, signatures and vectors */
  constructor(readonly seed: number) {}

  reset(): void {
    this.counter = 0
    this.prefixes.clear()
    this.responses.clear()
    this.seen.clear()
  }

  store(id: string, stored: Stored): void {
    this.responses.set(id, stored)
    dropOldest(this.responses)
  }

  cache(prefix: string): void {
    this.prefixes.add(prefix)
    dropOldest(this.prefixes)
  }

  id(prefix: string): string {
    this.counter++
    const hash = createHash('sha256').update(`${this.seed} ${this.counter}`).digest('hex')
    return `${prefix}${hash.slice(0, 24)}`
  }

  /** What proves that a text came from here. */
  sign(text: string): string {
    return createHash('sha256').update(`${this.seed} signed ${text}`).digest('base64')
  }

  /** Whether this is one of the first `times` requests of that kind. */
  among(kind: string, times: number): boolean {
    const count = (this.seen.get(kind) ?? 0) + 1
    this.seen.set(kind, count)
    return count <= times
  }
}

/** More than that of anything is not remembered: the mock may run for long. */
const MOST = 10_000

function dropOldest(all: Map<string, unknown> | Set<string>): void {
  if (all.size <= MOST) return
  for (const oldest of all.keys()) {
    all.delete(oldest)
    return
  }
}

/** When everything was created, seconds: the first of January 2026. */
export const CREATED = 1_767_225_600
