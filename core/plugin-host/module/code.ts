import { CAPS } from './caps.js'
import type { Draft, Signature } from './info.js'
import { instructions } from './instructions.js'
import { Operands } from './operands.js'
import type { Reader } from './reader.js'
import { valueType } from './types.js'

/** Reads one function body, `number` in the code section: its locals, its instructions, nothing after the last `end`. */
export function functionBody(reader: Reader, draft: Draft, signature: Signature, number: number): void {
  const of = `the body of function ${number}`
  const size = reader.u32(`the size of ${of}`)
  if (size > CAPS.functionBytes) throw reader.error(`${of} is ${size} bytes; at most ${CAPS.functionBytes} are allowed`)
  const sectionEnd = reader.end
  const start = reader.at
  reader.skip(size, of)
  reader.end = reader.at
  reader.at = start
  const operands = new Operands(locals(reader, draft, signature, of))
  instructions(reader, draft, operands)
  if (reader.at !== reader.end) throw reader.errorHere(`${of} goes on after its end`)
  if (operands.work > CAPS.branchWork) throw reader.error(tooCostly(of, operands))
  reader.end = sectionEnd
}

/** Reads a constant expression: the value of a global, the offset of a segment. */
export function constant(reader: Reader, draft: Draft): void {
  const start = reader.at
  instructions(reader, draft, new Operands(0))
  if (reader.at - start > CAPS.constantBytes) {
    throw reader.errorHere(`has a constant expression of more than ${CAPS.constantBytes} bytes`, start)
  }
}

/** Returns how many there are, parameters included. */
function locals(reader: Reader, draft: Draft, signature: Signature, of: string): number {
  const groups = reader.count(`groups of locals in ${of}`, CAPS.locals)
  let count = signature.params
  for (let i = 0; i < groups; i++) {
    count += reader.u32(`the number of locals in ${of}`)
    valueType(reader, `the type of a local in ${of}`)
    if (count > CAPS.locals) throw reader.error(`${of} has ${count} locals; at most ${CAPS.locals} are allowed`)
  }
  draft.locals += count
  if (draft.locals > CAPS.totalLocals) {
    throw reader.error(`has functions with more than ${CAPS.totalLocals} locals together`)
  }
  return count
}

function tooCostly(of: string, operands: Operands): string {
  return `${of} would keep the compiler busy too long: its branches move ${operands.work} values (${operands.locals} locals, and operands, at each); at most ${CAPS.branchWork} are allowed; split the function`
}
