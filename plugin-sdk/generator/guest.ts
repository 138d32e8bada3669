import type { Contract, EnumType, Field, Message } from './model.js'

/** What AssemblyScript calls a scalar, and how one is read from (`read`) and written to (`write`) the wire. */
interface Scalar {
  readonly type: string
  readonly wire: 0 | 1 | 5
  readonly read: string
  readonly write: (value: string) => string
}

const varint = (type: string, read: string, write: (value: string) => string): Scalar => ({
  type,
  wire: 0,
  read,
  write
})

const fixed = (type: string, wire: 1 | 5): Scalar => ({
  type,
  wire,
  read: `fixed<${type}>()`,
  write: value => `writer.fixed<${type}>(${value})`
})

const SCALARS: Record<string, Scalar> = {
  int32: varint('i32', '<i32>varint(end)', value => `writer.varint(<u64>(<i64>${value}))`),
  enum: varint('i32', '<i32>varint(end)', value => `writer.varint(<u64>(<i64>${value}))`),
  uint32: varint('u32', '<u32>varint(end)', value => `writer.varint(<u64>${value})`),
  sint32: varint('i32', 'zigzag32(varint(end))', value => `writer.varint(unzigzag32(${value}))`),
  int64: varint('i64', '<i64>varint(end)', value => `writer.varint(<u64>${value})`),
  uint64: varint('u64', 'varint(end)', value => `writer.varint(${value})`),
  sint64: varint('i64', 'zigzag64(varint(end))', value => `writer.varint(unzigzag64(${value}))`),
  bool: varint('bool', 'varint(end) != 0', value => `writer.varint(<u64>${value})`),
  fixed32: fixed('u32', 5),
  sfixed32: fixed('i32', 5),
  float: fixed('f32', 5),
  fixed64: fixed('u64', 1),
  sfixed64: fixed('i64', 1),
  double: fixed('f64', 1)
}

export interface GuestOptions {
  /** Where the code finds wire.ts and writer.ts of the SDK. */
  readonly runtime: string
}

/** AssemblyScript that reads and writes the messages of a contract: for each a lazy reader and a writer. */
export function guestCode(contract: Contract, options: GuestOptions): string {
  const body = [...contract.enums.map(enumCode), ...contract.messages.flatMap(each => [reader(each), writer(each)])]
  const text = body.join('\n\n')
  const uses = (names: readonly string[]) => names.filter(name => new RegExp(`\\b${name}\\b`).test(text)).join(', ')
  const wire = [
    'Numbers',
    'Span',
    'Spans',
    'broken',
    'cursor',
    'extent',
    'fixed',
    'has',
    'skip',
    'span',
    'spanInto',
    'startAt'
  ]
  return [
    '// generated from policy.proto, do not edit (npm run gen)',
    `import { ${uses([...wire, 'tag', 'varint', 'zigzag32', 'zigzag64'])} } from '${options.runtime}/wire'`,
    `import { ${uses(['ByteWriter', 'unzigzag32', 'unzigzag64'])} } from '${options.runtime}/writer'`,
    '',
    text,
    ''
  ].join('\n')
}

function enumCode(type: EnumType): string {
  return `export enum ${type.name} {\n${type.values.map(([name, value]) => `  ${name} = ${value}`).join(',\n')}\n}`
}

function reader(message: Message): string {
  return `${comment(message.comment, '')}@unmanaged
@final
export class ${message.name}Reader {
${message.fields.map(readerField).join('\n')}

  /** Reads the message at \`at\`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
${message.fields.map(clearLine).join('\n')}
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
${message.fields.flatMap(readerCases).join('\n')}
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}`
}

function readerField(field: Field): string {
  const has = field.presence ? `  ${hasName(field)}: bool = false\n` : ''
  return `${comment(field.comment, '  ')}${has}  ${readerDeclaration(field)}`
}

function readerDeclaration(field: Field): string {
  if (field.kind === 'number') {
    const { type } = scalar(field)
    return field.repeated
      ? `readonly ${field.name}: Numbers<${type}> = new Numbers<${type}>()`
      : `${field.name}: ${type} = ${zero(type)}`
  }
  if (field.repeated) return `readonly ${field.name}: Spans = new Spans()`
  const type = field.kind === 'message' ? `${field.type}Reader` : 'Span'
  return `readonly ${field.name}: ${type} = new ${type}()`
}

function clearLine(field: Field): string {
  const has = field.presence ? `    this.${hasName(field)} = false\n` : ''
  if (field.kind !== 'number' || field.repeated) return `${has}    this.${field.name}.clear()`
  return `${has}    this.${field.name} = ${zero(scalar(field).type)}`
}

