import { isAsciiValue } from '../../base/headers.js'

/** How many places of one kind are named each by itself. */
const MOST_PLACES = 4
/** The longest name, characters. */
const NAME_LENGTH = 80
/** The longest list, characters: clients take 16 KiB of headers, all together. */
const LIST_LENGTH = 1_000

/**
 * Names of members as a list for a header, which stays short however many there are and whatever a client called them: of many in places of one
 * kind it has the kind ("messages[*].content[*].thinking"), and of what is too much how much it is ("+7 more").
 */
export function droppedNote(names: readonly string[]): string {
  const kinds = kindsOf(names)
  const listed: string[] = []
  let length = 0
  for (const kind of kinds) {
    length += kind.length + 2
    if (length > LIST_LENGTH) break
    listed.push(kind)
  }
  const more = kinds.length - listed.length
  return more === 0 ? listed.join(', ') : `${listed.join(', ')}, +${more} more`
}

function kindsOf(names: readonly string[]): string[] {
  const places = new Map<string, Set<string>>()
  for (const name of names) {
    const shown = headerText(name.replaceAll(',', '?'), NAME_LENGTH)
    const kind = shown.replace(/\[\d+\]/g, '[*]')
    const same = places.get(kind)
    if (same === undefined) places.set(kind, new Set([shown]))
    else if (same.size <= MOST_PLACES) same.add(shown)
  }
  return [...places].flatMap(([kind, same]) => (same.size > MOST_PLACES ? [kind] : [...same]))
}

/** Text of a client as a header may have it: nothing but printable ASCII, and not much of it. */
export function headerText(text: string, most: number): string {
  const cut = text.length > most ? `${text.slice(0, most - 3)}...` : text
  return isAsciiValue(cut) && !cut.includes('\t') ? cut : cut.replace(/[^\x20-\x7e]/g, '?')
}
