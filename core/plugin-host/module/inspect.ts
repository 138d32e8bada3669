import { CAPS } from './caps.js'
import type { Draft, ModuleInfo } from './info.js'
import { Reader } from './reader.js'
import { SECTIONS } from './sections.js'
import { mebibytes, quoted } from './text.js'

const MAGIC = '0,97,115,109'
const CORE_VERSION = '1,0,0,0'
/** Version 0x0d, layer 1: the component model's binaries have the same magic number. */
const COMPONENT_VERSION = '13,0,1,0'
const CUSTOM = 0
const MEMORY = 5

/**
 * Reads a WASM binary without running or compiling any of it: well-formed, sections in order, nothing larger than the
 * caps. What the plugin may import and must export is checkModule's. Time is linear in the size of the file.
 * @param what - names the module in messages, e.g. 'plugin auth-key (plugins/auth-key/build/auth-key.wasm)'
 * @throws GatewayError GW_PLUGIN_INVALID, nothing else
 */
export function inspectModule(bytes: Uint8Array, what: string): ModuleInfo {
  const reader = new Reader(bytes, what)
  preamble(reader)
  const draft = emptyDraft()
  let memorySection: ModuleInfo['memorySection']
  let customBytes = 0
  let customSections = 0
  let rank = -1
  while (reader.at < bytes.length) {
    const start = reader.at
    const id = reader.byte('the id of a section')
    if (id === CUSTOM) {
      customSections++
      if (customSections > CAPS.customSections) {
        throw reader.error(`has more than ${CAPS.customSections} custom sections`)
      }
      customBytes += customSection(reader)
      continue
    }
    const next = SECTIONS.findIndex(section => section.id === id)
    const section = SECTIONS[next]
    if (section === undefined) throw reader.errorHere(`has a section of unknown id ${id}`, start)
    if (next <= rank) throw reader.errorHere(misplaced(next, rank), start)
    rank = next
    enterSection(reader, `the ${section.name} section`)
    section.read(reader, draft)
    if (reader.at !== reader.end) {
      throw reader.errorHere(`the ${section.name} section has ${reader.end - reader.at} bytes too many`)
    }
    reader.end = bytes.length
    if (id === MEMORY) memorySection = { start, end: reader.at }
  }
  if (customBytes > CAPS.customBytes) throw reader.error(tooMuchCustom(customBytes))
  const functions = assertDeclaredIsThere(reader, draft)
  const { imports, exports, memories, tables, hasStart, growsTable } = draft
  return { what, imports, exports, memories, tables, functions, hasStart, growsTable, customBytes, memorySection }
}

function preamble(reader: Reader): void {
  const { bytes } = reader
  if (bytes.length === 0) throw reader.error('is empty; expected a WASM module')
  if (bytes.length > CAPS.fileBytes) {
    throw reader.error(`is ${mebibytes(bytes.length)} large; at most ${mebibytes(CAPS.fileBytes)} are allowed`)
  }
  if (bytes.subarray(0, 4).join() !== MAGIC) throw reader.error(`is not a WASM module${guess(bytes)}`)
  const version = bytes.subarray(4, 8).join()
  if (version === COMPONENT_VERSION) {
    throw reader.error(
      'is a WASM component; expected a core module (build for wasm32-unknown-unknown, not wasm32-wasip2)'
    )
  }
  if (version !== CORE_VERSION) throw reader.error(`is of WASM binary version ${version}; expected ${CORE_VERSION}`)
  reader.at = 8
}

function guess(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes.subarray(0, 64)).trimStart()
  if (text.startsWith('(module') || text.startsWith(';;')) return ' but its text form; compile it first (wat2wasm)'
  return `: it begins with ${Buffer.from(bytes.subarray(0, 4)).toString('hex')}, not with 0061736d`
}

/** Reads the size of a section and confines the reader to it. */
function enterSection(reader: Reader, of: string): void {
  const size = reader.u32(`the size of ${of}`)
  const start = reader.at
  reader.skip(size, of)
  reader.end = reader.at
  reader.at = start
}

/** Steps over a custom section (names, debugging information): nothing in it is used. Returns its size. */
function customSection(reader: Reader): number {
  enterSection(reader, 'a custom section')
  const size = reader.end - reader.at
  reader.name('the name of a custom section')
  reader.at = reader.end
  reader.end = reader.bytes.length
  return size
}

/** What one section announces and another has. Returns how many functions the module defines. */
function assertDeclaredIsThere(reader: Reader, draft: Draft): number {
  const { bodies, declaredData, dataSegments } = draft
  const functions = draft.functions.length - draft.importedFunctions
  if (bodies !== functions) throw reader.error(`declares ${functions} functions but has the bodies of ${bodies}`)
  if (declaredData !== undefined && declaredData !== dataSegments) {
    throw reader.error(`declares ${declaredData} data segments but has ${dataSegments}`)
  }
  return functions
}

function misplaced(section: number, last: number): string {
  const name = SECTIONS[section]?.name
  if (section === last) return `has two ${name} sections`
  return `the ${name} section comes after the ${SECTIONS[last]?.name} section, it must come before`
}

function tooMuchCustom(bytes: number): string {
  return `has ${mebibytes(bytes)} of custom sections (names, debugging information); at most ${mebibytes(CAPS.customBytes)} are allowed: strip it (wasm-strip, or ${quoted('strip = true')} in Cargo.toml)`
}

function emptyDraft(): Draft {
  return {
    types: [],
    imports: [],
    exports: [],
    memories: [],
    tables: [],
    functions: [],
    globals: [],
    tags: [],
    importedFunctions: 0,
    importedMemories: 0,
    importedTables: 0,
    bodies: 0,
    declaredData: undefined,
    dataSegments: 0,
    hasStart: false,
    locals: 0,
    branchTargets: 0,
    growsTable: false
  }
}
