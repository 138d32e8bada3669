import { CAPS } from './caps.js'
import { constant, functionBody } from './code.js'
import { type Draft, type Export, type Import, KINDS, type Kind, type Signature } from './info.js'
import type { Reader } from './reader.js'
import { quoted } from './text.js'
import { functionType, memorySize, referenceType, tableSize, valueType } from './types.js'

interface Section {
  readonly id: number
  readonly name: string
  read(reader: Reader, draft: Draft): void
}

/** Every known section but custom ones, in the order the specification wants them in. */
export const SECTIONS: readonly Section[] = [
  { id: 1, name: 'type', read: typeSection },
  { id: 2, name: 'import', read: importSection },
  { id: 3, name: 'function', read: functionSection },
  { id: 4, name: 'table', read: tableSection },
  { id: 5, name: 'memory', read: memorySection },
  { id: 13, name: 'tag', read: tagSection },
  { id: 6, name: 'global', read: globalSection },
  { id: 7, name: 'export', read: exportSection },
  { id: 8, name: 'start', read: startSection },
  { id: 9, name: 'element', read: elementSection },
  { id: 12, name: 'data count', read: dataCountSection },
  { id: 10, name: 'code', read: codeSection },
  { id: 11, name: 'data', read: dataSection }
]

function typeSection(reader: Reader, draft: Draft): void {
  const count = reader.count('types', CAPS.types)
  for (let i = 0; i < count; i++) draft.types.push(functionType(reader))
}

function importSection(reader: Reader, draft: Draft): void {
  const count = reader.count('imports', CAPS.imports)
  for (let i = 0; i < count; i++) {
    const module = reader.name('the module of an import')
    const name = reader.name('the name of an import')
    const of = `import ${quoted(`${module}.${name}`)}`
    draft.imports.push({ module, name, ...imported(reader, draft, of) })
  }
}

function imported(reader: Reader, draft: Draft, of: string): Pick<Import, 'kind' | 'signature'> {
  const kind = kindOf(reader, of)
  switch (kind) {
    case 'function': {
      const signature = typeOf(reader, draft, of)
      draft.importedFunctions++
      draft.functions.push(signature)
      return { kind, signature: signature.text }
    }
    case 'table':
      tableSize(reader)
      draft.importedTables++
      break
    case 'memory':
      memorySize(reader)
      draft.importedMemories++
      break
    case 'global':
      draft.globals.push(globalIsMutable(reader))
      break
    case 'tag':
      tag(reader, draft)
      break
  }
  return { kind }
}

function functionSection(reader: Reader, draft: Draft): void {
  const count = reader.count('functions', CAPS.functions)
  for (let i = 0; i < count; i++) draft.functions.push(typeOf(reader, draft, `function ${i}`))
}

function tableSection(reader: Reader, draft: Draft): void {
  const count = reader.count('tables', CAPS.tables)
  let elements = 0
  for (let i = 0; i < count; i++) {
    const size = tableSize(reader)
    draft.tables.push(size)
    elements += size.min
  }
  if (elements > CAPS.tableElements) {
    throw reader.error(`has tables of ${elements} elements; at most ${CAPS.tableElements} are allowed`)
  }
}

function memorySection(reader: Reader, draft: Draft): void {
  const count = reader.u32('the number of memories')
  if (draft.importedMemories + count > 1) {
    throw reader.error(`has ${draft.importedMemories + count} memories; a plugin has exactly one`)
  }
  if (count === 1) draft.memories.push(memorySize(reader))
}

function tagSection(reader: Reader, draft: Draft): void {
  const count = reader.count('exception tags', CAPS.tags)
  for (let i = 0; i < count; i++) tag(reader, draft)
}

function globalSection(reader: Reader, draft: Draft): void {
  const count = reader.count('globals', CAPS.globals)
  for (let i = 0; i < count; i++) {
    draft.globals.push(globalIsMutable(reader))
    constant(reader, draft)
  }
}

function exportSection(reader: Reader, draft: Draft): void {
  const count = reader.count('exports', CAPS.exports)
  const names = new Set<string>()
  for (let i = 0; i < count; i++) {
    const name = reader.name('the name of an export')
    if (names.has(name)) throw reader.error(`exports ${quoted(name)} twice`)
    names.add(name)
    draft.exports.push(exported(reader, draft, name))
  }
}

