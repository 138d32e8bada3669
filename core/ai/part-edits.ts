import type { AssistantPart, Choice, TextPart, ToolCallPart } from './chat.js'
import { textIn } from './lenient.js'
import { isObject, type JsonObject } from './members.js'
import { TextEdit } from './text-edit.js'

/** How the blocks of a dialect say parts of an answer. */
export interface BlockKind {
  /** The text of a block that is one, or a piece of one. */
  text(block: JsonObject): string
  /** The block of a text or a call, with another text, or other arguments. */
  change(block: JsonObject, part: AssistantPart): JsonObject
  /** What a policy added; left out: there is no place for it among these. */
  write?(part: AssistantPart): readonly JsonObject[]
}

/** How a dialect says calls that it has apart from texts. */
export interface CallKind {
  change(call: JsonObject, part: ToolCallPart): JsonObject
  write(part: ToolCallPart): JsonObject
}

/** By choice of an answer; undefined: it is as it was. */
export type AnswerEdits = readonly (PartEdits | undefined)[]

/** By block, the place of the part that it says, or a piece of it; undefined: it has a meaning in its dialect alone. */
export type Owners = readonly (number | undefined)[]

/** The owners of blocks of which each that says anything is a part, from the place `first` on. */
export function ownersOf<B>(blocks: readonly B[], says: (block: B) => boolean, first = 0): Owners {
  let place = first
  return blocks.map(block => (says(block) ? place++ : undefined))
}

/** The choices of a reply as they came, but those that policies changed. */
export function editedChoices(
  choices: readonly JsonObject[],
  all: AnswerEdits,
  edited: (choice: JsonObject, edits: PartEdits, position: number) => JsonObject
): JsonObject[] {
  return choices.map((choice, i) => {
    const edits = all[i]
    return edits === undefined ? choice : edited(choice, edits, i)
  })
}

/**
 * What policies made of one answer, part by part, to be done to the reply as its provider wrote it. Parts are paired as policies see them:
 * calls by id, others kind by kind in order.
 */
export class PartEdits {
  /** A policy ended the answer: what it could not see goes as well. */
  readonly ended: boolean
  private readonly now: readonly (AssistantPart | undefined)[]
  /** New parts, by the place of the one they follow; -1: they are first. */
  private readonly added = new Map<number, AssistantPart[]>()

  constructor(
    readonly before: Choice,
    readonly after: Choice
  ) {
    this.ended = this.reason === 'content_filter'
    const now: (AssistantPart | undefined)[] = before.content.map(() => undefined)
    const places = paired(before.content, after.content)
    let last = -1
    for (const [i, part] of after.content.entries()) {
      const place = places[i]
      if (place === undefined) this.added.set(last, [...(this.added.get(last) ?? []), part])
      else {
        now[place] = part
        last = place
      }
    }
    this.now = now
  }

  /** Why the answer ends now; undefined: as it did. */
  get reason(): Choice['finish_reason'] | undefined {
    return this.before.finish_reason === this.after.finish_reason ? undefined : this.after.finish_reason
  }

  /** A list of blocks that says the whole answer, as it is now. */
  whole(blocks: readonly unknown[], owners: Owners, kind: BlockKind): unknown[] {
    const first = this.take(-1, kind)
    return [...first, ...this.blocks(blocks, owners, kind), ...this.rest(kind)]
  }

  /** Blocks that say some of the parts, as they are now. */
  blocks(blocks: readonly unknown[], owners: Owners, kind: BlockKind): unknown[] {
    return blocks.flatMap((block, i): readonly unknown[] => {
      const owner = owners[i]
      if (owner === undefined || !isObject(block)) return this.ended ? [] : [block]
      const left = this.left(block, i, blocks, owners, kind)
      return owners.lastIndexOf(owner) === i ? [...left, ...this.take(owner, kind)] : left
    })
  }

  /** New parts that follow one which no block says, or none. */
  rest(kind: BlockKind): JsonObject[] {
    return [...this.added.keys()].flatMap(place => this.take(place, kind))
  }

  /** New parts behind a place: once. */
  take(place: number, kind: BlockKind): JsonObject[] {
    const { write } = kind
    const parts = write === undefined ? undefined : this.added.get(place)
    if (write === undefined || parts === undefined) return []
    this.added.delete(place)
    return parts.flatMap(part => write(part))
  }

  /** Places of the parts of some kinds, in order. */
  places(...types: readonly AssistantPart['type'][]): number[] {
    return this.before.content.flatMap(({ type }, i) => (types.includes(type) ? [i] : []))
  }

  /**
   * A list of nothing but calls, in dialects that have them apart.
   * @param isCall - whether one has a canonical form
   */
  calls(calls: readonly JsonObject[], kind: CallKind, isCall = (_: JsonObject) => true): unknown[] {
    const places = this.places('tool_call')
    const owners = calls.map(call => (isCall(call) ? places.shift() : undefined))
    const left = this.blocks(calls, owners, {
      text: () => '',
      change: (call, part) => (part.type === 'tool_call' ? kind.change(call, part) : call)
    })
    return [...left, ...this.news('tool_call').map(part => kind.write(part))]
  }

