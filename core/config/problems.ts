import { GatewayError } from '../base/errors.js'

/** Where something is in the configuration: keys and list indexes from the root. */
export type Path = readonly (string | number)[]

/** Line and column, both from 1. Line 0: the file as a whole. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** One thing that is wrong with a configuration file. The message never holds an interpolated value. */
export interface Problem extends Position {
  readonly file: string
  /** Like `routes[0].match.path`; empty for the file as a whole. */
  readonly path: string
  /** What is wrong; then, after a semicolon, what was expected. */
  readonly message: string
  /** Where the alias is through which the value was reached, if it was. */
  readonly through?: Position
}

/** A configuration that cannot be used, with everything that is wrong with it. */
export class ConfigError extends GatewayError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    const sorted = inOrder(problems)
    super('GW_CONFIG_INVALID', formatProblems(sorted), options)
    this.name = 'ConfigError'
    this.problems = sorted
  }
}

/** One line per problem: `file:line:column  path  what is wrong; expected …`. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join('\n')
}

/** A path as people write it: `routes[0].match.path`, `plugins["odd key"].path`. */
export function showPath(path: Path): string {
  let shown = ''
  for (const part of path) {
    if (typeof part === 'number') shown += `[${part}]`
    else if (!/^[A-Za-z0-9_-]+$/.test(part)) shown += `[${JSON.stringify(part)}]`
    else shown += shown === '' ? part : `.${part}`
  }
  return shown
}

function formatProblem({ file, line, column, path, message, through }: Problem): string {
  const where = line === 0 ? file : `${file}:${line}:${column}`
  const by = through === undefined ? '' : ` (used through the alias at ${through.line}:${through.column})`
  const shown = [where, path, message + by].filter(part => part !== '').join('  ')
  // Keys and names come from the file: one problem stays one line, and a terminal sees no control sequence.
  return shown.replace(/\p{Cc}/gu, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** In the order of the file; without what is said twice (a value behind an alias used in two places is two problems). */
function inOrder(problems: readonly Problem[]): Problem[] {
  const once = new Map(problems.map(problem => [formatProblem(problem), problem]))
  return [...once.values()].sort((a, b) => a.line - b.line || a.column - b.column)
}
