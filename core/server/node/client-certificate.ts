import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { ClientAuthFiles } from '../../config/tls-files.js'
import type { ClientCertificate } from '../../gateway/client-certificate.js'

/** What the certificate a client showed comes to: an identity, none (`undefined`), or a reason to refuse it. */
export type Judged = { readonly client: ClientCertificate | undefined } | { readonly refused: string }

/** OpenSSL has checked chain, age and revocation; this says what follows from it. */
export function judgeClient(socket: TLSSocket, auth: ClientAuthFiles): Judged {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) {
    return auth.required ? { refused: 'the client showed no certificate' } : { client: undefined }
  }
  if (!socket.authorized) {
    return { refused: `the client's certificate (${oneLine(certificate.subject)}) is refused: ${reason(socket)}` }
  }
  const fingerprint = certificate.fingerprint256.replaceAll(':', '')
  const consumer = consumerOf(certificate, fingerprint, auth.consumer)
  if (consumer === undefined) {
    return { refused: `the client's certificate (${oneLine(certificate.subject)}) is none of those listed` }
  }
  return { client: { consumer, headers: auth.headers ? certificateHeaders(certificate, fingerprint) : undefined } }
}

/** Node's types call it an Error; it is the name OpenSSL has for what is wrong. */
function reason(socket: TLSSocket): string {
  const error: unknown = socket.authorizationError
  return error instanceof Error ? error.message : String(error)
}

function consumerOf(
  certificate: X509Certificate,
  fingerprint: string,
  from: ClientAuthFiles['consumer']
): string | undefined {
  if (typeof from !== 'string') return Object.hasOwn(from, fingerprint) ? from[fingerprint] : undefined
  switch (from) {
    case 'none':
      return ''
    case 'cn':
      return commonName(certificate.subject) ?? ''
    case 'dns':
      return alternative(certificate, 'DNS:')
    case 'uri':
      return alternative(certificate, 'URI:')
    case 'email':
      return alternative(certificate, 'email:')
  }
}

/**
 * The last one, which is the most specific. A subject has a line for each of its parts; in them OpenSSL writes "\," for a
 * comma and the like, and control characters in hex, which stay so.
 */
function commonName(subject: string): string | undefined {
  const names = subject.split('\n').flatMap(part => (part.startsWith('CN=') ? [part.slice(3)] : []))
  return names.at(-1)?.replace(/\\([^0-9A-Fa-f])/g, '$1')
}

/** The first name of a kind in subjectAltName. A name that holds a comma is quoted there, and is taken for none. */
function alternative({ subjectAltName = '' }: X509Certificate, prefix: string): string {
  if (subjectAltName.includes('"')) return ''
  const found = subjectAltName.split(', ').find(part => part.startsWith(prefix))
  return found?.slice(prefix.length) ?? ''
}

function certificateHeaders(certificate: X509Certificate, fingerprint: string): string[] {
  return [
    'x-client-cert-subject',
    plain(oneLine(certificate.subject)),
    'x-client-cert-issuer',
    plain(oneLine(certificate.issuer)),
    'x-client-cert-san',
    plain(certificate.subjectAltName ?? ''),
    'x-client-cert-serial',
    certificate.serialNumber,
    'x-client-cert-fingerprint',
    fingerprint.toLowerCase(),
    'x-client-cert-not-after',
    new Date(certificate.validTo).toISOString()
  ]
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ')
}

/** An authority may sign any bytes; a header value takes no control characters (RFC 9110 §5.5). */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  return text.replace(/[\x00-\x1f\x7f]/g, '?')
}
