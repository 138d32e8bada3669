import { Buffer } from 'node:buffer'
import { isObject } from '../members.js'
import { outputItems, type ResponsesStore, type StoredResponse } from './store.js'

/** How much is kept, and for how long. */
export interface Bounds {
  readonly maxEntries: number
  /** Of JSON, all entries together. */
  readonly maxBytes: number
  /** From when it was last used. */
  readonly ttlMs: number
}

interface Entry {
  readonly owner: string
  readonly id: string
  readonly json: string
  readonly bytes: number
  readonly items: readonly string[]
  until: number
}

/** Keeps responses in this process: those that were not used for longest go first. */
export class MemoryResponsesStore implements ResponsesStore {
  /** By owner and id, least recently used first. */
  private readonly entries = new Map<string, Entry>()
  /** By owner and id of an item: the key of its response. */
  private readonly items = new Map<string, string>()
  private total = 0

  /** @param now - milliseconds on a clock that only goes forward */
  constructor(
    private readonly bounds: Bounds,
    private readonly now: () => number
  ) {}

  /** What it keeps now. */
  get size(): { entries: number; bytes: number } {
    return { entries: this.entries.size, bytes: this.total }
  }

  async get(owner: string, id: string): Promise<StoredResponse | undefined> {
    return this.use(keyOf(owner, id))
  }

  async withItem(owner: string, itemId: string): Promise<StoredResponse | undefined> {
    const key = this.items.get(keyOf(owner, itemId))
    return key === undefined ? undefined : this.use(key)
  }

  async put(owner: string, stored: StoredResponse): Promise<void> {
    const key = keyOf(owner, stored.id)
    this.remove(key)
    const json = JSON.stringify(stored)
    const bytes = Buffer.byteLength(json) + Buffer.byteLength(key)
    if (bytes > this.bounds.maxBytes || this.bounds.maxEntries < 1) return
    const ids = [...stored.input, ...outputItems(stored)].map(({ id }) => id).filter(id => typeof id === 'string')
    const items = ids.map(id => keyOf(owner, id))
    for (const item of items) this.items.set(item, key)
    this.entries.set(key, { owner, id: stored.id, json, bytes, items, until: this.now() + this.bounds.ttlMs })
    this.total += bytes
    this.shrink()
  }

  async delete(owner: string, id: string): Promise<boolean> {
    const key = keyOf(owner, id)
    const there = (this.entries.get(key)?.until ?? 0) > this.now()
    this.remove(key)
    return there
  }

  private use(key: string): StoredResponse | undefined {
    const entry = this.entries.get(key)
    if (entry === undefined) return undefined
    if (entry.until <= this.now()) {
      this.remove(key)
      return undefined
    }
    entry.until = this.now() + this.bounds.ttlMs
    this.entries.delete(key)
    this.entries.set(key, entry)
    const stored: unknown = JSON.parse(entry.json)
    return isStored(stored) ? stored : undefined
  }

  private remove(key: string): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    this.entries.delete(key)
    this.total -= entry.bytes
    for (const item of entry.items) if (this.items.get(item) === key) this.items.delete(item)
  }

  /** The order of use is the order of ends, so those whose time is over are in front. */
  private shrink(): void {
    for (const [key, entry] of this.entries) {
      const over = entry.until <= this.now()
      const tooMany = this.entries.size > this.bounds.maxEntries || this.total > this.bounds.maxBytes
      if (!over && !tooMany) return
      this.remove(key)
    }
  }
}

function keyOf(owner: string, id: string): string {
  return `${owner.length}:${owner}${id}`
}

function isStored(value: unknown): value is StoredResponse {
  return isObject(value) && typeof value.id === 'string' && Array.isArray(value.input) && isObject(value.response)
}
