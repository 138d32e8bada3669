/** What a policy holds back of an answer. */
interface Held {
  readonly text: string
  /** When it wants to be asked again, by the clock; undefined: with the next event. */
  readonly dueAt: number | undefined
}

interface Place extends Held {
  readonly place: number
  readonly choice: number
}

const NOTHING: Held = { text: '', dueAt: undefined }
/** No policy is asked more often than this, milliseconds: one that never lets go would do nothing else. */
const LEAST_MS = 10

/** What each policy holds back of each choice, and until when. */
export class HeldTexts {
  private readonly places = new Map<string, Place>()

  /** @param now - milliseconds of a clock that only goes forward */
  constructor(private readonly now: () => number) {}

  of(place: number, choice: number): string {
    return this.places.get(keyOf(place, choice))?.text ?? ''
  }

  take(place: number, choice: number): Held {
    const key = keyOf(place, choice)
    const held = this.places.get(key) ?? NOTHING
    this.places.delete(key)
    return held
  }

  /**
   * @param ms - when to ask again if nothing comes; 0: not at all
   * @param before - what was held when the policy was asked though nothing had come: what was not due yet stays due when it was
   */
  keep(place: number, choice: number, text: string, ms: number, before: Held | undefined): void {
    if (text === '') return
    const now = this.now()
    const waits = before?.dueAt !== undefined && before.dueAt > now && before.text === text
    const dueAt = waits ? before.dueAt : ms > 0 ? now + Math.max(ms, LEAST_MS) : undefined
    this.places.set(keyOf(place, choice), { place, choice, text, dueAt })
  }

  isDue(place: number, choice: number): boolean {
    const dueAt = this.places.get(keyOf(place, choice))?.dueAt
    return dueAt !== undefined && dueAt <= this.now()
  }

  /** Milliseconds until the first text is due. */
  dueMs(): number | undefined {
    const due = [...this.places.values()].flatMap(({ dueAt }) => dueAt ?? [])
    return due.length === 0 ? undefined : Math.max(0, Math.min(...due) - this.now())
  }

  dueChoices(): number[] {
    const due = [...this.places.values()].filter(({ place, choice }) => this.isDue(place, choice))
    return [...new Set(due.map(({ choice }) => choice))]
  }

  choices(): number[] {
    return [...new Set([...this.places.values()].map(({ choice }) => choice))]
  }
}

function keyOf(place: number, choice: number): string {
  return `${place}:${choice}`
}
