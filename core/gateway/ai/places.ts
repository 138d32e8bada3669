/** Ids that are remembered. */
const MAX_IDS = 100_000

/** Which account made a response that its provider keeps: only that one knows its id. */
export interface PlaceBook {
  remember(owner: string, id: string, account: string): void | Promise<void>
  /** undefined: nobody knows. */
  of(owner: string, id: string): string | undefined | Promise<string | undefined>
  forget(owner: string, id: string): void | Promise<void>
}

/** For this process, and while it runs; an id of which nothing is known goes to the account that is first. */
export class Places implements PlaceBook {
  /** By owner and id; least recently used first. */
  private readonly accounts = new Map<string, string>()

  remember(owner: string, id: string, account: string): void {
    const key = `${owner}\n${id}`
    this.accounts.delete(key)
    this.accounts.set(key, account)
    if (this.accounts.size <= MAX_IDS) return
    for (const oldest of this.accounts.keys()) {
      this.accounts.delete(oldest)
      return
    }
  }

  of(owner: string, id: string): string | undefined {
    return this.accounts.get(`${owner}\n${id}`)
  }

  forget(owner: string, id: string): void {
    this.accounts.delete(`${owner}\n${id}`)
  }
}
