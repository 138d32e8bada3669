import { GatewayError } from '../base/errors.js'
import type { Slot } from './slot.js'
import type { NotReady } from './tasks.js'

/** Bindings that may hang in one go: each takes its deadline. */
const MAX_HANGS = 5

/**
 * Finds every binding that cannot be made ready. One that hangs costs its thread, so the others are tried without it.
 * @param tryAll - tries all but `skip`: what is wrong with them, or the one that cost the thread its life
 */
export async function prepareAll(
  tryAll: (skip: readonly number[]) => Promise<NotReady[] | NotReady>
): Promise<NotReady[]> {
  const hanging: NotReady[] = []
  while (hanging.length < MAX_HANGS) {
    const result = await tryAll(hanging.map(({ binding }) => binding))
    if (Array.isArray(result)) return [...hanging, ...result].sort((a, b) => a.binding - b.binding)
    hanging.push(result)
  }
  return hanging
}

/**
 * The binding at which a thread was lost.
 * @throws GatewayError GW_INTERNAL when it did not come to any
 */
export function threadLost(slot: Slot, reason: unknown): NotReady {
  const position = slot.killed ? slot.stoodAt : slot.arena.position()
  if (position === undefined) throw new GatewayError('GW_INTERNAL', 'no plugin thread starts', { cause: reason })
  const why = reason instanceof Error ? reason.message : String(reason)
  const message = slot.killed ? 'does not finish its initialisation in time' : `ends its thread: ${why}`
  return { binding: position.exchange, message }
}
