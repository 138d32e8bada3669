import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import type { CertificateFiles, TlsFiles } from '../../config/tls-files.js'
import { CIPHERS } from '../ciphers.js'

const CIPHERS_13 = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256'

/** The certificates of one listener, by the names clients ask for. */
export interface Contexts {
  /** For clients that ask for no name, or one that is not known. */
  readonly fallback: SecureContextOptions
  /** Whether the name makes a difference. */
  readonly several: boolean
  /** @param name - in lower case. The same certificates are the same object. */
  find(name: string): SecureContextOptions
}

/**
 * Node's own SNI only adds a certificate to the first one, and the client takes whichever kind it likes better: so each
 * set of certificates is a context whole, chosen before TLS begins.
 */
export function contexts(files: TlsFiles): Contexts {
  const exact = new Map<string, SecureContextOptions>()
  const wildcard = new Map<string, SecureContextOptions>()
  const known = new Map<string, SecureContextOptions>()
  const contextOf = (certificates: readonly CertificateFiles[]): SecureContextOptions => {
    const key = certificates.map(each => files.certificates.indexOf(each)).join()
    const context = known.get(key) ?? contextOptions(files, certificates)
    known.set(key, context)
    return context
  }
  const [first] = files.certificates
  const fallback = contextOf(first === undefined ? [] : withTwins(first, files.certificates))
  for (const { hosts } of files.certificates) {
    for (const host of hosts) {
      const [map, key] = host.startsWith('*.') ? [wildcard, host.slice(2)] : [exact, host]
      if (!map.has(key))
        map.set(key, contextOf(distinct(files.certificates.filter(other => other.hosts.includes(host)))))
    }
  }
  return {
    fallback,
    several: known.size > 1,
    find: name => exact.get(name) ?? wildcard.get(name.slice(name.indexOf('.') + 1)) ?? fallback
  }
}

/** The first certificate of each kind: one name may have an RSA and an ECDSA certificate, and clients take what they can. */
function distinct(certificates: readonly CertificateFiles[]): CertificateFiles[] {
  return certificates.filter((each, i) => certificates.findIndex(other => other.kind === each.kind) === i)
}

function withTwins(first: CertificateFiles, all: readonly CertificateFiles[]): CertificateFiles[] {
  return distinct([first, ...all.filter(other => other.hosts.some(host => first.hosts.includes(host)))])
}

function contextOptions(files: TlsFiles, certificates: readonly CertificateFiles[]): SecureContextOptions {
  const { clientAuth } = files
  return {
    cert: certificates.map(({ cert }) => cert),
    key: certificates.map(({ key }) => key),
    minVersion: files.minVersion === 1.3 ? 'TLSv1.3' : 'TLSv1.2',
    ciphers: `${CIPHERS_13}:${CIPHERS}`,
    honorCipherOrder: false, // each of them is good, and the client knows which its processor is fast at
    // A resumed session is not checked again: with client certificates, each connection shows its own anew.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (clientAuth === undefined ? 0 : constants.SSL_OP_NO_TICKET),
    ...(clientAuth !== undefined && {
      ca: clientAuth.ca,
      ...(clientAuth.crl !== undefined && { crl: clientAuth.crl })
    })
  }
}
