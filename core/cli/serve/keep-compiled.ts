import { setFlagsFromString } from 'node:v8'

/** So long that it never comes, milliseconds: eleven days. */
const NEVER_MS = 1_000_000_000

/**
 * Some seconds without much to do, and V8 collects garbage to give memory back. Whatever kind of object has no instance just then, no
 * exchange being under way, is forgotten with all code that was compiled for it: the next requests are interpreted. That
 * is put off for good; under load nothing changes. V8 of Node 20, 22 and 24 knows both flags, and reads them when it needs them.
 */
export function keepCompiled(): void {
  setFlagsFromString(`--gc-memory-reducer-start-delay-ms=${NEVER_MS}`)
  // Collections that load makes necessary: after so many without an instance a kind of object is forgotten. Two, if nothing is said.
  setFlagsFromString('--retain-maps-for-n-gc=1000')
}
