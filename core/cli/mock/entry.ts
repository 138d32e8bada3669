import type { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { isSigned, signer, wrongSignature } from './aws-signature.js'
import type { Failure } from './failure.js'

/** Who may come in: who shows one of the keys, or signs with one that is a pair, "ID:SECRET". */
export class Entry {
  /** @param keys - undefined, or none: everybody may, but a signature has to be one */
  constructor(private readonly keys: readonly string[] = []) {}

  /**
   * What keeps a request out; undefined: nothing.
   * @param status - for who shows no key that is good
   */
  refusal(request: IncomingMessage, body: Buffer, status = 401): Failure | undefined {
    const open = this.keys.length === 0
    if (isSigned(request)) {
      const id = signer(request)
      const pair = this.keys.find(key => key.startsWith(`${id}:`))
      if (id === undefined || pair !== undefined || open) {
        return wrongSignature(request, body, pair?.slice(pair.indexOf(':') + 1), Date.now())
      }
      return { status, kind: 'authentication', message: 'The security token included in the request is invalid.' }
    }
    if (open || this.keys.includes(keyOf(request) ?? '')) return undefined
    return { status, kind: 'authentication', message: 'Incorrect API key provided.' }
  }
}

/** The key a request shows, wherever the dialects put it; of one that is signed, the name of its key. */
export function keyOf(request: IncomingMessage): string | undefined {
  const { headers } = request
  if (isSigned(request)) return signer(request)
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer
  const own = headers['x-api-key'] ?? headers['api-key'] ?? headers['x-goog-api-key']
  if (typeof own === 'string') return own
  return new URL(request.url ?? '/', 'http://mock').searchParams.get('key') ?? undefined
}
