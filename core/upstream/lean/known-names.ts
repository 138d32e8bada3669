import { codeAt } from '../../base/bare.js'

/**
 * Names that replies have often. Recognised where they stand, they need no text of their own, are in lower case, and are the same
 * string for whoever looks them up.
 */
export const KNOWN_NAMES: readonly string[] =
  'accept-ranges access-control-allow-credentials access-control-allow-headers access-control-allow-methods access-control-allow-origin access-control-expose-headers access-control-max-age age allow alt-svc anthropic-organization-id cache-control cf-cache-status cf-ray connection content-disposition content-encoding content-language content-length content-range content-security-policy content-type cross-origin-opener-policy cross-origin-resource-policy date deprecation etag expires keep-alive last-modified link location nel openai-organization openai-processing-ms openai-version origin-agent-cluster permissions-policy pragma referrer-policy report-to request-id retry-after server server-timing set-cookie strict-transport-security sunset trailer transfer-encoding upgrade vary via www-authenticate x-cache x-content-type-options x-correlation-id x-dns-prefetch-control x-download-options x-frame-options x-permitted-cross-domain-policies x-powered-by x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset x-request-id x-robots-tag x-runtime x-trace-id x-xss-protection'.split(
    ' '
  )

const SLOTS = 1_024

/** Of each byte a name may have (RFC 9110 §5.6.2), the lower-case letter; 0 for all others. */
export const NAME_BYTE: Uint8Array = nameBytes()

const table: (string | undefined)[] = Array.from({ length: SLOTS })
// As keys of an object they become the same strings as those that stand in code, and are found equal by that.
for (const name of Object.keys(Object.fromEntries(KNOWN_NAMES.map(name => [name, true])))) {
  let hash = 0
  for (let i = 0; i < name.length; i++) hash = nextHash(hash, name.charCodeAt(i))
  table[slot(hash)] = name // no two are in one slot
}

/** The hash of a name grows by the lower-case letter of each of its bytes; it begins with 0. */
export function nextHash(hash: number, letter: number): number {
  return (Math.imul(hash, 31) + letter) | 0
}

/** The name that stands at `from`, when it is a known one. */
export function knownName(bytes: Uint8Array, from: number, to: number, hash: number): string | undefined {
  const name = table[slot(hash)]
  if (name === undefined || name.length !== to - from) return undefined
  for (let i = from; i < to; i++) if (NAME_BYTE[bytes[i] ?? 0] !== codeAt(name, i - from)) return undefined
  return name
}

function slot(hash: number): number {
  return (hash ^ (hash >>> 5)) & (SLOTS - 1)
}

function nameBytes(): Uint8Array {
  const bytes = new Uint8Array(256)
  for (const letter of "!#$%&'*+.^_`|~0123456789abcdefghijklmnopqrstuvwxyz-") {
    bytes[letter.charCodeAt(0)] = letter.charCodeAt(0)
    bytes[letter.toUpperCase().charCodeAt(0)] = letter.charCodeAt(0)
  }
  return bytes
}
