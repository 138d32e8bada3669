import { Buffer } from 'node:buffer'
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { GatewayError } from '../base/errors.js'

/**
 * Ids of things a provider keeps (responses, files, batches) are known only to the account that made them. What a client gets instead is an
 * envelope: the id with the account and region it belongs to, signed. How the gateway uses it:
 *
 * - A reply that passes untouched has its id replaced by `seal(…)`; in a stream the same text wherever it stands (`response.id` in the events
 *   that begin and end it).
 * - An id in a path or in `previous_response_id` is `open`ed: "own" goes to that account, with the provider's id in its place, whatever the
 *   route's balancing says; "foreign" is no envelope (an id of a response kept here, or from before there were envelopes); "forged" is
 *   answered as an id that does not exist.
 */
export interface Affinity {
  /** The provider account, as the configuration names it. */
  readonly account: string
  /** Empty: it has none. */
  readonly region: string
  /** The provider's own id. */
  readonly id: string
}

export type Opened = ({ readonly kind: 'own' } & Affinity) | { readonly kind: 'foreign' } | { readonly kind: 'forged' }

/** The longest envelope there is, characters: it has to fit into a path. */
export const MAX_ENVELOPE = 1_024

/** The part of an id that clients look at, the mark of an envelope, and what is in it. */
const ENVELOPE = /^([a-z]+[-_])?sl1_([\w-]+)$/
const PREFIX = /^[a-z]{1,12}[-_]/
/** Half of SHA-256: 128 bits are enough to be unforgeable. */
const TAG_BYTES = 16

/**
 * The envelope of an id, with the id's own prefix ("resp_", "file-") before it.
 * @param keys - of HMAC; the first signs
 * @param owner - who may use it (tenant and consumer): in nobody else's hands it opens
 * @throws GatewayError GW_UPSTREAM_BAD_RESPONSE when the id is too long for an envelope
 */
export function seal(keys: readonly KeyObject[], owner: string, { account, region, id }: Affinity): string {
  const [key] = keys
  if (key === undefined) throw new GatewayError('GW_INTERNAL', 'no key to seal ids with')
  const payload = Buffer.from(JSON.stringify([account, region, id]))
  const body = Buffer.concat([tagOf(key, owner, payload), payload]).toString('base64url')
  const envelope = `${PREFIX.exec(id)?.[0] ?? ''}sl1_${body}`
  if (envelope.length <= MAX_ENVELOPE) return envelope
  const message = `an id of ${id.length} characters does not fit into an envelope of ${MAX_ENVELOPE}`
  throw new GatewayError('GW_UPSTREAM_BAD_RESPONSE', message)
}

/** What is in an envelope. Takes as long for a wrong tag as for the right one. */
export function open(keys: readonly KeyObject[], owner: string, envelope: string): Opened {
  const body = envelope.length > MAX_ENVELOPE ? undefined : ENVELOPE.exec(envelope)?.[2]
  if (body === undefined) return { kind: 'foreign' }
  const bytes = Buffer.from(body, 'base64url')
  const tag = bytes.subarray(0, TAG_BYTES)
  const payload = bytes.subarray(TAG_BYTES)
  const genuine = keys.some(key => tag.length === TAG_BYTES && timingSafeEqual(tag, tagOf(key, owner, payload)))
  // Another spelling of the same bytes is not what was sealed.
  if (!genuine || bytes.toString('base64url') !== body) return { kind: 'forged' }
  const [account, region, id]: unknown[] = JSON.parse(payload.toString())
  if (typeof account !== 'string' || typeof region !== 'string' || typeof id !== 'string') return { kind: 'forged' }
  if (!envelope.startsWith(`${PREFIX.exec(id)?.[0] ?? ''}sl1_`)) return { kind: 'forged' }
  return { kind: 'own', account, region, id }
}

function tagOf(key: KeyObject, owner: string, payload: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(owner))
  return createHmac('sha256', key).update(length).update(owner).update(payload).digest().subarray(0, TAG_BYTES)
}
