import type { HeaderList } from '../base/headers.js'

/** Who showed a certificate that was found to be good. */
export interface ClientCertificate {
  /** Empty: the certificate names nobody. */
  readonly consumer: string
  /** What the upstream is told of it, where that is asked for. */
  readonly headers: HeaderList | undefined
}

/** The names of the headers, and spellings that some servers take for the same. */
const NAMES = /^x[-_]client[-_]cert[-_]/

/**
 * Tells the upstream of the client's certificate. What clients say of certificates themselves is dropped, whichever
 * listener they come by; a trusted proxy that ends TLS in front of us may say it.
 */
export function setCertificateHeaders(headers: HeaderList, own: HeaderList | undefined, trusted: boolean): void {
  if (!trusted || own !== undefined) dropCertificateHeaders(headers)
  if (own !== undefined) headers.push(...own)
}

function dropCertificateHeaders(list: HeaderList): void {
  let kept = 0
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = list[i] ?? ''
    if (NAMES.test(name)) continue
    list[kept++] = name
    list[kept++] = list[i + 1] ?? ''
  }
  list.length = kept
}
