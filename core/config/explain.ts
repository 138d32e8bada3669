import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'
import { dereference, pathOf, schemaAt, valueAt } from './json.js'
import { childOf, locate, type Origin } from './origin.js'
import { type Path, type Problem, showPath } from './problems.js'
import { expectedAt, type Failure, shown, unknownKey, wording } from './wording.js'

/** What is validated, and where it sits in the file. */
export interface Subject {
  readonly file: string
  readonly root: Origin
  /** Where the validated value is in the configuration. */
  readonly path: Path
  /** The values may be secret: messages do not repeat them. */
  readonly secret: boolean
}

/** Everything a schema says against a value, in words, each with its place in the file. */
export function explain(schema: object, value: unknown, subject: Subject): Problem[] {
  const failures = withoutEchoes(failuresOf(schema, value))
  return failures.flatMap(failure => tell(failure, schema, value, subject))
}

/** A problem at a path of the file, unless an interpolation there has failed: that was reported. */
export function problemsAt(subject: Subject, path: Path, message: string, side?: 'key'): Problem[] {
  const { line, column, through, origin } = locate(subject.root, path, side)
  if (origin?.failed) return []
  return [{ file: subject.file, line, column, path: showPath(path), message, ...(through && { through }) }]
}

function failuresOf(schema: object, value: unknown): readonly Failure[] {
  const { maxErrors } = Settings.Get()
  // TypeBox stops at eight errors by default; the setting is global, so it is put back.
  Settings.Set({ maxErrors: 1000 })
  try {
    return Value.Errors(schema, value) // compiling a schema that is used once takes twenty times as long
  } finally {
    Settings.Set({ maxErrors })
  }
}

/** A union reports every branch: keep what the branches meant for this kind of value say, or else the union itself. */
function withoutEchoes(failures: readonly Failure[]): readonly Failure[] {
  const dropped = new Set<Failure>()
  for (const failure of failures) {
    // Each unknown key is said twice: by the mapping, and by the `false` that is the schema of other keys.
    if (failure.keyword === 'boolean' && failure.schemaPath.endsWith('/additionalProperties')) dropped.add(failure)
    if (failure.keyword !== 'anyOf' && failure.keyword !== 'oneOf') continue
    const prefix = `${failure.schemaPath}/${failure.keyword}/`
    const branches = new Map<string, Failure[]>()
    for (const part of failures) {
      if (!part.schemaPath.startsWith(prefix) || !part.instancePath.startsWith(failure.instancePath)) continue
      const branch = part.schemaPath.slice(prefix.length).split('/')[0] ?? ''
      branches.set(branch, [...(branches.get(branch) ?? []), part])
    }
    const meant = [...branches.values()].filter(parts => !parts.some(part => isOfAnotherKind(part, failure)))
    for (const parts of branches.values()) if (!meant.includes(parts)) for (const part of parts) dropped.add(part)
    if (meant.length > 0) dropped.add(failure)
  }
  return failures.filter(failure => !dropped.has(failure))
}

function isOfAnotherKind(part: Failure, union: Failure): boolean {
  return part.instancePath === union.instancePath && ['type', 'const', 'enum'].includes(part.keyword)
}

function tell(failure: Failure, root: object, whole: unknown, subject: Subject): Problem[] {
  const within = pathOf(failure.instancePath, whole)
  const path = [...subject.path, ...within]
  const value = valueAt(whole, within)
  const schema = dereference(schemaAt(root, failure.schemaPath), root)
  const origin = locate(subject.root, path).origin
  if (failure.keyword === 'additionalProperties') {
    return stringsOf(failure.params, 'additionalProperties').flatMap(key =>
      problemsAt(subject, [...path, key], unknownKey(key, schema), 'key')
    )
  }
  if (failure.keyword === 'required') {
    return stringsOf(failure.params, 'requiredProperties')
      .filter(key => !childOf(origin, key)?.failed)
      .flatMap(key =>
        problemsAt(subject, path, `the key "${key}" is missing; expected ${expectedAt(schema, key, root)}`, 'key')
      )
  }
  const got = shown(value, origin, subject.secret)
  return problemsAt(subject, path, wording(failure, got, value, schema, root, origin))
}

function stringsOf(params: object, name: string): string[] {
  const found: unknown = Object.entries(params).find(([key]) => key === name)?.[1]
  return Array.isArray(found) ? found.filter(value => typeof value === 'string') : []
}
