/** What kinds of thing a module can import and export; the index is the byte in the file. */
export const KINDS = ['function', 'table', 'memory', 'global', 'tag'] as const
export type Kind = (typeof KINDS)[number]

export interface Import {
  readonly module: string
  readonly name: string
  readonly kind: Kind
  /** Of a function: "(i32, i32) -> i32". */
  readonly signature?: string
}

export interface Export {
  readonly name: string
  readonly kind: Kind
  /** Of a function: "(i32, i32) -> i32". */
  readonly signature?: string
  /** Of a global. */
  readonly mutable?: boolean
}

/** Size of a memory (in pages of 64 KiB) or a table (in elements). */
export interface Size {
  readonly min: number
  readonly max: number | undefined
}

/** What is known about a module after its bytes were read and found well-formed and within the caps. */
export interface ModuleInfo {
  /** Names it in messages. */
  readonly what: string
  readonly imports: readonly Import[]
  readonly exports: readonly Export[]
  /** Those the module defines; an imported one is among the imports. */
  readonly memories: readonly Size[]
  readonly tables: readonly Size[]
  /** How many functions it defines. */
  readonly functions: number
  readonly hasStart: boolean
  /** Whether any instruction makes a table grow. */
  readonly growsTable: boolean
  readonly customBytes: number
  /** Where the memory section is, its id and size included. */
  readonly memorySection: { readonly start: number; readonly end: number } | undefined
}

export interface Signature {
  readonly text: string
  /** How many there are. */
  readonly params: number
  readonly results: number
}

/** A ModuleInfo in the making: the index spaces, imports first, as the sections fill them. */
export interface Draft {
  readonly types: Signature[]
  readonly imports: Import[]
  readonly exports: Export[]
  readonly memories: Size[]
  readonly tables: Size[]
  /** Signature of every function. */
  readonly functions: Signature[]
  /** Whether each global is mutable. */
  readonly globals: boolean[]
  readonly tags: Signature[]
  importedFunctions: number
  importedMemories: number
  importedTables: number
  bodies: number
  /** What the data count section says; undefined without one. */
  declaredData: number | undefined
  dataSegments: number
  hasStart: boolean
  locals: number
  branchTargets: number
  growsTable: boolean
}
