import { isObject, type JsonObject } from '../../members.js'
import { quartersOf } from '../../tokens/rough.js'
import type { Say } from './output-builder.js'

/** What of an item is told piece by piece: in which member it comes to stand, and how its end is told. */
interface Piece {
  /** The member of the item that is a list of parts; undefined: the text is a member of the item itself. */
  readonly list: 'content' | 'summary' | undefined
  /** Of the event: which part it is. */
  readonly place: 'content_index' | 'summary_index' | undefined
  readonly member: string
  /** What such a part begins as, and its events are called by. */
  readonly part: string
  readonly partEvent: string | undefined
}

const inContent = { list: 'content', place: 'content_index', partEvent: 'response.content_part' } as const
const inItem = { list: undefined, place: undefined, part: '', partEvent: undefined } as const

/** By the names of their events, without ".delta" or ".done". */
const PIECES: Readonly<Record<string, Piece>> = {
  'response.output_text': { ...inContent, member: 'text', part: 'output_text' },
  'response.refusal': { ...inContent, member: 'refusal', part: 'refusal' },
  'response.reasoning_text': { ...inContent, member: 'text', part: 'reasoning_text' },
  'response.reasoning_summary_text': {
    list: 'summary',
    place: 'summary_index',
    member: 'text',
    part: 'summary_text',
    partEvent: 'response.reasoning_summary_part'
  },
  'response.function_call_arguments': { ...inItem, member: 'arguments' },
  'response.mcp_call_arguments': { ...inItem, member: 'arguments' },
  'response.custom_tool_call_input': { ...inItem, member: 'input' },
  'response.code_interpreter_call_code': { ...inItem, member: 'code' }
}

/** A piece that has begun, and not ended. */
interface Open {
  readonly name: string
  readonly piece: Piece
  /** Of the part in its list; 0: there is none. */
  readonly at: number
  /** The part it is was announced. */
  isPart: boolean
  /** Its text is told to its end; the part is not. */
  told: boolean
}

/** One item of a response that somebody else writes: what is known of it, and how it ends before it is whole. */
export interface OpenItem {
  readonly item: JsonObject
  /** Of its text: see `quartersOf`. */
  readonly quarters: number
  see(type: string, event: JsonObject): void
  /** Tells the end of what is open. */
  end(): void
}

export function openItem(index: number, say: Say): OpenItem {
  return new FollowedItem(index, say)
}

class FollowedItem implements OpenItem {
  item: JsonObject = {}
  quarters = 0
  private done = false
  private readonly open = new Map<string, Open>()

  constructor(
    private readonly index: number,
    private readonly say: Say
  ) {}

  see(type: string, event: JsonObject): void {
    if (this.item.id === undefined && typeof event.item_id === 'string') this.item.id = event.item_id
    const dot = type.lastIndexOf('.')
    const [name, step] = [type.slice(0, dot), type.slice(dot + 1)]
    const piece = PIECES[name]
    if (name === 'response.output_item') this.whole(event.item, step === 'done')
    else if (piece !== undefined) this.piece(name, piece, event, step === 'done')
    else if (name.endsWith('_part')) this.part(name, event, step === 'done')
    else if (type === 'response.output_text.annotation.added') this.annotation(event)
  }

  end(): void {
    if (this.done) return
    for (const open of this.open.values()) this.endPiece(open)
    if ('status' in this.item) this.item.status = WHOLE_OR_FAILED.has(this.item.type) ? 'failed' : 'incomplete'
    this.say('response.output_item.done', { output_index: this.index, item: this.item })
  }

  private whole(item: unknown, done: boolean): void {
    if (!isObject(item)) return
    this.item = item
    this.done = done
    this.quarters = Math.max(this.quarters, quartersIn(item))
  }

