import type { ChatEvent } from '../../ai/events.js'

type Piece = Extract<ChatEvent, { type: 'text' | 'thinking' | 'refusal' }>

/**
 * Pieces of text as policies can read them: texts that came together as one, and characters whole. A provider may cut one in two, and half of it
 * is no text in the form that policies get: it waits for the other half.
 */
export class TextPieces {
  private readonly halves = new Map<string, Piece>()

  of(events: readonly ChatEvent[]): ChatEvent[] {
    const out: ChatEvent[] = []
    for (const event of events) {
      if (event.type === 'text' || event.type === 'thinking' || event.type === 'refusal') this.piece(event, out)
      else {
        if (event.type === 'finish') this.rest(event.choice, out)
        out.push(event)
      }
    }
    return out
  }

  private piece(event: Piece, out: ChatEvent[]): void {
    const key = `${event.type}:${event.choice}`
    const text = (this.halves.get(key)?.text ?? '') + event.text
    const whole = HALF.test(text) ? text.slice(0, -1) : text
    if (whole === text) this.halves.delete(key)
    else this.halves.set(key, { ...event, text: text.slice(-1) })
    if (whole === '' && text !== '') return
    const last = out.at(-1)
    if (event.type === 'text' && last?.type === 'text' && last.choice === event.choice) {
      out[out.length - 1] = { ...last, text: last.text + whole }
    } else out.push({ ...event, text: whole })
  }

  /** Halves whose others never came. */
  private rest(choice: number, out: ChatEvent[]): void {
    for (const [key, half] of this.halves) {
      if (half.choice !== choice) continue
      this.halves.delete(key)
      out.push(half)
    }
  }
}

/** The first half of a character, at the end of a text. */
const HALF = /[\ud800-\udbff]$/
