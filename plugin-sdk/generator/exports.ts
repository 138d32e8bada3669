import {
  ClassDeclaration,
  type DeclarationStatement,
  EnumDeclaration,
  FieldDeclaration,
  FunctionDeclaration,
  MethodDeclaration,
  NamespaceDeclaration,
  type Node,
  newOptions,
  newProgram,
  parse,
  TypeDeclaration,
  type VariableDeclaration,
  VariableStatement
} from 'assemblyscript'

/** What the SDK exports, as its sources say it. */
export interface Exported {
  readonly name: string
  /** The module it is written in, without ".ts": "host". */
  readonly module: string
  /** Its declaration without the body. */
  readonly signature: string
  /** Its doc comment as Markdown; "" when it has none. */
  readonly doc: string
  /** Public members of a class, enum or namespace. */
  readonly members: readonly Member[]
}

export interface Member {
  readonly signature: string
  readonly doc: string
}

/** Some of the compiler's CommonFlags, which it only has as a `const enum`. */
const FLAGS = { export: 1 << 1, readonly: 1 << 6, private: 1 << 9, protected: 1 << 10 } as const

/**
 * Everything that index.ts exports, in its order.
 * @param read - the text of a module of the SDK, by its name without ".ts"
 * @throws Error naming the export whose declaration is not found
 */
export function exportsOf(read: (module: string) => string): Exported[] {
  const lists = [...read('index').matchAll(/^export \{([^}]+)\} from '\.\/([^']+)'/gm)]
  const all = lists.flatMap(([, list = '', module = '']) => {
    const declared = declarations(read(module), module)
    return list.split(',').flatMap(item => {
      const name = item.trim()
      if (name === '') return []
      const found = declared.get(name)
      if (found === undefined) throw new Error(`plugin-sdk/assembly/${module}.ts does not declare ${name}`)
      return found
    })
  })
  const names = new Set(all.map(each => each.name))
  return all.map(each => ({
    ...each,
    signature: each.signature.replace(/ extends (\w+)$/, (text, base) => (names.has(base) ? text : '')),
    members: each.members.filter(member => isCallable(member, names))
  }))
}

/** Not a constructor that takes what the SDK keeps to itself. */
function isCallable({ signature }: Member, names: ReadonlySet<string>): boolean {
  if (!signature.startsWith('constructor(')) return true
  const types = [...signature.matchAll(/: (?:Array<)?([A-Z]\w*)/g)].map(([, type]) => type ?? '')
  return types.every(type => names.has(type) || BUILT_IN.has(type))
}

const BUILT_IN = new Set(['Array', 'ArrayBuffer', 'Map', 'Set', 'StaticArray', 'Uint8Array'])

function declarations(text: string, module: string): Map<string, Exported> {
  const program = newProgram(newOptions())
  parse(program, text, `${module}.ts`, true)
  const found = new Map<string, Exported>()
  const add = (name: string, entry: Omit<Exported, 'name' | 'module'>) => found.set(name, { name, module, ...entry })
  for (const statement of program.sources.flatMap(source => source.statements)) {
    if (statement instanceof VariableStatement) {
      for (const each of statement.declarations) {
        add(each.name.text, {
          signature: variable(text, statement, each),
          doc: docBefore(text, statement),
          members: []
        })
      }
    } else if (isNamed(statement)) {
      add(statement.name.text, {
        signature: signature(text, statement),
        doc: docBefore(text, statement),
        members: membersOf(text, statement)
      })
    }
  }
  return found
}

type Named = ClassDeclaration | EnumDeclaration | FunctionDeclaration | NamespaceDeclaration | TypeDeclaration

function isNamed(statement: Node): statement is Named {
  return [ClassDeclaration, EnumDeclaration, FunctionDeclaration, NamespaceDeclaration, TypeDeclaration].some(
    kind => statement instanceof kind
  )
}

function membersOf(text: string, declaration: Named): Member[] {
  if (declaration instanceof EnumDeclaration) {
    return declaration.values.map(value => ({ signature: value.name.text, doc: docBefore(text, value) }))
  }
  if (declaration instanceof NamespaceDeclaration) {
    const exported = declaration.members.filter((each): each is DeclarationStatement & Node => isExported(each))
    return exported.map(each => ({ signature: signature(text, each), doc: docBefore(text, each) }))
  }
  if (!(declaration instanceof ClassDeclaration)) return []
  return declaration.members.flatMap(member => {
    const doc = docBefore(text, member)
    if (member.isAny(FLAGS.private | FLAGS.protected) || doc.includes('@internal')) return []
    // asc makes a field of every parameter of a constructor that is one.
    if (member instanceof FieldDeclaration && member.parameterIndex >= 0) return parameterField(text, member, doc)
    return [{ signature: plain(signature(text, member)), doc }]
  })
}

/** A constructor says of its parameters also which become fields; the fields are listed. */
function plain(signature: string): string {
  return signature.startsWith('constructor(')
    ? signature.replace(/([(,] ?)(?:(?:public|private|protected|readonly) )+/g, '$1')
    : signature
}

function parameterField(text: string, field: FieldDeclaration, doc: string): Member[] {
  const written = text.slice(field.range.start, field.range.end)
  const readonly = field.is(FLAGS.readonly) ? 'readonly ' : ''
  return [{ signature: `${readonly}${oneLine(written).replace(/^(?:public |readonly )+/, '')}`, doc }]
}

function isExported(node: Node): boolean {
  return (node instanceof FunctionDeclaration || node instanceof ClassDeclaration) && node.is(FLAGS.export)
}

/** The text of a declaration up to its body. */
function signature(text: string, node: Node): string {
  const { start, end } = node.range
  let until = end
  if ((node instanceof FunctionDeclaration || node instanceof MethodDeclaration) && node.body) {
    until = node.body.range.start
  } else if (node instanceof FieldDeclaration && node.initializer && node.type) {
    until = node.type.range.end
  } else if (!(node instanceof FieldDeclaration || node instanceof TypeDeclaration)) {
    const brace = text.indexOf('{', start)
    if (brace >= 0 && brace < end) until = brace
  }
  return oneLine(text.slice(start, until))
}

function variable(text: string, statement: VariableStatement, { name, type }: VariableDeclaration): string {
  const keyword = /^\s*(?:export\s+)?let\b/.test(text.slice(statement.range.start)) ? 'let' : 'const'
  return `${keyword} ${name.text}${type === null ? '' : `: ${text.slice(type.range.start, type.range.end)}`}`
}

/** Without comments, decorators and what says that it is exported. */
function oneLine(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replace(/^\s*(?:@\w+(?:\([^)]*\))?\s*)*/, '')
    .replace(/^(?:export |declare )+/, '')
    .replace(/\s+/g, ' ')
    .replace(/\( /g, '(')
    .replace(/ \)/g, ')')
    .trim()
}

/** The doc comment that ends right before a node, its decorators aside. */
function docBefore(text: string, { range }: Node): string {
  const before = text.slice(0, range.start)
  const found =
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:\/\/.*\n\s*|(?:export|const|let|static|readonly|private)\s+|@\w+\s*)*$/.exec(
      before
    )
  return (found?.[1] ?? '')
    .split('\n')
    .map(line => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim()
}
