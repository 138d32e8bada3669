import type { X509Certificate } from 'node:crypto'
import { nameKey, readDer, readTime, SEQUENCE } from './der.js'

/** What of a revocation list says for whom and how long it counts (RFC 5280 §5.1.2). */
export interface RevocationList {
  /** Who issued it, for comparing. */
  readonly issuer: string
  /** From when on it counts, and until when, milliseconds. */
  readonly from: number
  readonly until: number
}

/** @throws Error when it cannot be read */
export function readRevocationList(pem: string): RevocationList {
  const bytes = Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64')
  const [signed] = readDer(readDer(bytes)[0]?.content ?? bytes)
  const parts = readDer(signed?.content ?? bytes)
  // A version may stand before the signature's algorithm and the issuer, which are sequences.
  const at = parts.findIndex(({ tag }) => tag === SEQUENCE)
  const [issuer, from, until] = parts.slice(at + 1)
  if (issuer === undefined || from === undefined) throw new Error('no revocation list')
  // Without a nextUpdate it counts until there is a newer one.
  const ends = until === undefined || until.tag === SEQUENCE || (until.tag & 0x80) !== 0
  return { issuer: nameKey(issuer), from: readTime(from), until: ends ? Number.POSITIVE_INFINITY : readTime(until) }
}

/**
 * What keeps out clients of these authorities whose certificates nobody revoked: OpenSSL accepts none of an authority without
 * a list that counts now.
 */
export function revocationGaps(
  authorities: readonly X509Certificate[],
  lists: readonly RevocationList[],
  now: number
): string[] {
  return authorities.flatMap(({ raw, subject }) => {
    const name = subject.replaceAll('\n', ', ')
    const own = lists.filter(({ issuer }) => issuer === subjectKey(raw))
    if (own.length === 0) return [`holds no revocation list of ${name}: every certificate of it is refused`]
    if (own.some(({ from, until }) => from <= now && now <= until)) return []
    const last = Math.max(...own.map(({ until }) => until))
    const why =
      last < now
        ? `expired on ${new Date(last).toUTCString()}`
        : `is not valid before ${new Date(Math.min(...own.map(({ from }) => from))).toUTCString()}`
    return [`the revocation list of ${name} ${why}: every certificate of it is refused`]
  })
}

/** The subject of a certificate (RFC 5280 §4.1.2): behind serial number, algorithm, issuer and validity; a version may stand before. */
function subjectKey(certificate: Buffer): string | undefined {
  const [signed] = readDer(readDer(certificate)[0]?.content ?? certificate)
  const subject = readDer(signed?.content ?? certificate).filter(({ tag }) => tag === SEQUENCE)[3]
  return subject && nameKey(subject)
}
