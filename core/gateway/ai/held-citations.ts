import type { ChatEvent } from '../../ai/events.js'
import { TextEdit } from '../../ai/text-edit.js'

type OfChoice = Extract<ChatEvent, { choice: number }>
type Citation = Extract<ChatEvent, { type: 'annotation' | 'native' }>

/** The text of one choice, and the citations of it that wait. */
interface Told {
  /** As it came. */
  was: string
  /** As it went out. */
  now: string
  waiting: Citation[]
}

/**
 * Citations name passages of the text beside them, and quote what it was taken from. While policies hold text back, and once they have changed it,
 * they wait until all of it has gone out: they move with their passage, quote nothing any more, and of a passage that was changed there is none.
 */
export class HeldCitations {
  private readonly told = new Map<number, Told>()

  /**
   * @param event - of the choice; undefined: nothing came, and policies let go of what they held
   * @param out - what became of it
   * @param held - whether something of the choice is held back now
   * @returns all that goes out
   */
  beside(choice: number, event: OfChoice | undefined, out: readonly ChatEvent[], held: boolean): ChatEvent[] {
    const told = this.of(choice)
    if (event?.type === 'text') told.was += event.text
    for (const each of out) if (each.type === 'text') told.now += each.text
    if (event !== undefined && isCitation(event) && (held || told.was !== told.now)) {
      told.waiting.push(event)
      return held ? [] : released(told)
    }
    if (told.waiting.length === 0 || held) return [...out]
    const end = out.findIndex(({ type }) => type === 'finish')
    const before = end < 0 ? out.length : end
    return [...out.slice(0, before), ...released(told), ...out.slice(before)]
  }

  private of(choice: number): Told {
    const known = this.told.get(choice)
    if (known !== undefined) return known
    const made: Told = { was: '', now: '', waiting: [] }
    this.told.set(choice, made)
    return made
  }
}

function isCitation(event: OfChoice): event is Citation {
  return event.type === 'annotation' || (event.type === 'native' && event.unquoted !== undefined)
}

function released(told: Told): ChatEvent[] {
  const { waiting } = told
  told.waiting = []
  if (told.was === told.now) return waiting
  const edit = new TextEdit(told.was, told.now)
  return waiting.flatMap(event => (event.type === 'native' ? unquoted(event) : moved(event, edit)))
}

function unquoted({ unquoted: data, ...event }: Extract<Citation, { type: 'native' }>): ChatEvent[] {
  return data === undefined ? [] : [{ ...event, data }]
}

function moved(event: Extract<Citation, { type: 'annotation' }>, edit: TextEdit): ChatEvent[] {
  const { start_index: start, end_index: end = start } = event.annotation
  if (start === undefined || end === undefined) return [event]
  return edit.carried<ChatEvent>(event, start, end, by => {
    return { ...event, annotation: { ...event.annotation, start_index: start + by, end_index: end + by } }
  })
}
