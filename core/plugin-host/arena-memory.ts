import { ARENA_BYTES } from './arena.js'

/** Each is ARENA_BYTES. */
const MAX_SPARE = 16
const spare: SharedArrayBuffer[] = []

/**
 * Memory for an arena of usual size, what another left in it included. That of threads that have ended comes first: shared memory is
 * freed only when garbage is collected, of which reloads make so little that those of a hundred would be held.
 */
export function takeArenaMemory(): SharedArrayBuffer {
  return spare.pop() ?? new SharedArrayBuffer(ARENA_BYTES)
}

/** @param memory - no thread knows of it any more */
export function leaveArenaMemory(memory: SharedArrayBuffer): void {
  if (spare.length < MAX_SPARE) spare.push(memory)
}
