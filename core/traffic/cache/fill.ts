import type { Buffer } from 'node:buffer'
import type { HeaderList } from '../../base/headers.js'
import type { Assessment } from './assess.js'
import { Entry, type Slot } from './entry.js'
import type { EntryStore } from './store.js'

/** An upstream call that may end in a stored reply. While it runs, what is invalidated or purged spoils it too. */
export interface Fill {
  readonly route: string
  readonly places: readonly string[]
  /** Undefined until the head of the reply is here. */
  tags: readonly string[] | undefined
  /** What it fetches was asked for before something was invalidated: it is not stored, and nobody new joins. */
  spoiled: boolean
}

/** A reply whose head says that it may be stored. */
export interface Storable {
  readonly slot: Slot
  readonly status: number
  readonly headers: HeaderList
  readonly found: Assessment
  readonly strip: boolean
}

/** Stores a reply that is here whole, unless it was spoiled meanwhile. */
export function storeReply(store: EntryStore, fill: Fill, reply: Storable, body: Buffer): Entry | undefined {
  if (fill.spoiled) return undefined
  const entry = new Entry(reply.slot, reply.status, reply.headers, body, reply.found, reply.strip)
  return store.add(entry) ? entry : undefined
}
