import { randomBytes } from 'node:crypto'
import type { Reservation } from './reservation.js'

/** Given up reservations that are remembered, should they be settled after all. */
const MOST_GIVEN_UP = 100_000

/** The reservations under way, by id, those heard of longest ago first. */
export class Lots {
  private readonly running = new Map<string, { readonly reservation: Reservation; readonly at: number }>()
  private readonly givenUp = new Map<string, Reservation>()
  private count = 0
  /** A ledger that knows nothing of another must not know its ids. */
  private readonly own = randomBytes(6).toString('base64url')

  constructor(private readonly ttlMs: number) {}

  add(reservation: Reservation, now: number): string {
    this.count++
    const id = `${this.own}${this.count}`
    this.running.set(id, { reservation, at: now })
    return id
  }

  /** It lives: its time begins anew. */
  touch(id: string, now: number): Reservation | undefined {
    const reservation = this.remove(id)
    if (reservation !== undefined) this.running.set(id, { reservation, at: now })
    return reservation
  }

  remove(id: string): Reservation | undefined {
    const reservation = this.running.get(id)?.reservation ?? this.givenUp.get(id)
    this.running.delete(id)
    this.givenUp.delete(id)
    return reservation
  }

  /** Those given up too. */
  *all(): Iterable<Reservation> {
    for (const { reservation } of this.running.values()) yield reservation
    yield* this.givenUp.values()
  }

  /** What was not heard of for too long holds nothing any more. */
  expire(now: number): void {
    for (const [id, { reservation, at }] of this.running) {
      if (now - at < this.ttlMs) return
      reservation.giveBack()
      this.running.delete(id)
      this.givenUp.set(id, reservation)
      for (const oldest of this.givenUp.keys()) {
        if (this.givenUp.size <= MOST_GIVEN_UP) break
        this.givenUp.delete(oldest)
      }
    }
  }
}
