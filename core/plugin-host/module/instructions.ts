import { CAPS } from './caps.js'
import type { Draft, Signature } from './info.js'
import {
  BULK,
  FOLLOWS,
  LAST_VECTOR,
  LAST_VECTOR_WITH_IMMEDIATE,
  OPCODES,
  OPERANDS,
  STOPS,
  TABLE_GROW
} from './opcodes.js'
import type { Operands } from './operands.js'
import type { Reader } from './reader.js'
import { blockType, referenceType, valueType } from './types.js'

/**
 * Reads instructions up to the `end` that closes the expression. Types are the engine's to check; this finds what
 * costs much to compile, and table.grow.
 */
export function instructions(reader: Reader, draft: Draft, operands: Operands): void {
  for (;;) {
    const at = reader.at
    const opcode = reader.byte('an instruction')
    switch (OPCODES[opcode]) {
      case FOLLOWS.nothing:
        break
      case FOLLOWS.if:
        operands.move(-1)
        enter(reader, draft, operands, at)
        continue
      case FOLLOWS.block:
        enter(reader, draft, operands, at)
        continue
      case FOLLOWS.else:
        operands.otherwise()
        continue
      case FOLLOWS.catch:
        operands.otherwise(draft.tags[reader.u32('the tag of a catch')]?.params ?? 0)
        continue
      case FOLLOWS.delegate:
        reader.u32('the target of a delegate')
        operands.leave()
        continue
      case FOLLOWS.end:
        if (operands.depth === 0) return
        operands.leave()
        continue
      case FOLLOWS.branch:
        reader.u32('the target of a branch')
        operands.branch(1)
        break
      case FOLLOWS.branchTable:
        branchTable(reader, draft, operands)
        break
      case FOLLOWS.call:
        call(operands, draft.functions[reader.u32('the function of a call')])
        break
      case FOLLOWS.callIndirect:
        call(operands, draft.types[reader.u32('the type of an indirect call')])
        reader.u32('the table of an indirect call')
        break
      case FOLLOWS.index:
        reader.u32('the index of an instruction')
        break
      case FOLLOWS.memoryAddress:
        memoryAddress(reader)
        break
      case FOLLOWS.s32:
        reader.s32('the value of i32.const')
        break
      case FOLLOWS.s64:
        reader.s64('the value of i64.const')
        break
      case FOLLOWS.f32:
        reader.skip(4, 'the value of f32.const')
        break
      case FOLLOWS.f64:
        reader.skip(8, 'the value of f64.const')
        break
      case FOLLOWS.selectTypes:
        if (reader.count('types of a select', 1) === 1) valueType(reader, 'the type of a select')
        break
      case FOLLOWS.referenceType:
        referenceType(reader, 'the type of ref.null')
        break
      case FOLLOWS.bulk:
        bulk(reader, draft, operands, at)
        break
      case FOLLOWS.vector:
        vector(reader, operands, at)
        break
      default:
        throw reader.errorHere(unknown(opcode), at)
    }
    const change = OPERANDS[opcode] ?? 0
    if (change === STOPS) operands.stop()
    else operands.move(change)
  }
}

function enter(reader: Reader, draft: Draft, operands: Operands, at: number): void {
  operands.enter(blockType(reader, draft.types))
  if (operands.depth > CAPS.nesting) throw reader.errorHere(`has blocks nested more than ${CAPS.nesting} deep`, at)
}

function call(operands: Operands, callee: Signature | undefined): void {
  if (callee !== undefined) operands.move(callee.results - callee.params)
}

function memoryAddress(reader: Reader): void {
  const at = reader.at
  if (reader.u32('an alignment') > 31) throw reader.errorHere('has a load or store with an impossible alignment', at)
  reader.u32('the offset of a load or store')
}

function branchTable(reader: Reader, draft: Draft, operands: Operands): void {
  const count = reader.count('targets of one br_table', CAPS.branchTargets)
  for (let i = 0; i <= count; i++) reader.u32('a target of br_table')
  // The engine handles targets that are the same once.
  operands.branch(Math.min(count, operands.depth) + 1)
  draft.branchTargets += count
  if (draft.branchTargets > CAPS.totalBranchTargets) {
    throw reader.error(`has br_tables of more than ${CAPS.totalBranchTargets} targets together`)
  }
}

function bulk(reader: Reader, draft: Draft, operands: Operands, at: number): void {
  const second = reader.u32('the second part of an instruction')
  const row = BULK[second]
  if (row === undefined) throw reader.errorHere(unknown(0xfc, second), at)
  const [indexes, change] = row
  for (let i = 0; i < indexes; i++) reader.u32('the index of an instruction')
  operands.move(change)
  if (second === TABLE_GROW) draft.growsTable = true
}

/** Counts arithmetic on two or three vectors as if on one: the height is then too high until the block ends, never too low. */
function vector(reader: Reader, operands: Operands, at: number): void {
  const second = reader.u32('the second part of an instruction')
  if (second > LAST_VECTOR) throw reader.errorHere(unknown(0xfd, second), at)
  if (second > LAST_VECTOR_WITH_IMMEDIATE) return
  if (second <= 0x0b || second >= 0x5c) {
    memoryAddress(reader) // v128.load … v128.store, load32_zero, load64_zero
    if (second === 0x0b) operands.move(-2)
  } else if (second === 0x0c || second === 0x0d) {
    reader.skip(16, 'the operand of a vector instruction') // v128.const, i8x16.shuffle
    operands.move(second === 0x0c ? 1 : -1)
  } else if (second >= 0x15 && second <= 0x22) {
    reader.skip(1, 'the lane of a vector instruction') // extract_lane, replace_lane
  } else if (second >= 0x54 && second <= 0x5b) {
    memoryAddress(reader) // load_lane, store_lane
    reader.skip(1, 'the lane of a vector instruction')
    operands.move(second <= 0x57 ? -1 : -2)
  }
}

function unknown(opcode: number, second?: number): string {
  const code = `0x${opcode.toString(16)}${second === undefined ? '' : ` 0x${second.toString(16)}`}`
  const hint = opcode === 0xfe ? ' (atomics: build without threads)' : opcode === 0xfb ? ' (garbage collection)' : ''
  return `has an instruction Sluice does not run, ${code}${hint}`
}
