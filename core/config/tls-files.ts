import type { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { type Read, readCertificates, readKey, readRevocations, revocationBlocks } from './pem.js'
import type { Path } from './problems.js'
import type { Config } from './resolve.js'
import type { CertificateConfig, ClientAuthConfig, ListenTls, TlsVersion, UpstreamTlsConfig } from './resolve-listen.js'
import { revocationGaps } from './revocations.js'

/** What was found about the files TLS needs, at its place in the configuration. */
export interface TlsFinding {
  readonly path: Path
  readonly message: string
  /** Whether it may be used all the same. */
  readonly warning: boolean
}

/** Takes what is found. */
type Report = (path: Path, failure: string, warning?: boolean) => undefined

/** The files of a listener, read. */
export interface TlsFiles {
  readonly certificates: readonly CertificateFiles[]
  readonly minVersion: TlsVersion
  readonly clientAuth: ClientAuthFiles | undefined
}

export interface CertificateFiles {
  readonly cert: string
  readonly key: string
  /** Names it is for, in lower case. */
  readonly hosts: readonly string[]
  /** rsa, ec, ed25519 … */
  readonly kind: string
}

export interface ClientAuthFiles extends Omit<ClientAuthConfig, 'ca' | 'crl'> {
  readonly ca: string
  /** One list each. */
  readonly crl: string[] | undefined
}

export interface UpstreamTlsFiles extends Omit<UpstreamTlsConfig, 'ca' | 'cert' | 'key'> {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** Everything about the TLS files of a configuration that keeps it from being served, or should worry its operator. */
export function tlsFindings(config: Config, now: number): TlsFinding[] {
  const findings: TlsFinding[] = []
  const report: Report = (path, message, warning = false) => void findings.push({ path, message, warning })
  for (const { at, tls } of config.listen) {
    if (tls !== undefined) listenFiles(tls, [...at, 'tls'], now, report)
  }
  for (const { name, tls } of config.upstreams) {
    if (tls !== undefined) upstreamFiles(tls, ['upstreams', name, 'tls'], now, report)
  }
  return findings
}

/** Reads the files of a listener. @throws Error that says what is wrong */
export function readListenTls(tls: ListenTls): TlsFiles {
  const files = listenFiles(tls, ['tls'], Date.now(), refuse)
  if (files === undefined) throw new Error('tls: cannot be read')
  return files
}

/** Reads the files of an upstream. @throws Error that says what is wrong */
export function readUpstreamTls(tls: UpstreamTlsConfig): UpstreamTlsFiles {
  return upstreamFiles(tls, ['tls'], Date.now(), refuse)
}

function refuse(path: Path, message: string, warning = false): undefined {
  if (!warning) throw new Error(`${path.join('.')}: ${message}`)
}

function listenFiles(tls: ListenTls, path: Path, now: number, report: Report): TlsFiles | undefined {
  const certificates = tls.certificates.map((each, i) =>
    certificateFiles(each, [...path, 'certificates', i], now, report)
  )
  const clientAuth = tls.clientAuth && clientAuthFiles(tls.clientAuth, [...path, 'clientAuth'], now, report)
  const whole = certificates.filter(each => each !== undefined)
  if (whole.length < certificates.length || (tls.clientAuth !== undefined && clientAuth === undefined)) return undefined
  return { certificates: whole, minVersion: tls.minVersion, clientAuth }
}

function certificateFiles(config: CertificateConfig, path: Path, now: number, report: Report) {
  const cert = taken(readCertificates(config.cert), [...path, 'cert'], report)
  const key = taken(readKey(config.key), [...path, 'key'], report)
  const leaf = cert?.value[0]
  if (cert === undefined || key === undefined || leaf === undefined) return undefined
  if (!leaf.checkPrivateKey(key.value)) return report([...path, 'key'], 'is not the key of the certificate beside it')
  const broken = brokenChain(cert.value)
  if (broken !== undefined) return report([...path, 'cert'], broken)
  reportAges(cert.value, [...path, 'cert'], now, report)
  const hosts = config.hosts ?? dnsNames(leaf)
  for (const host of config.hosts ?? []) {
    if (leaf.checkHost(host.replace(/^\*\./, 'any.')) !== undefined) continue
    report([...path, 'hosts'], `${host} is not a name the certificate is for; clients will refuse it`, true)
  }
  return { cert: cert.text, key: key.text, hosts, kind: key.value.asymmetricKeyType ?? '' }
}

function clientAuthFiles(config: ClientAuthConfig, path: Path, now: number, report: Report) {
  const ca = taken(readCertificates(config.ca), [...path, 'ca'], report)
  const crl = config.crl && taken(readRevocations(config.crl), [...path, 'crl'], report)
  if (ca === undefined || (config.crl !== undefined && crl === undefined)) return undefined
  const lists = crl && revocationBlocks(crl.text)
  reportAges(ca.value, [...path, 'ca'], now, report)
  try {
    createSecureContext({ ca: ca.text, ...(lists !== undefined && { crl: lists }) })
  } catch {
    return report([...path, crl === undefined ? 'ca' : 'crl'], 'holds what OpenSSL cannot read')
  }
  const gaps = crl === undefined ? [] : revocationGaps(ca.value, crl.value, now)
  for (const gap of gaps) report([...path, 'crl'], gap, true)
  return { ...config, ca: ca.text, crl: lists }
}

function upstreamFiles(config: UpstreamTlsConfig, path: Path, now: number, report: Report): UpstreamTlsFiles {
  const ca = config.ca && taken(readCertificates(config.ca), [...path, 'ca'], report)
  const pair = { cert: undefined as string | undefined, key: undefined as string | undefined }
  if (config.cert !== undefined && config.key !== undefined) {
    const read = certificateFiles({ cert: config.cert, key: config.key, hosts: undefined }, path, now, report)
    pair.cert = read?.cert
    pair.key = read?.key
  }
  if (ca !== undefined) reportAges(ca.value, [...path, 'ca'], now, report)
  return { ...config, ...pair, ca: ca?.text }
}

function taken<T>(read: Read<T>, path: Path, report: Report): { readonly text: string; readonly value: T } | undefined {
  return 'failure' in read ? report(path, read.failure) : read
}

/** Each certificate must have been issued by the next one (RFC 8446 §4.4.2). */
function brokenChain(chain: readonly X509Certificate[]): string | undefined {
  for (let i = 0; i + 1 < chain.length; i++) {
    const [each, next] = [chain[i], chain[i + 1]]
    if (each === undefined || next === undefined || (each.checkIssued(next) && each.verify(next.publicKey))) continue
    return `has its chain in disorder: certificate ${i + 2} did not issue certificate ${i + 1}; expected the server's own first, then who issued it`
  }
  return undefined
}

function reportAges(chain: readonly X509Certificate[], path: Path, now: number, report: Report): void {
  for (const { subject, validFrom, validTo } of chain) {
    const name = subject.replaceAll('\n', ', ')
    if (now > Date.parse(validTo)) report(path, `the certificate of ${name} expired on ${validTo}`, true)
    else if (now < Date.parse(validFrom))
      report(path, `the certificate of ${name} is not valid before ${validFrom}`, true)
  }
}

/** The DNS names in subjectAltName. Names with quotes or commas, which OpenSSL would quote, are no host names. */
function dnsNames({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName.split(', ').flatMap(part => (part.startsWith('DNS:') ? [part.slice(4).toLowerCase()] : []))
}