  /** A piece of text, or, once it is told to its end, all of it. */
  private piece(name: string, piece: Piece, event: JsonObject, done: boolean): void {
    const open = this.opened(name, piece, event)
    const holder = this.holder(open)
    const before = textIn(holder[piece.member])
    const text = done ? textIn(event[piece.member]) : before + textIn(event.delta)
    holder[piece.member] = text
    this.quarters += quartersOf(text.slice(before.length))
    if (!done) return
    open.told = true
    if (!open.isPart) this.open.delete(keyOf(open))
  }

  private part(name: string, event: JsonObject, done: boolean): void {
    const { part } = event
    if (!isObject(part)) return
    const found = Object.entries(PIECES).find(([, each]) => each.partEvent === name && each.part === part.type)
    if (found === undefined) return
    const open = this.opened(found[0], found[1], event)
    open.isPart = true
    const list = this.list(found[1].list ?? 'content')
    const before = isObject(list[open.at]) ? quartersOfPart(list[open.at]) : 0
    list[open.at] = part
    this.quarters += Math.max(0, quartersOfPart(part) - before)
    if (done) this.open.delete(keyOf(open))
  }

  private annotation({ content_index: at, annotation_index: place, annotation }: JsonObject): void {
    const part = this.list('content')[placeIn(at)]
    if (!isObject(part) || annotation === undefined) return
    if (!Array.isArray(part.annotations)) part.annotations = []
    const { annotations } = part
    if (Array.isArray(annotations)) annotations[placeIn(place)] = annotation
  }

  private opened(name: string, piece: Piece, event: JsonObject): Open {
    const at = piece.place === undefined ? 0 : placeIn(event[piece.place])
    const made: Open = { name, piece, at, isPart: false, told: false }
    const known = this.open.get(keyOf(made))
    if (known !== undefined) return known
    this.open.set(keyOf(made), made)
    return made
  }

  /** Where the text of a piece stands. */
  private holder({ piece, at }: Open): JsonObject {
    if (piece.list === undefined) return this.item
    this.item.type ??= piece.list === 'content' && piece.part !== 'reasoning_text' ? 'message' : 'reasoning'
    const list = this.list(piece.list)
    const known = list[at]
    if (isObject(known)) return known
    const extra = piece.part === 'output_text' ? { annotations: [], logprobs: [] } : {}
    const part: JsonObject = { type: piece.part, ...extra, [piece.member]: '' }
    list[at] = part
    return part
  }

  private list(name: 'content' | 'summary'): unknown[] {
    const known = this.item[name]
    if (Array.isArray(known)) return known
    const made: unknown[] = []
    this.item[name] = made
    return made
  }

  private endPiece(open: Open): void {
    const { name, piece, at, isPart, told } = open
    const place = piece.place === undefined ? {} : { [piece.place]: at }
    const where = { item_id: this.item.id, output_index: this.index, ...place }
    const part = this.holder(open)
    const more = {
      ...(piece.part === 'output_text' && { logprobs: part.logprobs ?? [] }),
      ...(name === 'response.function_call_arguments' && { name: this.item.name })
    }
    if (!told) this.say(`${name}.done`, { ...where, [piece.member]: textIn(part[piece.member]), ...more })
    if (isPart) this.say(`${piece.partEvent}.done`, { ...where, part })
  }
}

/** Items that know no "incomplete". */
const WHOLE_OR_FAILED: ReadonlySet<unknown> = new Set(['web_search_call', 'image_generation_call'])
/** A response has few parts: a number beyond is none. */
const MOST_PARTS = 1_000

function placeIn(index: unknown): number {
  return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 && index < MOST_PARTS ? index : 0
}

function keyOf({ name, at }: Open): string {
  return `${name} ${at}`
}

function quartersIn(item: JsonObject): number {
  let quarters = quartersOf(textIn(item.arguments)) + quartersOf(textIn(item.input)) + quartersOf(textIn(item.code))
  for (const list of [item.content, item.summary]) {
    for (const part of Array.isArray(list) ? list : []) quarters += quartersOfPart(part)
  }
  return quarters
}

function quartersOfPart(part: unknown): number {
  return isObject(part) ? quartersOf(textIn(part.text)) + quartersOf(textIn(part.refusal)) : 0
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
