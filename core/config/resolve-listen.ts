import { resolve as resolvePath } from 'node:path'
import { milliseconds } from '../base/units.js'
import { type Network, parseNetwork } from './networks.js'
import type { Path } from './problems.js'
import type { Listen, ListenEntry } from './schema-listen.js'
import type { UpstreamTls } from './schema-upstream-tls.js'

/** A PEM file, or its text. */
export type Pem = { readonly file: string } | { readonly text: string }

export type TlsVersion = 1.2 | 1.3

/** A place to listen at. */
export interface ListenConfig {
  /** Where the configuration says so. */
  readonly at: Path
  readonly host: string
  readonly port: number
  readonly tls: ListenTls | undefined
  readonly http2: boolean
  /** undefined: connections begin with what the client says. */
  readonly proxyProtocol: { readonly trusted: readonly Network[]; readonly timeoutMs: number } | undefined
}

export interface ListenTls {
  readonly certificates: readonly CertificateConfig[]
  readonly minVersion: TlsVersion
  readonly clientAuth: ClientAuthConfig | undefined
}

export interface CertificateConfig {
  readonly cert: Pem
  readonly key: Pem
  /** undefined: the DNS names in the certificate. */
  readonly hosts: readonly string[] | undefined
}

export type CertificateName = 'cn' | 'dns' | 'uri' | 'email' | 'none'

export interface ClientAuthConfig {
  readonly ca: Pem
  readonly crl: Pem | undefined
  readonly required: boolean
  /** A part of the certificate, or consumers by fingerprint: SHA-256, hex in capitals, without colons. */
  readonly consumer: CertificateName | Readonly<Record<string, string>>
  readonly headers: boolean
}

export interface UpstreamTlsConfig {
  readonly ca: Pem | undefined
  readonly cert: Pem | undefined
  readonly key: Pem | undefined
  readonly serverName: string | undefined
  readonly verify: boolean
  /** SHA-256 of public keys, Base64; empty: any. */
  readonly pins: readonly string[]
  readonly minVersion: TlsVersion
}

/** `trustedProxies` are whom `proxyProtocol: true` believes. `folder` is where relative paths start. */
export function resolveListen(listen: Listen, trustedProxies: readonly Network[], folder: string): ListenConfig[] {
  const list = Array.isArray(listen)
  return (list ? listen : [listen]).map(({ host, port, tls, http2, proxyProtocol }, index) => ({
    at: list ? ['listen', index] : ['listen'],
    host,
    port,
    tls: tls && resolveTls(tls, folder),
    http2,
    proxyProtocol: proxyProtocol && resolveProxyProtocol(proxyProtocol, trustedProxies)
  }))
}

/** Whether uWebSockets.js can do all that is asked: RATIONALE.md says what it cannot. */
export function servedByUws({ tls, http2, proxyProtocol }: ListenConfig): boolean {
  if (http2 || proxyProtocol !== undefined) return false
  if (tls === undefined) return true
  const [first, ...more] = tls.certificates
  if (first === undefined || more.length > 0 || tls.minVersion !== 1.2 || tls.clientAuth !== undefined) return false
  return 'file' in first.cert && 'file' in first.key
}

/** Whether listeners of Node's can share a port: from Node 22.12 and 23.1 on (SO_REUSEPORT). */
export const NODE_SHARES_PORTS = hasReusePort(process.versions.node)

export function hasReusePort(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)
}

/** Whether every event loop can listen there; else the first alone does. */
export function sharesPort(listen: ListenConfig): boolean {
  return NODE_SHARES_PORTS || servedByUws(listen)
}

export function resolveUpstreamTls(tls: UpstreamTls, folder: string): UpstreamTlsConfig {
  return {
    ca: pem(tls.ca, folder),
    cert: pem(tls.cert, folder),
    key: pem(tls.key, folder),
    serverName: tls.serverName,
    verify: tls.verify,
    pins: tls.pins.map(pin => pin.slice('sha256/'.length)),
    minVersion: tls.minVersion
  }
}

function resolveTls(tls: NonNullable<ListenEntry['tls']>, folder: string): ListenTls {
  return {
    certificates: tls.certificates.map(({ cert, key, hosts }) => ({
      cert: pem(cert, folder),
      key: pem(key, folder),
      hosts: hosts?.map(host => host.toLowerCase())
    })),
    minVersion: tls.minVersion,
    clientAuth: tls.clientAuth && {
      ca: pem(tls.clientAuth.ca, folder),
      crl: pem(tls.clientAuth.crl, folder),
      required: tls.clientAuth.mode === 'required',
      consumer: consumer(tls.clientAuth.consumer),
      headers: tls.clientAuth.headers
    }
  }
}

function consumer(asked: CertificateName | Readonly<Record<string, string>>): ClientAuthConfig['consumer'] {
  if (typeof asked === 'string') return asked
  return Object.fromEntries(
    Object.entries(asked).map(([fingerprint, name]) => [fingerprint.replaceAll(':', '').toUpperCase(), name])
  )
}

function resolveProxyProtocol(
  asked: NonNullable<ListenEntry['proxyProtocol']>,
  trustedProxies: readonly Network[]
): ListenConfig['proxyProtocol'] {
  if (asked === true) return { trusted: trustedProxies, timeoutMs: 5_000 }
  return { trusted: asked.trusted.flatMap(text => parseNetwork(text) ?? []), timeoutMs: milliseconds(asked.timeout) }
}

function pem(text: string, folder: string): Pem
function pem(text: string | undefined, folder: string): Pem | undefined
function pem(text: string | undefined, folder: string): Pem | undefined {
  if (text === undefined) return undefined
  return text.includes('-----BEGIN ') ? { text } : { file: resolvePath(folder, text) }
}

/** The files that listeners and upstreams take certificates and keys from. */
export function pemFiles({
  listen,
  upstreams
}: {
  readonly listen: readonly Pick<ListenConfig, 'tls'>[]
  readonly upstreams: readonly { readonly tls: UpstreamTlsConfig | undefined }[]
}): string[] {
  const pems = [
    ...listen.flatMap(({ tls }) => [
      ...(tls?.certificates ?? []).flatMap(({ cert, key }) => [cert, key]),
      tls?.clientAuth?.ca,
      tls?.clientAuth?.crl
    ]),
    ...upstreams.flatMap(({ tls }) => [tls?.ca, tls?.cert, tls?.key])
  ]
  return pems.flatMap(each => (each !== undefined && 'file' in each ? [each.file] : []))
}

/** The same for entries of which one can take over from the other without closing the port. */
export function placeOf(listen: ListenConfig): string {
  const { host, port, http2, proxyProtocol, tls } = listen
  return JSON.stringify([host, port, http2, proxyProtocol, tls !== undefined, servedByUws(listen)])
}
