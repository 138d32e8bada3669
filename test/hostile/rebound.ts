import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

/** The name that answers as its owner likes. */
export const REBOUND = 'rebound.example'
type Done = (error: NodeJS.ErrnoException | null, found: dns.LookupAddress[]) => void

/** Makes this process's system resolver answer these for the name, one list for each look-up, in turn. */
export function rebind(answers: readonly (readonly string[])[]): { readonly asked: readonly string[]; undo(): void } {
  const asked: string[] = []
  const real = dns.lookup
  const fake = (host: string, options: dns.LookupAllOptions, done: Done): void => {
    if (host !== REBOUND) {
      real(host, options, done)
      return
    }
    const found = answers[(asked.push(host) - 1) % answers.length] ?? []
    done(
      null,
      found.map(address => ({ address, family: 4 }))
    )
  }
  const use = (lookup: unknown): void => {
    Object.assign(dns, { lookup })
    syncBuiltinESMExports()
  }
  use(fake)
  return { asked, undo: () => use(real) }
}

// Loaded with --import into a gateway's process, which is told the answers so.
const { REBIND } = process.env
if (REBIND !== undefined) rebind(JSON.parse(REBIND))
