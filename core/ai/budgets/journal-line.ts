import type { Letter } from '../alerts/outbox.js'
import type { Account, Entry } from './account.js'

/** A line of the journal: what an account has spent in a piece of time. */
export interface Line extends Entry {
  readonly signature: string
  readonly key: string
}

export function lineOf({ signature, key }: Account, { start, end, spent }: Entry): string {
  return `${JSON.stringify([signature, key, start, end, spent])}\n`
}

/** Where a line of an account has its signature. */
const LETTER = 'alert'

/** A message that is to arrive. */
export function letterLine({ id, body }: Letter): string {
  return `${JSON.stringify([LETTER, id, body])}\n`
}

/** It is no longer to arrive. */
export function letterDone({ id }: Letter): string {
  return `${JSON.stringify([LETTER, id])}\n`
}

/** What the whole lines of a journal say; one that is not whole was cut off by the end of a process. */
export interface JournalText {
  readonly lines: readonly Line[]
  /** Messages that have not arrived, by id, the oldest first. */
  readonly letters: Map<string, Letter>
  /** Lines that say something, whatever. */
  readonly known: number
}

export function readJournal(text: string): JournalText {
  const lines: Line[] = []
  const letters = new Map<string, Letter>()
  let known = 0
  for (const each of text.split('\n')) {
    const members = membersOf(each)
    const line = lineIn(members)
    if (line !== undefined) lines.push(line)
    else if (!noted(members, letters)) continue
    known++
  }
  return { lines, letters, known }
}

function membersOf(line: string): readonly unknown[] {
  if (!line.endsWith(']')) return []
  try {
    const found: unknown = JSON.parse(line)
    return Array.isArray(found) ? found : []
  } catch {
    return []
  }
}

function lineIn([signature, key, start, end, spent]: readonly unknown[]): Line | undefined {
  if (typeof signature !== 'string' || typeof key !== 'string') return undefined
  if (!isCount(start) || !isCount(end) || !isCount(spent)) return undefined
  return { signature, key, start, end, spent }
}

/** @returns whether the line is about a message */
function noted([kind, id, body]: readonly unknown[], letters: Map<string, Letter>): boolean {
  if (kind !== LETTER || typeof id !== 'string') return false
  if (typeof body === 'string') letters.set(id, { id, body })
  else letters.delete(id)
  return true
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
