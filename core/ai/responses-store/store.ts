import type { JsonObject } from '../members.js'

/** A response that was made here by translation, and what is needed to go on from it. */
export interface StoredResponse {
  readonly id: string
  /** The response it went on from; undefined: it began a conversation. */
  readonly previous: string | undefined
  /** The items the client sent with it, each with an id: those of this turn alone. */
  readonly input: readonly JsonObject[]
  /** As the client got it. */
  readonly response: JsonObject
}

/**
 * Keeps responses for clients that do not send their conversation along. Every call names the owner: what one keeps another never sees.
 * An implementation is bounded, so what was kept can be gone.
 */
export interface ResponsesStore {
  /** Also marks it as used. */
  get(owner: string, id: string): Promise<StoredResponse | undefined>
  /** The response that has the item in its input or output. */
  withItem(owner: string, itemId: string): Promise<StoredResponse | undefined>
  put(owner: string, stored: StoredResponse): Promise<void>
  /** @returns whether it was there */
  delete(owner: string, id: string): Promise<boolean>
}

/** The ids of the items of a response's output. */
export function outputItems(stored: StoredResponse): JsonObject[] {
  const { output } = stored.response
  return Array.isArray(output) ? output.filter(item => typeof item === 'object' && item !== null) : []
}
