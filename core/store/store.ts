/**
 * What plugins keep outside the gateway's memory: values by key, with a time to live. One instance for the process, used by the
 * event loop alone. Every method rejects when the store cannot be reached.
 */
export interface Store {
  get(key: string): Promise<Buffer | undefined>
  /** @param ttlMs - milliseconds until it is gone; 0: kept until deleted */
  set(key: string, value: Uint8Array, ttlMs: number): Promise<void>
  /** @returns whether it was there */
  delete(key: string): Promise<boolean>
  /**
   * Sets `value` if the stored one is `expected`, in one step.
   * @param expected - undefined: there must be none
   * @returns whether it was set
   */
  swap(key: string, expected: Uint8Array | undefined, value: Uint8Array, ttlMs: number): Promise<boolean>
  /**
   * Adds to a number that is kept as decimal text; one that is not there is 0. The time to live is that of its first addition.
   * @throws Error when what is stored is not a number
   */
  add(key: string, delta: number, ttlMs: number): Promise<number>
  close(): Promise<void>
}
