import protobuf from 'protobufjs'

/** How a field's value is written on the wire, and how the generated code names it. */
export type FieldKind = 'string' | 'bytes' | 'message' | 'number'

export interface Field {
  /** In camelCase. */
  readonly name: string
  readonly id: number
  readonly kind: FieldKind
  /** The scalar type of the .proto ('uint32' for an enum's sake 'enum'), or the class name of a message. */
  readonly type: string
  /** Of an enum, the name of its class. */
  readonly enum?: string
  readonly repeated: boolean
  readonly packed: boolean
  /** Whether absent and default are told apart. */
  readonly presence: boolean
  readonly comment: string
}

export interface Message {
  readonly name: string
  readonly comment: string
  readonly fields: readonly Field[]
}

export interface EnumType {
  readonly name: string
  readonly values: readonly (readonly [name: string, value: number])[]
}

/** What a .proto file declares, as the two code generators need it. */
export interface Contract {
  /** The proto package, e.g. 'sluice.v1'. */
  readonly package: string
  readonly messages: readonly Message[]
  readonly enums: readonly EnumType[]
}

/**
 * Reads the text of a .proto file.
 * @throws Error naming the message and the field, when the file uses what the guest generator cannot do right: maps,
 *   oneofs, groups, messages that contain themselves
 */
export function readContract(source: string): Contract {
  const parsed = protobuf.parse(source, { alternateCommentMode: true, keepCase: false })
  parsed.root.resolveAll()
  const packageName = parsed.package ?? ''
  const messages: Message[] = []
  const enums: EnumType[] = []
  const namespace = packageName === '' ? parsed.root : parsed.root.lookup(packageName)
  if (!(namespace instanceof protobuf.Namespace)) throw new Error(`the package "${packageName}" declares nothing`)
  collect(namespace, '', messages, enums)
  refuseCycles(messages)
  return { package: packageName, messages, enums }
}

function collect(namespace: protobuf.NamespaceBase, prefix: string, messages: Message[], enums: EnumType[]): void {
  for (const entry of namespace.nestedArray) {
    if (entry instanceof protobuf.Enum) {
      enums.push({ name: prefix + entry.name, values: Object.entries(entry.values) })
    } else if (entry instanceof protobuf.Type) {
      messages.push(message(entry, prefix))
      collect(entry, prefix + entry.name, messages, enums)
    }
  }
}

function message(type: protobuf.Type, prefix: string): Message {
  const fields = type.fieldsArray.map(field => toField(type, field)).sort((a, b) => a.id - b.id)
  return { name: prefix + type.name, comment: type.comment ?? '', fields }
}

function toField(parent: protobuf.Type, field: protobuf.Field): Field {
  const where = `${parent.name}.${field.name}`
  const optional = field.options?.proto3_optional === true
  if (field instanceof protobuf.MapField) throw new Error(`${where}: map fields are not supported`)
  if (field.partOf && !optional) throw new Error(`${where}: oneof is not supported`)
  if (field.delimited) throw new Error(`${where}: groups are not supported`)
  const resolved = field.resolvedType
  return {
    name: field.name,
    id: field.id,
    kind: kindOf(field),
    type: resolved instanceof protobuf.Type ? className(resolved) : resolved ? 'enum' : field.type,
    ...(resolved instanceof protobuf.Enum && { enum: className(resolved) }),
    repeated: field.repeated,
    packed: field.packed && kindOf(field) === 'number',
    presence: optional || (resolved instanceof protobuf.Type && !field.repeated),
    comment: field.comment ?? ''
  }
}

function kindOf(field: protobuf.Field): FieldKind {
  if (field.resolvedType instanceof protobuf.Type) return 'message'
  if (field.type === 'string' || field.type === 'bytes') return field.type
  return 'number'
}

/** The names of a nested message are strung together: Outer.Inner is OuterInner. */
function className(type: protobuf.Type | protobuf.Enum): string {
  return type.parent instanceof protobuf.Type ? className(type.parent) + type.name : type.name
}

/** A reader holds the readers of its messages, so a message inside itself would never end. */
function refuseCycles(messages: readonly Message[]): void {
  const inside = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) throw new Error(`${[...path, name].join(' > ')}: a message that contains itself`)
    const found = messages.find(each => each.name === name)
    for (const field of found?.fields ?? []) {
      if (field.kind === 'message' && !field.repeated) inside(field.type, [...path, name])
    }
  }
  for (const each of messages) inside(each.name, [])
}
