/** What follows an opcode in the file, and so what the reader of instructions does about it. */
export const FOLLOWS = {
  unknown: 0,
  nothing: 1,
  /** block, loop, try: a block type. */
  block: 2,
  if: 3,
  else: 4,
  end: 5,
  catch: 6,
  /** The end of a `try`, with an index. */
  delegate: 7,
  branch: 8,
  branchTable: 9,
  call: 10,
  callIndirect: 11,
  index: 12,
  memoryAddress: 13,
  s32: 14,
  s64: 15,
  f32: 16,
  f64: 17,
  selectTypes: 18,
  referenceType: 19,
  /** A second opcode: 0xfc (conversions, bulk memory and tables). */
  bulk: 20,
  /** A second opcode: 0xfd. */
  vector: 21
} as const

/** As a change of the operand stack: what comes after cannot be reached. */
export const STOPS = -128

type Row = readonly [from: number, to: number, follows: number, operands: number]

/** Opcodes from … to, what follows, and by how many values the operand stack grows. */
const ROWS: readonly Row[] = [
  [0x00, 0x00, FOLLOWS.nothing, STOPS], // unreachable
  [0x01, 0x01, FOLLOWS.nothing, 0], // nop
  [0x02, 0x03, FOLLOWS.block, 0], // block, loop
  [0x04, 0x04, FOLLOWS.if, -1],
  [0x05, 0x05, FOLLOWS.else, 0],
  [0x06, 0x06, FOLLOWS.block, 0], // try
  [0x07, 0x07, FOLLOWS.catch, 0],
  [0x08, 0x09, FOLLOWS.index, STOPS], // throw, rethrow
  [0x0b, 0x0b, FOLLOWS.end, 0],
  [0x0c, 0x0c, FOLLOWS.branch, STOPS], // br
  [0x0d, 0x0d, FOLLOWS.branch, -1], // br_if
  [0x0e, 0x0e, FOLLOWS.branchTable, STOPS],
  [0x0f, 0x0f, FOLLOWS.nothing, STOPS], // return
  [0x10, 0x10, FOLLOWS.call, 0],
  [0x11, 0x11, FOLLOWS.callIndirect, -1],
  [0x12, 0x12, FOLLOWS.call, STOPS], // return_call
  [0x13, 0x13, FOLLOWS.callIndirect, STOPS], // return_call_indirect
  [0x18, 0x18, FOLLOWS.delegate, 0],
  [0x19, 0x19, FOLLOWS.else, 0], // catch_all
  [0x1a, 0x1a, FOLLOWS.nothing, -1], // drop
  [0x1b, 0x1b, FOLLOWS.nothing, -2], // select
  [0x1c, 0x1c, FOLLOWS.selectTypes, -2],
  [0x20, 0x20, FOLLOWS.index, 1], // local.get
  [0x21, 0x21, FOLLOWS.index, -1], // local.set
  [0x22, 0x22, FOLLOWS.index, 0], // local.tee
  [0x23, 0x23, FOLLOWS.index, 1], // global.get
  [0x24, 0x24, FOLLOWS.index, -1], // global.set
  [0x25, 0x25, FOLLOWS.index, 0], // table.get
  [0x26, 0x26, FOLLOWS.index, -2], // table.set
  [0x28, 0x35, FOLLOWS.memoryAddress, 0], // loads
  [0x36, 0x3e, FOLLOWS.memoryAddress, -2], // stores
  [0x3f, 0x3f, FOLLOWS.index, 1], // memory.size
  [0x40, 0x40, FOLLOWS.index, 0], // memory.grow
  [0x41, 0x41, FOLLOWS.s32, 1],
  [0x42, 0x42, FOLLOWS.s64, 1],
  [0x43, 0x43, FOLLOWS.f32, 1],
  [0x44, 0x44, FOLLOWS.f64, 1],
  [0x45, 0xc4, FOLLOWS.nothing, 0], // conversions and arithmetic on one value; those on two:
  [0x46, 0x4f, FOLLOWS.nothing, -1],
  [0x51, 0x66, FOLLOWS.nothing, -1],
  [0x6a, 0x78, FOLLOWS.nothing, -1],
  [0x7c, 0x8a, FOLLOWS.nothing, -1],
  [0x92, 0x98, FOLLOWS.nothing, -1],
  [0xa0, 0xa6, FOLLOWS.nothing, -1],
  [0xd0, 0xd0, FOLLOWS.referenceType, 1], // ref.null
  [0xd1, 0xd1, FOLLOWS.nothing, 0], // ref.is_null
  [0xd2, 0xd2, FOLLOWS.index, 1], // ref.func
  [0xfc, 0xfc, FOLLOWS.bulk, 0],
  [0xfd, 0xfd, FOLLOWS.vector, 0]
]

/**
 * Opcode → what follows it. Unknown, and so refused: garbage collection and typed function references (Node 20 has
 * neither), atomics (a plugin runs on one thread), and what the specification does not know.
 */
export const OPCODES = new Uint8Array(256)

/** Opcode → by how many values the operand stack grows, or STOPS. */
export const OPERANDS = new Int8Array(256)

for (const [from, to, follows, operands] of ROWS) {
  OPCODES.fill(follows, from, to + 1)
  OPERANDS.fill(operands, from, to + 1)
}

export const TABLE_GROW = 15

/** After 0xfc: how many indexes follow, and by how many values the operand stack grows. */
export const BULK: readonly (readonly [indexes: number, operands: number])[] = [
  ...Array.from({ length: 8 }, () => [0, 0] as const), // saturating conversions
  [2, -3], // memory.init
  [1, 0], // data.drop
  [2, -3], // memory.copy
  [1, -3], // memory.fill
  [2, -3], // table.init
  [1, 0], // elem.drop
  [2, -3], // table.copy
  [1, -1], // table.grow
  [1, 1], // table.size
  [1, -3] // table.fill
]

/** After 0xfd: the last opcode that has a lane, an address or sixteen bytes behind it, and the last known one. */
export const LAST_VECTOR_WITH_IMMEDIATE = 0x5d
export const LAST_VECTOR = 0x113
