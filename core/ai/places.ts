/** Where in a client's request messages, parts and tools of a chat stand: for who names what was lost of them. */
const PLACES = new WeakMap<object, string>()

/** @param path - within the request, "contents[0].parts[1]" */
export function placed<Read extends object>(read: Read, path: string): Read {
  PLACES.set(read, path)
  return read
}

/** The same for what a list has from `from` on and is not known by a nearer place. */
export function placeRest(list: readonly object[], from: number, path: string): void {
  for (const read of list.slice(from)) if (!PLACES.has(read)) placed(read, path)
}

/** The path of what was read from a request; undefined: it was made elsewhere. */
export function placeOf(read: object): string | undefined {
  return PLACES.get(read)
}

/** What stands for something that was read, in its place. */
export function inPlaceOf<Read extends object>(read: Read, before: object): Read {
  const path = placeOf(before)
  return path === undefined ? read : placed(read, path)
}
