/**
 * What host functions are given: the guest's pointers made readable. 'text' and 'bytes' take two arguments, pointer and length;
 * 'skip' is an argument that says nothing outside the guest, such as where an answer goes.
 */
type Argument = 'number' | 'text' | 'bytes' | 'skip'

/** A function that is not here is recorded by its name alone. */
const ARGUMENTS: Readonly<Record<string, readonly Argument[]>> = {
  log: ['number', 'text'],
  now: [],
  monotonic: [],
  random: ['skip', 'number'],
  sha256: ['bytes', 'skip'],
  hmac: ['number', 'bytes', 'bytes', 'skip'],
  key_import: ['text'],
  verify: ['number', 'number', 'bytes', 'bytes'],
  bucket_take: ['text', 'number', 'number', 'number', 'skip'],
  counter_add: ['text', 'number', 'number', 'skip'],
  counter_get: ['text'],
  regex_compile: ['text'],
  regex_find_all: ['number', 'text', 'skip', 'number']
}

/** A call of a host function: its name, and what it was given. Bytes are base64. */
export type HostCall = readonly unknown[]

/** The call as cases say it. @param memory - of the guest, as it is at the call */
export function hostCall(name: string, given: readonly number[], memory: Buffer): HostCall {
  const call: unknown[] = [name]
  let next = 0
  for (const kind of Object.hasOwn(ARGUMENTS, name) ? (ARGUMENTS[name] ?? []) : []) {
    const value = given[next++] ?? 0
    if (kind === 'number') call.push(value)
    if (kind === 'text' || kind === 'bytes') {
      const bytes = memory.subarray(value >>> 0, (value >>> 0) + ((given[next++] ?? 0) >>> 0))
      call.push(bytes.toString(kind === 'text' ? 'utf8' : 'base64'))
    }
  }
  return call
}
