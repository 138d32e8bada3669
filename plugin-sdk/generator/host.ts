import { main as pbjs } from 'protobufjs-cli/pbjs.js'
import type { Contract, EnumType, Field, Message } from './model.js'

const OPTIONS = [
  '-t',
  'static',
  '--no-convert',
  '--no-verify',
  '--no-delimited',
  '--no-typeurl',
  '--no-comments',
  '--no-service'
]

const HEADER = `// generated from policy.proto, do not edit (npm run gen)
// @ts-nocheck: the code is protobufjs's; the types at the end are exact and are what importers see.
import $protobuf from 'protobufjs/minimal.js'
`

const CODEC = `/** Bytes to message and back. T is what decode gives, I what encode takes: the same, with everything optional. */
export interface Codec<T, I> {
  create(properties?: I): T
  /** @param writer - goes on writing there; a new one when left out */
  encode(message: I, writer?: $protobuf.Writer): $protobuf.Writer
  /** @throws Error when the bytes are malformed; bytes fields are views of \`bytes\`, not copies */
  decode(bytes: Uint8Array): T
}`

/**
 * TypeScript for the host: protobufjs's static encoders and decoders, with exact types of our own. (One file and not
 * a .js beside a .d.ts: tsc would not carry such a .js over to the output folder.)
 */
export async function hostCode(protoFile: string, contract: Contract): Promise<string> {
  const code = plainNumbers(await staticCode(protoFile, contract), contract)
  const types = contract.messages.map(each => messageTypes(each, contract.package))
  return [HEADER, code.trim(), '', CODEC, '', [...contract.enums.map(enumType), ...types].join('\n\n'), ''].join('\n')
}

function staticCode(protoFile: string, contract: Contract): Promise<string> {
  return new Promise((resolve, reject) => {
    pbjs([...OPTIONS, '-r', contract.package, '--lint', '', protoFile], (error, output) => {
      if (error !== null || output === undefined) reject(error ?? new Error('pbjs wrote nothing'))
      else resolve(output)
    })
  })
}

/** protobufjs gives 64-bit integers as Long objects; ours are times and counts below 2^53, so they become numbers. */
function plainNumbers(code: string, contract: Contract): string {
  const wide = contract.messages.flatMap(each => each.fields).filter(each => isWide(each.type)).length
  const parts = code.split(/\breader\.((?:u|s)?int64|s?fixed64)\(\)/)
  if ((parts.length - 1) / 2 < wide)
    throw new Error('the code of pbjs reads 64-bit fields in another way than expected')
  const read = parts.map((part, index) => (index % 2 === 0 ? part : `$number(reader.${part}())`)).join('')
  const text = read.replaceAll(/\$util\.Long \? \$util\.Long\.fromBits\(0,0,(true|false)\) : 0/g, '0') // an absent one
  const helper = `const $number = value => (typeof value === 'object' ? value.toNumber() : value)\n`
  return wide === 0 ? text : helper + text
}

function enumType(type: EnumType): string {
  const values = type.values.map(([name, value]) => `  ${name}: ${value}`).join(',\n')
  return `export const ${type.name} = {\n${values}\n} as const`
}

function messageTypes(message: Message, packageName: string): string {
  const { name } = message
  return `${comment(message.comment, '')}export interface ${name} {
${message.fields.map(field => `${comment(field.comment, '  ')}  ${field.name}: ${decoded(field)}`).join('\n')}
}
export interface ${name}Init {
${message.fields.map(field => `  ${field.name}?: ${init(field)} | undefined`).join('\n')}
}
export const ${name}: Codec<${name}, ${name}Init> = $root.${packageName}.${name}`
}

function decoded(field: Field): string {
  const type = typeName(field, field.type)
  if (field.repeated) return `${type}[]`
  return field.presence ? `${type} | null` : type
}

function init(field: Field): string {
  const type = typeName(field, `${field.type}Init`)
  if (field.repeated) return `readonly ${type}[]`
  return field.presence ? `${type} | null` : type
}

function typeName(field: Field, message: string): string {
  if (field.kind === 'message') return message
  if (field.kind === 'bytes') return 'Uint8Array'
  if (field.kind === 'string') return 'string'
  return field.type === 'bool' ? 'boolean' : 'number'
}

function isWide(type: string): boolean {
  return type.endsWith('64')
}

function comment(text: string, indent: string): string {
  if (text === '') return ''
  const lines = text.split('\n').map(line => line.trim())
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`
  return `${indent}/**\n${lines.map(line => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`
}
