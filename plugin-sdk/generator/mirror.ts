import type { Contract, Field, Message } from './model.js'

export interface MirrorOptions {
  /** Where the code finds the readers and writers of the contract. */
  readonly messages: string
  /** Where it finds abi.ts and wire.ts of the SDK. */
  readonly runtime: string
}

/**
 * AssemblyScript for a guest of the tests: `mirror(which, ptr, len)` reads message number `which` of the contract with its
 * reader, copies it field by field, and writes it with its writer. What comes out shows that both are right.
 */
export function mirrorCode(contract: Contract, options: MirrorOptions): string {
  refuseNesting(contract.messages)
  const names = contract.messages.flatMap(({ name }) => [`${name}Reader`, `${name}Writer`]).sort()
  const text = [...contract.messages.map(copyFunction), ...LIST_HELPERS.filter(each => needs(each, contract))]
  const wire = ['Numbers', 'Spans'].filter(name => text.some(each => each.includes(`${name}`)))
  return [
    '// generated from the contract, do not edit (npm run gen)',
    `import { beginOutput, endOutput } from '${options.runtime}/abi'`,
    ...(wire.length > 0 ? [`import { ${wire.join(', ')} } from '${options.runtime}/wire'`] : []),
    `import {\n${names.map(name => `  ${name}`).join(',\n')}\n} from '${options.messages}'`,
    '',
    contract.messages.map(({ name }) => `const ${readerName(name)} = new ${name}Reader()`).join('\n'),
    '',
    dispatcher(contract.messages),
    '',
    text.join('\n\n'),
    ''
  ].join('\n')
}

function dispatcher(messages: readonly Message[]): string {
  const cases = messages.flatMap(({ name }, index) => [
    `    case ${index}: {`,
    `      if (!${readerName(name)}.decode(at, len)) return -1`,
    `      const copy = copy${name}(${readerName(name)})`,
    '      if (copy === null) return -1',
    '      copy.encode(out)',
    '      break',
    '    }'
  ])
  return [
    '/** Whether `len` bytes at `ptr` are message number `which`, and its bytes anew in the output; -1 when malformed. */',
    'export function mirror(which: i32, ptr: i32, len: i32): i32 {',
    '  const at = <usize>ptr',
    '  const out = beginOutput()',
    '  switch (which) {',
    ...cases,
    '    default:',
    '      return -1',
    '  }',
    '  return endOutput()',
    '}'
  ].join('\n')
}

/** null when a message in one of its lists is malformed: the reader has not looked into those. */
function copyFunction(message: Message): string {
  return [
    `function copy${message.name}(from: ${message.name}Reader): ${message.name}Writer | null {`,
    `  const to = new ${message.name}Writer()`,
    ...message.fields.flatMap(copyLines),
    '  return to',
    '}'
  ].join('\n')
}

function copyLines(field: Field): string[] {
  const { name } = field
  if (field.kind === 'message') return field.repeated ? copyMessages(field) : copyMessage(field)
  if (field.kind === 'number') return copyNumber(field)
  const list = field.kind === 'string' ? 'texts' : 'blobs'
  if (field.repeated) return [`  to.${name} = ${list}(from.${name})`]
  const value = `to.${name} = from.${name}.${field.kind === 'string' ? 'text' : 'bytes'}`
  return [field.presence ? `  if (from.${hasName(name)}) ${value}` : `  ${value}`]
}

function copyNumber({ name, repeated, presence }: Field): string[] {
  if (repeated) return [`  to.${name} = numbers(from.${name})`]
  const value = `  to.${name} = from.${name}`
  return presence ? [`  to.${hasName(name)} = from.${hasName(name)}`, value] : [value]
}

function copyMessage({ name, type }: Field): string[] {
  return [
    `  if (from.${hasName(name)}) {`,
    `    const copy = copy${type}(from.${name})`,
    '    if (copy === null) return null',
    `    to.${name} = copy`,
    '  }'
  ]
}

function copyMessages({ name, type }: Field): string[] {
  const reader = readerName(type)
  return [
    `  const ${name}: ${type}Writer[] = []`,
    `  for (let i = 0; i < from.${name}.length; i++) {`,
    `    if (!${reader}.decode(from.${name}.at(i), from.${name}.size(i))) return null`,
    `    const copy = copy${type}(${reader})`,
    '    if (copy === null) return null',
    `    ${name}.push(copy)`,
    '  }',
    `  to.${name} = ${name}`
  ]
}

const LIST_HELPERS = [
  `function texts(list: Spans): string[] {
  const all: string[] = []
  for (let i = 0; i < list.length; i++) all.push(list.text(i))
  return all
}`,
  `function blobs(list: Spans): Uint8Array[] {
  const all: Uint8Array[] = []
  for (let i = 0; i < list.length; i++) all.push(list.bytes(i))
  return all
}`,
  `function numbers<T>(list: Numbers<T>): T[] {
  const all: T[] = []
  for (let i = 0; i < list.length; i++) all.push(list.at(i))
  return all
}`
]

function needs(helper: string, { messages }: Contract): boolean {
  const kind = helper.includes('texts') ? 'string' : helper.includes('blobs') ? 'bytes' : 'number'
  return messages.some(({ fields }) => fields.some(field => field.repeated && field.kind === kind))
}

/** One reader of each type serves all lists, so a message must not be in a list inside itself. */
function refuseNesting(messages: readonly Message[]): void {
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) throw new Error(`${[...path, name].join(' > ')}: the mirror has one reader of each type`)
    const found = messages.find(each => each.name === name)
    for (const field of found?.fields ?? []) if (field.kind === 'message') visit(field.type, [...path, name])
  }
  for (const each of messages) visit(each.name, [])
}

function readerName(name: string): string {
  return `read${name}`
}

function hasName(name: string): string {
  return `has${name.charAt(0).toUpperCase()}${name.slice(1)}`
}
