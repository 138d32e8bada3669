/**
 * How large a plugin may be, before anything of it is compiled. Real plugins (AssemblyScript 4-60 KB, Rust and Go up to
 * a few MB) stay far below; a module made to keep the compiler or the allocator busy does not.
 */
export const CAPS = {
  fileBytes: 16 * 1024 * 1024,
  customBytes: 4 * 1024 * 1024,
  customSections: 1_000,
  types: 10_000,
  params: 128,
  results: 32,
  imports: 500,
  functions: 100_000,
  tables: 16,
  /** Of all tables together: V8 takes about 27 bytes for each, in every instance. */
  tableElements: 100_000,
  globals: 10_000,
  tags: 100,
  exports: 1_000,
  elementSegments: 10_000,
  elements: 200_000,
  dataSegments: 10_000,
  /** A constant expression is evaluated anew for every instance. */
  constantBytes: 1_000,
  functionBytes: 1024 * 1024,
  /** Parameters included. */
  locals: 10_000,
  /** Of all functions together: a body of ten bytes can declare thousands, and each costs the compiler. */
  totalLocals: 4_000_000,
  /** Locals and operands moved by all branches of one function (see Operands): up to 0.15 s, where real code of 9 MB has 400,000. */
  branchWork: 5_000_000,
  nesting: 5_000,
  branchTargets: 16_384,
  totalBranchTargets: 500_000,
  nameBytes: 1_000
} as const
