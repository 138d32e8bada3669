import { addHeader, type HeaderList, removeHeader, renameHeader, setHeader } from '../base/headers.js'
import { EditOp, type Verdict } from './abi.js'

/** One change to a header list, as a verdict has it: checked against the plugin's grants. The value of a rename is the new name. */
export type HeaderEdit = Verdict['headers'][number]

/** Applies `edits` in order, in place. */
export function applyEdits(list: HeaderList, edits: readonly HeaderEdit[]): void {
  for (const { op, name, value } of edits) {
    if (op === EditOp.SET) setHeader(list, name, value)
    else if (op === EditOp.ADD) addHeader(list, name, value)
    else if (op === EditOp.REMOVE) removeHeader(list, name)
    else renameHeader(list, name, value)
  }
}
