import { type HeaderList, removeHeader, renameHeader, setHeader } from '../base/headers.js'

/** One change to a header list, already checked against the plugin's grants. */
export interface HeaderEdit {
  readonly op: 'set' | 'add' | 'remove' | 'rename'
  readonly name: string
  /** The new name, when it renames. */
  readonly value: string
}

/** Applies `edits` in order, in place. */
export function applyEdits(list: HeaderList, edits: readonly HeaderEdit[]): void {
  for (const { op, name, value } of edits) {
    if (op === 'set') setHeader(list, name, value)
    else if (op === 'add') list.push(name, value)
    else if (op === 'remove') removeHeader(list, name)
    else renameHeader(list, name, value)
  }
}
