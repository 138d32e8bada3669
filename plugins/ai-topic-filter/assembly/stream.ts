import { DeltaView, isWordPoint, Json } from '@sluice/plugin-sdk/assembly'
import { Seen } from './seen'

/** So much of what went out is remembered: it may be the beginning of a phrase or of what a pattern matches. */
const TAIL: i32 = 256
/** Without a blank for so long, it is no word that goes on. */
const LONGEST_WORD: i32 = 64

/** What is known of a streamed answer: what it has said so far of any topic, and its last words. Kept as the policy's state. */
@final
export class Story {
  readonly seen: Seen = new Seen()
  private tail: string = ''
  private refusal: string = ''
  private readonly all: Json

  constructor(
    private readonly choice: string,
    state: string
  ) {
    const known = state.length > 0 ? Json.parse(state) : null
    this.all = known === null ? Json.object() : known
    const own = this.all.get(choice)
    this.tail = own.get('tail').asString()
    this.refusal = own.get('refusal').asString()
    const signs = own.get('seen')
    for (let i = 0; i < signs.length; i++) this.seen.signs.push(<i32>signs.at(i).asInteger())
  }

  /** What can be looked at: all but a word that may go on with the next event. */
  text(delta: DeltaView): string {
    const text = this.tail + delta.pending
    return delta.last ? text : text.substring(0, wordsEnd(text))
  }

  /** The last words of a refusal, with a piece of it that came now. */
  refused(piece: string): string {
    const text = this.refusal + piece
    this.refusal = lastWords(text)
    return text
  }

  /** Takes note of what goes out, and returns the state to be kept. */
  keep(out: string): string {
    const text = this.tail + out
    const own = Json.object().set('tail', Json.string(lastWords(text)))
    if (this.refusal != '') own.set('refusal', Json.string(this.refusal))
    const signs = Json.array()
    for (let i = 0; i < this.seen.signs.length; i++) signs.push(Json.integer(this.seen.signs[i]))
    this.all.set(this.choice, own.set('seen', signs))
    return this.all.toString()
  }
}

/** Where `text` can be cut, `held` characters before its end or a little earlier: not within a character. */
export function cutAt(text: string, held: i32): i32 {
  const at = max(0, text.length - held)
  return at > 0 && at < text.length && (text.charCodeAt(at) & 0xfc00) == 0xdc00 ? at - 1 : at
}

/** Where the last word of a text begins, which may not be whole yet. */
function wordsEnd(text: string): i32 {
  const least = max(0, text.length - LONGEST_WORD)
  let at = text.length
  while (at > least && isWordUnit(text.charCodeAt(at - 1))) at--
  return at == least && least > 0 ? text.length : at
}

/** The end of a text, from the beginning of a word on: half a word would be another. */
function lastWords(text: string): string {
  if (text.length <= TAIL) return text
  let at = text.length - TAIL
  while (at < text.length && isWordUnit(text.charCodeAt(at))) at++
  return text.substring(at == text.length ? cutAt(text, TAIL) : at)
}

/** Halves of characters beyond the basic plane are taken for letters, so that none is cut. */
function isWordUnit(unit: i32): bool {
  return (unit & 0xf800) == 0xd800 || isWordPoint(unit)
}
