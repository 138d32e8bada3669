import type { Contract, Field, Message } from './model.js'

const HEADER = `// generated from policy.proto, do not edit (npm run gen)

/** A field: its scalar type, or the name of its message or enum. "optional": absent is told from the default. */
export type FieldType = readonly [type: string, label: '' | 'optional' | 'repeated']
type ByName<T> = Readonly<Record<string, T>>
`

/** TypeScript for the host: what the messages are made of, for the JSON mapping. */
export function fieldsCode({ enums, messages }: Contract): string {
  const values = enums.map(({ name, values }) => {
    return `  ${name}: { ${values.map(([value, number]) => `${value}: ${number}`).join(', ')} }`
  })
  return [
    HEADER,
    `export const ENUMS: ByName<ByName<number>> = {\n${values.join(',\n')}\n}\n`,
    `export const FIELDS: ByName<ByName<FieldType>> = {\n${messages.map(fieldsOf).join(',\n')}\n}`,
    ''
  ].join('\n')
}

function fieldsOf({ name, fields }: Message): string {
  return `  ${name}: {\n${fields.map(field => `    ${field.name}: ['${field.enum ?? field.type}', '${label(field)}']`).join(',\n')}\n  }`
}

function label({ repeated, presence }: Field): string {
  if (repeated) return 'repeated'
  return presence ? 'optional' : ''
}
