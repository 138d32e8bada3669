import { type HeaderList, removeHeader, setHeader } from '../base/headers.js'

/** One change to a header list, already checked against the plugin's grants. */
export interface HeaderEdit {
  readonly op: 'set' | 'add' | 'remove'
  readonly name: string
  readonly value: string
}

/** Applies `edits` in order, in place. */
export function applyEdits(list: HeaderList, edits: readonly HeaderEdit[]): void {
  for (const { op, name, value } of edits) {
    if (op === 'set') setHeader(list, name, value)
    else if (op === 'add') list.push(name, value)
    else removeHeader(list, name)
  }
}
