import type { Path, Position } from './problems.js'

/** Where a value of the configuration was written, and how its parts were. */
export interface Origin {
  /** Where its key is; absent for list items and the root. */
  readonly key?: Position
  /** Where the value is: at the anchor, when it came through an alias or a merge key. */
  readonly at: Position
  /** The alias it came through. */
  readonly through?: Position
  /** The text in the file, when the value came out of an interpolation. Messages show this, never the value. */
  readonly written?: string
  /** The interpolation failed and was reported: nothing more is said about this value. */
  readonly failed?: true
  readonly children?: ReadonlyMap<string | number, Origin>
}

/** What is known about a path: its own origin, or, where the file has no such value, the nearest one around it. */
export interface Located extends Position {
  readonly through?: Position
  /** Set when the path itself is in the file. */
  readonly origin?: Origin
}

/** Where the value at `path` is; where its key is, with `side` 'key'. */
export function locate(root: Origin, path: Path, side: 'key' | 'value' = 'value'): Located {
  let origin = root
  let through = root.through
  for (const part of path) {
    const child = origin.children?.get(part)
    // Not in the file (a default, a missing key): the mapping that should hold it is where to look.
    if (child === undefined) return { ...(origin.key ?? origin.at), ...(through && { through }) }
    origin = child
    through = child.through ?? through
  }
  return { ...((side === 'key' ? origin.key : undefined) ?? origin.at), ...(through && { through }), origin }
}

/** The origin of one part, if the file has it. */
export function childOf(origin: Origin | undefined, part: string | number): Origin | undefined {
  return origin?.children?.get(part)
}
