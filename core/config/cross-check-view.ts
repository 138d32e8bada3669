import { listAt, textAt, valueAt } from './json.js'
import { locate, type Origin } from './origin.js'
import type { Path } from './problems.js'
import { didYouMean } from './suggest.js'
import { shown } from './wording.js'

/** Something that no single value shows: it takes two to be wrong. */
export interface CrossProblem {
  readonly path: Path
  readonly message: string
}

/** A configuration of which nothing is known for sure: its schema may have failed. */
export interface View {
  readonly value: unknown
  readonly root: Origin
  readonly builtins: readonly string[]
}

export function routesOf({ value }: View): Path[] {
  return listAt(value, ['routes']).map((_, index) => ['routes', index])
}

/** A value as the file has it: a name that was interpolated is not repeated. */
export function written({ value, root }: View, path: Path): string {
  return shown(valueAt(value, path), locate(root, path).origin, false)
}

/** "did you mean", unless the value was interpolated. */
export function hintFor({ value, root }: View, path: Path, known: readonly string[]): string {
  if (locate(root, path).origin?.written !== undefined) return ''
  return didYouMean(textAt(value, path) ?? '', known)
}

/** Whether the text of a value came from elsewhere: messages do not repeat it. */
export function isInterpolated({ root }: View, path: Path): boolean {
  return locate(root, path).origin?.written !== undefined
}

export function texts({ value }: View, path: Path): string[] {
  return listAt(value, path).filter(item => typeof item === 'string')
}

/** Which of these keys of a mapping are there. */
export function given({ value }: View, path: Path, keys: readonly string[]): string[] {
  return keys.filter(key => valueAt(value, [...path, key]) !== undefined)
}