function readerCases(field: Field): string[] {
  const mark = field.presence ? [`          this.${hasName(field)} = true`] : []
  const lines = (wire: number, ...body: string[]) => [
    `        case ${tagOf(field, wire)}: // ${field.name}`,
    ...body.map(line => `          ${line}`),
    ...mark,
    '          break'
  ]
  if (field.kind === 'message' && !field.repeated) {
    return lines(2, `if (!this.${field.name}.merge(extent(end))) return false`)
  }
  if (field.kind !== 'number') {
    return lines(2, `if (!${field.repeated ? 'spanInto' : 'span'}(this.${field.name}, end)) return false`)
  }
  const { wire, read } = scalar(field)
  const check = (limit: string) => (wire === 0 ? [] : [`if (!has(${wire === 1 ? 8 : 4}, ${limit})) return false`])
  if (!field.repeated) return lines(wire, ...check('end'), `this.${field.name} = ${read}`)
  return [
    ...lines(wire, ...check('end'), `this.${field.name}.add(${read})`),
    // A packed list; both forms are read whatever the .proto says.
    `        case ${tagOf(field, 2)}: {`,
    '          const stop = extent(end)',
    '          if (stop == 0) return false',
    '          while (cursor < stop) {',
    ...check('stop').map(line => `            ${line}`),
    `            this.${field.name}.add(${read.replace('(end)', '(stop)')})`,
    '            if (broken) return false',
    '          }',
    '          break',
    '        }'
  ]
}

function writer(message: Message): string {
  return `${comment(message.comment, '')}export class ${message.name}Writer {
${message.fields.map(field => comment(field.comment, '  ') + writerField(field)).join('\n')}

  encode(writer: ByteWriter): void {
${message.fields.map(writerLines).join('\n')}
  }
}`
}

function writerField(field: Field): string {
  const type = writerType(field)
  if (field.repeated) return `  ${field.name}: ${type}[] | null = null`
  if (field.kind === 'number') {
    const has = field.presence ? `  ${hasName(field)}: bool = false\n` : ''
    return `${has}  ${field.name}: ${type} = ${zero(type)}`
  }
  return field.kind === 'string' && !field.presence
    ? `  ${field.name}: string = ''`
    : `  ${field.name}: ${type} | null = null`
}

function writerType(field: Field): string {
  if (field.kind === 'message') return `${field.type}Writer`
  if (field.kind === 'bytes') return 'Uint8Array'
  return field.kind === 'string' ? 'string' : scalar(field).type
}

function writerLines(field: Field): string {
  const value = `_${field.name}`
  const tagged = (wire: number) => {
    const tag = tagOf(field, wire)
    return tag < 128 ? `writer.byte(${tag})` : `writer.varint(${tag})`
  }
  if (field.repeated) {
    const lines = [`    const ${value} = this.${field.name}`]
    if (field.packed) {
      return [
        ...lines,
        `    if (${value} !== null && ${value}.length > 0) {`,
        `      ${tagged(2)}`,
        '      const from = writer.open()',
        `      for (let i = 0; i < ${value}.length; i++) ${one(field, `unchecked(${value}[i])`)}`,
        '      writer.close(from)',
        '    }'
      ].join('\n')
    }
    return [
      ...lines,
      `    if (${value} !== null) {`,
      `      for (let i = 0; i < ${value}.length; i++) {`,
      `        ${tagged(wireOf(field))}`,
      `        ${one(field, `unchecked(${value}[i])`)}`,
      '      }',
      '    }'
    ].join('\n')
  }
  if (field.kind === 'number') {
    const test = field.presence ? `this.${hasName(field)}` : nonZero(field)
    return `    if (${test}) {\n      ${tagged(wireOf(field))}\n      ${one(field, `this.${field.name}`)}\n    }`
  }
  const test = field.presence
    ? `${value} !== null`
    : field.kind === 'string'
      ? `${value}.length > 0`
      : `${value} !== null && ${value}.length > 0`
  return `    const ${value} = this.${field.name}\n    if (${test}) {\n      ${tagged(2)}\n      ${one(field, value)}\n    }`
}

function one(field: Field, value: string): string {
  switch (field.kind) {
    case 'string':
      return `writer.string(${value})`
    case 'bytes':
      return `writer.bytes(${value})`
    case 'message':
      return `{ const at = writer.open(); ${value}.encode(writer); writer.close(at) }`
    case 'number':
      return scalar(field).write(value)
  }
}

/** Negative zero is not the default of a float: it is written. */
function nonZero(field: Field): string {
  const { type } = scalar(field)
  if (type === 'bool') return `this.${field.name}`
  if (type === 'f32') return `reinterpret<u32>(this.${field.name}) != 0`
  if (type === 'f64') return `reinterpret<u64>(this.${field.name}) != 0`
  return `this.${field.name} != 0`
}

function scalar(field: Field): Scalar {
  const found = SCALARS[field.type]
  if (found === undefined) throw new Error(`${field.name}: the type ${field.type} is not supported`)
  return found
}

function zero(type: string): string {
  return type === 'bool' ? 'false' : '0'
}

function hasName(field: Field): string {
  return `has${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}`
}

function wireOf(field: Field): number {
  return field.kind === 'number' ? scalar(field).wire : 2
}

function tagOf(field: Field, wire: number): number {
  return field.id * 8 + wire
}

function comment(text: string, indent: string): string {
  if (text === '') return ''
  const lines = text.split('\n').map(line => line.trim())
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`
  return `${indent}/**\n${lines.map(line => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`
}
