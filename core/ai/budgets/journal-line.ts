import type { Account, Entry } from './account.js'

/** A line of the journal: what an account has spent in a piece of time. */
export interface Line extends Entry {
  readonly signature: string
  readonly key: string
}

export function lineOf({ signature, key }: Account, { start, end, spent }: Entry): string {
  return `${JSON.stringify([signature, key, start, end, spent])}\n`
}

/** All whole lines; one that is not was cut off by the end of a process. */
export function linesIn(text: string): Line[] {
  return text.split('\n').flatMap(line => {
    const found = parsed(line)
    return found === undefined ? [] : [found]
  })
}

function parsed(line: string): Line | undefined {
  if (!line.endsWith(']')) return undefined
  try {
    const [signature, key, start, end, spent]: unknown[] = JSON.parse(line)
    if (typeof signature !== 'string' || typeof key !== 'string') return undefined
    if (!isCount(start) || !isCount(end) || !isCount(spent)) return undefined
    return { signature, key, start, end, spent }
  } catch {
    return undefined
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
