import { Composer, type CST, type Document, LineCounter, Parser, type YAMLError } from 'yaml'
import type { Position } from './problems.js'

/** How deep lists and mappings may be nested; also what keeps the recursive composer within its stack. */
export const MAX_DEPTH = 64

/** Something wrong with the text as YAML. */
export interface YamlProblem extends Position {
  readonly message: string
}

export type Yaml =
  | { readonly document: Document.Parsed; readonly lines: LineCounter }
  | { readonly problems: readonly YamlProblem[] }

/** Reads the text as one YAML 1.2 document. Never throws. */
export function readYaml(text: string): Yaml {
  const lines = new LineCounter()
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  const deep = tooDeep(tokens)
  if (deep !== undefined) {
    return { problems: [at(lines, deep, `nested more than ${MAX_DEPTH} levels deep`)] }
  }
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false })
  const documents = [...composer.compose(tokens, false, text.length)]
  return judge(documents, lines)
}

/** Line and column of an offset. */
export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function judge(documents: readonly Document.Parsed[], lines: LineCounter): Yaml {
  const [document, second] = documents
  const wrong = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])
  if (wrong.length > 0) return { problems: syntaxProblems(wrong, lines) }
  if (document === undefined || isEmpty(document)) {
    return {
      problems: [{ line: 1, column: 1, message: 'the file is empty; expected a mapping with upstreams and routes' }]
    }
  }
  if (second !== undefined) {
    const start = second.contents?.range[0] ?? second.range[0]
    return { problems: [at(lines, start, 'a second YAML document begins here; expected one document in the file')] }
  }
  if (document.directives.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    return {
      problems: [{ line: 1, column: 1, message: 'a %YAML directive asks for another version; expected YAML 1.2' }]
    }
  }
  return { document, lines }
}

function isEmpty({ contents }: Document.Parsed): boolean {
  return contents === null || contents.range[0] === contents.range[1]
}

/** The first error of each line, without those that say only that the parser had lost its way by then. */
function syntaxProblems(errors: readonly YAMLError[], lines: LineCounter): YamlProblem[] {
  const first = new Map<number, YamlProblem>()
  for (const error of errors) {
    if (first.size > 0 && error.message.includes('in YAML stream')) continue
    const problem = at(lines, error.pos[0], `not valid YAML: ${error.message}${hint(error)}`)
    if (!first.has(problem.line)) first.set(problem.line, problem)
  }
  return [...first.values()]
}

function hint({ code, message }: YAMLError): string {
  if (code === 'UNEXPECTED_TOKEN' && message.includes('flow-')) {
    return `; inside { } and [ ], put a value that holds a brace, like "/orders/{id}" or "\${env:NAME}", in quotes`
  }
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return '; put a value that holds ": " in quotes, or check the indentation'
  if (code === 'BAD_SCALAR_START') return '; put the value in quotes'
  return ''
}

function at(lines: LineCounter, offset: number, message: string): YamlProblem {
  return { ...positionAt(lines, offset), message }
}

/** The offset of the first token nested too deeply. Walks without recursion: the text may be hostile. */
function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  const pending = tokens.map(token => ({ token, depth: 0 }))
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { token, depth } = next
    if (depth > MAX_DEPTH) return token.offset
    if (token.type === 'document') {
      if (token.value) pending.push({ token: token.value, depth })
    } else if ('items' in token) {
      for (const { key, value } of token.items) {
        if (key) pending.push({ token: key, depth: depth + 1 })
        if (value) pending.push({ token: value, depth: depth + 1 })
      }
    }
  }
  return undefined
}
