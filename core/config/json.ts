/** Whether a value is a mapping: an object that is no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path of keys and indexes, or undefined. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let found = value
  for (const part of path) {
    if (Array.isArray(found) && typeof part === 'number') found = found[part]
    else if (isRecord(found) && Object.hasOwn(found, part)) found = found[part]
    else return undefined
  }
  return found
}

/** The list at a path, empty when there is none. */
export function listAt(value: unknown, path: readonly (string | number)[]): readonly unknown[] {
  const found = valueAt(value, path)
  return Array.isArray(found) ? found : []
}

/** The keys of the mapping at a path, none when there is none. */
export function keysAt(value: unknown, path: readonly (string | number)[]): readonly string[] {
  const found = valueAt(value, path)
  return isRecord(found) ? Object.keys(found) : []
}

/** The text at a path, or undefined. */
export function textAt(value: unknown, path: readonly (string | number)[]): string | undefined {
  const found = valueAt(value, path)
  return typeof found === 'string' ? found : undefined
}

/** Freezes a value and all it holds. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}

/** The schema a `$ref` within the same document points at (`#/$defs/x`); any other schema is itself. */
export function dereference(schema: unknown, root: unknown): unknown {
  let found = schema
  for (let hops = 0; hops < 16 && isRecord(found) && typeof found.$ref === 'string'; hops++) {
    if (!found.$ref.startsWith('#')) return found
    found = schemaAt(root, found.$ref)
  }
  return found
}

/** The part of a schema a JSON pointer (with its "#") points at, following references on the way. */
export function schemaAt(root: unknown, pointer: string): unknown {
  let found: unknown = root
  for (const part of pointerParts(pointer.replace(/^#/, ''))) {
    if (isRecord(found) && !Object.hasOwn(found, part)) found = dereference(found, root)
    found = Array.isArray(found) ? found[Number(part)] : valueAt(found, [part])
  }
  return found
}

/** The parts of a JSON pointer (RFC 6901). */
export function pointerParts(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** A JSON pointer into a value as a path: what indexes a list becomes a number. */
export function pathOf(pointer: string, value: unknown): (string | number)[] {
  const path: (string | number)[] = []
  let at = value
  for (const part of pointerParts(pointer)) {
    const step = Array.isArray(at) ? Number(part) : part
    path.push(step)
    at = valueAt(at, [step])
  }
  return path
}
