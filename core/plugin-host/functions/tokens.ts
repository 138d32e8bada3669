import { PluginFault } from '../fault.js'
import { type GuestBytes, memoryAt, type Run } from '../guest-bytes.js'
import { countTokens, loadTokens } from '../tokens.js'

export interface TokenGuest extends GuestBytes {
  /** Whether the call that runs is on_configure. */
  configures: boolean
}

const MAX_TEXT_BYTES = 1 << 20

/** Tokens of a text as models count them. An encoding is made ready by its first use in on_configure. */
export function tokenFunctions(guest: TokenGuest): Record<string, Run> {
  return {
    tokens_count: (encoding = 0, ptr = 0, length = 0) => {
      const bytes = memoryAt(guest, ptr, length)
      if (bytes.length > MAX_TEXT_BYTES) return -1
      const text = bytes.toString('utf8')
      if (guest.configures && !loadTokens(encoding)) return -1
      const count = countTokens(encoding, text)
      if (count !== undefined) return count
      throw new PluginFault('trap', `counts tokens in encoding ${encoding}, which it did not use in on_configure`)
    }
  }
}
