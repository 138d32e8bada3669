import { Account } from './account.js'

/** Accounts a rule may have: names may come from clients. Those past it share one. */
const MOST = 100_000
/** The key of that one. */
const OTHERS = '(others)'

/** Every account there is, also of rules that are not there now: they may come back. */
export class Books {
  private readonly accounts = new Map<string, Map<string, Account>>()

  /** Makes one when there is none. */
  account(signature: string, key: string, now: number): Account {
    let own = this.accounts.get(signature)
    if (own === undefined) {
      own = new Map()
      this.accounts.set(signature, own)
    }
    const known = own.get(key)
    if (known !== undefined) return known
    if (own.size >= MOST) prune(own, now)
    if (own.size >= MOST && key !== OTHERS) return this.account(signature, OTHERS, now)
    const account = new Account(signature, key)
    own.set(key, account)
    return account
  }

  /** Those of one kind. */
  of(signature: string): Iterable<Account> {
    return this.accounts.get(signature)?.values() ?? []
  }

  *[Symbol.iterator](): IterableIterator<Account> {
    for (const own of this.accounts.values()) yield* own.values()
  }
}

function prune(accounts: Map<string, Account>, now: number): void {
  for (const [key, account] of accounts) if (account.idle(now)) accounts.delete(key)
}
