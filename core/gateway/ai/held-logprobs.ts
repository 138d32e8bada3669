import type { ChatEvent } from '../../ai/events.js'

type Logprobs = Extract<ChatEvent, { type: 'logprobs' }>
type OfChoice = Extract<ChatEvent, { choice: number }>

/**
 * The log probabilities of tokens spell the text out once more. They wait until policies have let the text beside them pass; from the first that is
 * held back or changed there are none for the choice any more.
 */
export class HeldLogprobs {
  private readonly waiting = new Map<number, Logprobs[]>()
  private readonly without = new Set<number>()
  /** Some were left out. */
  dropped = false

  add(event: Logprobs): void {
    const { choice } = event
    if (this.without.has(choice)) this.dropped = true
    else this.waiting.set(choice, [...(this.waiting.get(choice) ?? []), event])
  }

  /**
   * @param out - what became of the event
   * @param held - whether something of the choice is held back now
   * @returns all that goes out
   */
  beside(event: OfChoice, out: readonly ChatEvent[], held: boolean): ChatEvent[] {
    const { choice } = event
    if (held || !isSame(event, out)) {
      this.without.add(choice)
      if (this.waiting.delete(choice)) this.dropped = true
    }
    // Some dialects tell them before their text, others behind it.
    if (!SPOKEN.has(event.type) || out.length === 0) return [...out]
    const waiting = this.waiting.get(choice) ?? []
    this.waiting.delete(choice)
    return [...waiting, ...out]
  }
}

const SPOKEN: ReadonlySet<ChatEvent['type']> = new Set(['text', 'refusal', 'finish'])

function isSame(event: OfChoice, out: readonly ChatEvent[]): boolean {
  const [only] = out
  const text = 'text' in event ? event.text : undefined
  if (only === undefined) return text === ''
  return out.length === 1 && only.type === event.type && ('text' in only ? only.text : undefined) === text
}
