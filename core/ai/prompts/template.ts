import Mustache from 'mustache'

/** A Mustache template, taken apart. */
export interface Template {
  /** The text with the values in it. Values are text: nothing of them is looked at for more placeholders. */
  render(values: Readonly<Record<string, unknown>>): string
  /** The names outside of sections that have names of their own: these must be variables. */
  readonly names: ReadonlySet<string>
}

/** What is wrong with a template, for the operator. */
export class TemplateMistake extends Error {}

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly path: readonly string[] }
  | { readonly kind: 'section' | 'inverted'; readonly path: readonly string[]; readonly within: readonly Node[] }

/**
 * Reads a template. The library takes it apart; it is filled in here, since the library escapes for HTML, calls functions and finds what
 * values inherit.
 * @param ownNames - whether what a variable holds has names of its own (lists of objects, objects)
 * @throws TemplateMistake
 */
export function parseTemplate(text: string, ownNames: (variable: string) => boolean): Template {
  const nodes = read(parse(text))
  const names = new Set<string>()
  collect(nodes, names, ownNames)
  return { names, render: values => fill(nodes, [values]) }
}

function parse(text: string): unknown {
  try {
    // A writer of its own: the shared one remembers every template there ever was.
    return new Mustache.Writer().parse(text)
  } catch (thrown) {
    throw new TemplateMistake(thrown instanceof Error ? thrown.message : String(thrown))
  }
}

/** The library's tokens are lists: a kind, a text, two places in the template, and for sections the tokens within. */
function read(tokens: unknown): Node[] {
  if (!Array.isArray(tokens)) return []
  const nodes: Node[] = []
  for (const token of tokens) {
    if (!Array.isArray(token)) continue
    const [kind, text, , , within]: unknown[] = token
    if (typeof text !== 'string') continue
    switch (kind) {
      case 'text':
        nodes.push({ kind, text })
        break
      case 'name':
      case '&': // {{{name}}} and {{& name}}: nothing is escaped in any case
        nodes.push({ kind: 'value', path: pathOf(text) })
        break
      case '#':
      case '^':
        nodes.push({ kind: kind === '#' ? 'section' : 'inverted', path: pathOf(text), within: read(within) })
        break
      case '>':
        throw new TemplateMistake(`"{{> ${text}}}" takes in another template; expected all of it in one place`)
    }
  }
  return nodes
}

function pathOf(name: string): string[] {
  return name === '.' ? [] : name.split('.')
}

function collect(nodes: readonly Node[], names: Set<string>, ownNames: (variable: string) => boolean): void {
  for (const node of nodes) {
    if (node.kind === 'text') continue
    const [name] = node.path
    if (name !== undefined) names.add(name)
    if (node.kind === 'value') continue
    // Within such a section a name may be one of its items': it cannot be told which.
    if (node.kind === 'inverted' || name === undefined || !ownNames(name)) collect(node.within, names, ownNames)
  }
}

/** @param scopes - the values around, the innermost last */
function fill(nodes: readonly Node[], scopes: readonly unknown[]): string {
  let text = ''
  for (const node of nodes) {
    if (node.kind === 'text') {
      text += node.text
      continue
    }
    const value = find(node.path, scopes)
    if (node.kind === 'value') text += shown(value)
    else if (node.kind === 'inverted') text += truthy(value) ? '' : fill(node.within, scopes)
    else if (Array.isArray(value)) for (const item of value) text += fill(node.within, [...scopes, item])
    else if (truthy(value)) text += fill(node.within, [...scopes, value])
  }
  return text
}

function find(path: readonly string[], scopes: readonly unknown[]): unknown {
  const [first, ...rest] = path
  if (first === undefined) return scopes.at(-1)
  for (let i = scopes.length - 1; i >= 0; i--) {
    const scope = scopes[i]
    if (!has(scope, first)) continue
    let found = scope[first]
    for (const name of rest) found = has(found, name) ? found[name] : undefined
    return found
  }
  return undefined
}

function has(value: unknown, name: string): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
}

function truthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