  /** A list of texts, and of thoughts maybe, in dialects that have calls apart. */
  texts(blocks: readonly JsonObject[], owners: Owners): unknown[] {
    const left = this.blocks(blocks, owners, {
      text: ({ text }) => textIn(text),
      change: (block, part) => (part.type === 'text' ? { ...block, text: part.text } : block)
    })
    return [...left, ...this.news('text').map(({ text }) => ({ type: 'text', text }))]
  }

  /** New parts of a kind that has no place among others. */
  private news<T extends AssistantPart['type']>(type: T): Extract<AssistantPart, { type: T }>[] {
    const isNew = (part: AssistantPart): part is Extract<AssistantPart, { type: T }> => part.type === type
    return [...this.added.values()].flat().filter(isNew)
  }

  /** What is in the place of a part now; undefined: nothing. */
  at(place: number): AssistantPart | undefined {
    return this.now[place]
  }

  /** What is left of a block that is a part, or a piece of one. */
  private left(
    block: JsonObject,
    i: number,
    blocks: readonly unknown[],
    owners: Owners,
    kind: BlockKind
  ): readonly JsonObject[] {
    const owner = owners[i] ?? -1
    const was = this.before.content[owner]
    const now = this.now[owner]
    if (was === undefined || now === undefined) return []
    if (saysSame(was, now)) return [block]
    if (this.ended && kind.write !== undefined) return kind.write(now)
    if (was.type !== 'text' || now.type !== 'text') return [kind.change(block, now)]
    const text = this.piece(i, textsOf(owner, blocks, owners, kind), new TextEdit(was.text, now.text))
    if (text === undefined) return [block]
    return text === '' ? [] : [kind.change(block, { ...now, text })]
  }

  /** The text that a piece of a text has now: what lies between the first and the last that changed is in the first. undefined: it is the same. */
  private piece(i: number, texts: readonly Piece[], edit: TextEdit): string | undefined {
    if (texts.length === 1) return edit.now
    const changed = texts.filter(({ from, to }) => edit.shift(from, to) === undefined)
    const first = changed[0] ?? texts.findLast(({ to }) => to <= edit.head) ?? texts[0]
    const last = changed.at(-1) ?? first
    if (first === undefined || last === undefined) return undefined
    if (first.i === i) return edit.now.slice(first.from, edit.now.length - (edit.was.length - last.to))
    return changed.some(each => each.i === i) ? '' : undefined
  }
}

interface Piece {
  readonly i: number
  readonly from: number
  readonly to: number
}

function textsOf(owner: number, blocks: readonly unknown[], owners: Owners, kind: BlockKind): Piece[] {
  let to = 0
  return blocks.flatMap((block, i) => {
    if (owners[i] !== owner || !isObject(block)) return []
    const from = to
    to += kind.text(block).length
    return [{ i, from, to }]
  })
}

/** By part of `after`, the place of the one of `before` that it was; undefined: it is new. */
function paired(before: readonly AssistantPart[], after: readonly AssistantPart[]): (number | undefined)[] {
  const places: (number | undefined)[] = after.map(() => undefined)
  const free = new Set(before.keys())
  const pair = (i: number, is: (was: AssistantPart) => boolean): void => {
    const place = before.findIndex((was, at) => free.has(at) && is(was))
    if (!free.delete(place)) return
    places[i] = place
  }
  for (const [i, part] of after.entries()) {
    if (part.type === 'tool_call') pair(i, was => was.type === 'tool_call' && was.id === part.id)
    else if (part.type !== 'text') pair(i, was => was.type === part.type && saysSame(was, part))
  }
  // A text that is there still is itself; where some are gone, the others are in the order they were.
  if (before.filter(isTextPart).length !== after.filter(isTextPart).length) {
    for (const [i, part] of after.entries())
      if (isTextPart(part)) pair(i, was => isTextPart(was) && was.text === part.text)
  }
  for (const [i, part] of after.entries()) if (isTextPart(part) && places[i] === undefined) pair(i, isTextPart)
  return places
}

/** Policies change texts and arguments alone. */
function saysSame(was: AssistantPart, now: AssistantPart): boolean {
  if (was.type === 'text') return now.type === 'text' && now.text === was.text
  if (was.type === 'thinking') return now.type === 'thinking' && now.text === was.text
  if (was.type !== 'tool_call' || now.type !== 'tool_call') return was.type === now.type
  return now.arguments === was.arguments && now.name === was.name
}

/** All text of an answer, as it was and as it is. */
export function textEdit({ before, after }: PartEdits): TextEdit {
  const text = ({ content }: Choice) => content.map(part => (isTextPart(part) ? part.text : '')).join('')
  return new TextEdit(text(before), text(after))
}

function isTextPart(part: AssistantPart): part is TextPart {
  return part.type === 'text'
}