function exported(reader: Reader, draft: Draft, name: string): Export {
  const of = `export ${quoted(name)}`
  const kind = kindOf(reader, of)
  const index = reader.u32(`the index of ${of}`)
  if (index >= countOf(draft, kind)) throw reader.errorHere(`${of} is ${kind} ${index}, which does not exist`)
  if (kind === 'function') return { name, kind, signature: draft.functions[index]?.text ?? '' }
  if (kind === 'global') return { name, kind, mutable: draft.globals[index] === true }
  return { name, kind }
}

function startSection(reader: Reader, draft: Draft): void {
  reader.u32('the index of the start function')
  draft.hasStart = true
}

/**
 * The first number of a segment says how it is laid out: bit 0, it is not put into a table at start; bit 1, which
 * table (or, with bit 0, that it is only declared); bit 2, its elements are expressions and not function indexes.
 */
function elementSection(reader: Reader, draft: Draft): void {
  const count = reader.count('element segments', CAPS.elementSegments)
  let elements = 0
  for (let i = 0; i < count; i++) {
    const at = reader.at
    const form = reader.u32('the form of an element segment')
    if (form > 7) throw reader.errorHere(`has an element segment of unknown form ${form}`, at)
    const active = (form & 1) === 0
    const expressions = (form & 4) !== 0
    if (active && (form & 2) !== 0) reader.u32('the table of an element segment')
    if (active) constant(reader, draft)
    if ((form & 3) !== 0) elementType(reader, expressions)
    const length = reader.count('elements in one segment', CAPS.elements)
    elements += length
    if (elements > CAPS.elements) throw reader.error(`has more than ${CAPS.elements} elements in its segments`)
    for (let j = 0; j < length; j++) {
      if (expressions) constant(reader, draft)
      else reader.u32('an element')
    }
  }
}

function elementType(reader: Reader, expressions: boolean): void {
  if (expressions) {
    referenceType(reader, 'the type of an element segment')
    return
  }
  const at = reader.at
  if (reader.byte('the kind of an element segment') !== 0) {
    throw reader.errorHere('has an element segment of an unknown kind', at)
  }
}

function dataCountSection(reader: Reader, draft: Draft): void {
  draft.declaredData = reader.u32('the number of data segments')
}

function codeSection(reader: Reader, draft: Draft): void {
  const count = reader.count('function bodies', CAPS.functions)
  draft.bodies = count
  const declared = draft.functions.length - draft.importedFunctions
  if (count !== declared) throw reader.error(`declares ${declared} functions but has the bodies of ${count}`)
  for (let i = 0; i < count; i++) {
    const signature = draft.functions[draft.importedFunctions + i]
    if (signature !== undefined) functionBody(reader, draft, signature, i)
  }
}

function dataSection(reader: Reader, draft: Draft): void {
  const count = reader.count('data segments', CAPS.dataSegments)
  draft.dataSegments = count
  for (let i = 0; i < count; i++) {
    const at = reader.at
    const form = reader.u32('the form of a data segment')
    if (form > 2) throw reader.errorHere(`has a data segment of unknown form ${form}`, at)
    if (form === 2) reader.u32('the memory of a data segment')
    if (form !== 1) constant(reader, draft)
    reader.skip(reader.u32('the size of a data segment'), 'a data segment')
  }
}

function kindOf(reader: Reader, of: string): Kind {
  const at = reader.at
  const byte = reader.byte(`the kind of ${of}`)
  const kind = KINDS[byte]
  if (kind === undefined) throw reader.errorHere(`${of} is of unknown kind ${byte}`, at)
  return kind
}

function typeOf(reader: Reader, draft: Draft, of: string): Signature {
  const at = reader.at
  const index = reader.u32(`the type of ${of}`)
  const signature = draft.types[index]
  if (signature === undefined) throw reader.errorHere(`${of} is of type ${index}, which does not exist`, at)
  return signature
}

function tag(reader: Reader, draft: Draft): void {
  const at = reader.at
  if (reader.byte('the attribute of a tag') !== 0) throw reader.errorHere('has a tag with an unknown attribute', at)
  draft.tags.push(typeOf(reader, draft, 'a tag'))
}

function globalIsMutable(reader: Reader): boolean {
  valueType(reader, 'the type of a global')
  const at = reader.at
  const mutable = reader.byte('the mutability of a global')
  if (mutable > 1) throw reader.errorHere(`has a global of mutability ${mutable}`, at)
  return mutable === 1
}

function countOf(draft: Draft, kind: Kind): number {
  switch (kind) {
    case 'function':
      return draft.functions.length
    case 'table':
      return draft.importedTables + draft.tables.length
    case 'memory':
      return draft.importedMemories + draft.memories.length
    case 'global':
      return draft.globals.length
    case 'tag':
      return draft.tags.length
  }
}
