import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readText } from './read-text.js'
import type { Pem } from './resolve-listen.js'
import { type RevocationList, readRevocationList } from './revocations.js'

const MAX_BYTES = 1 << 20

/** What a PEM file holds, or why it cannot be used: the end of a sentence that begins with its key. */
export type Read<T> = { readonly text: string; readonly value: T } | { readonly failure: string }

/** The certificates of a PEM file, in its order. */
export function readCertificates(pem: Pem): Read<readonly X509Certificate[]> {
  const read = readPem(pem)
  if ('failure' in read) return read
  const blocks = read.text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) {
    return { failure: `${named(pem)}holds no certificate in PEM form; expected -----BEGIN CERTIFICATE-----` }
  }
  try {
    return { text: read.text, value: blocks.map(block => new X509Certificate(block)) }
  } catch {
    return { failure: `${named(pem)}holds a certificate that cannot be read` }
  }
}

/** A private key. What is wrong with it is said without a word of it. */
export function readKey(pem: Pem): Read<KeyObject> {
  const read = readPem(pem)
  if ('failure' in read) return read
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(read.text)) {
    return { failure: `${named(pem)}holds no private key in PEM form; expected -----BEGIN PRIVATE KEY-----` }
  }
  if (read.text.includes('ENCRYPTED'))
    return { failure: `${named(pem)}is encrypted; expected a key without passphrase` }
  try {
    return { text: read.text, value: createPrivateKey(read.text) }
  } catch {
    return { failure: `${named(pem)}holds a private key that cannot be read` }
  }
}

/** The revocation lists of a PEM file. */
export function readRevocations(pem: Pem): Read<readonly RevocationList[]> {
  const read = readPem(pem)
  if ('failure' in read) return read
  const blocks = revocationBlocks(read.text)
  if (blocks.length === 0) {
    return { failure: `${named(pem)}holds no revocation list in PEM form; expected -----BEGIN X509 CRL-----` }
  }
  try {
    return { text: read.text, value: blocks.map(readRevocationList) }
  } catch {
    return { failure: `${named(pem)}holds a revocation list that cannot be read` }
  }
}

/** The lists in a text, one by one: of several in one text Node reads the first. */
export function revocationBlocks(text: string): string[] {
  return text.match(/-----BEGIN X509 CRL-----[\s\S]*?-----END X509 CRL-----/g) ?? []
}

function readPem(pem: Pem): { readonly text: string } | { readonly failure: string } {
  if ('text' in pem) return pem
  const read = readText(pem.file, { bytes: MAX_BYTES, regular: true })
  return 'failure' in read ? { failure: `${named(pem)}cannot be read: ${read.failure}` } : read
}

/** Interpolated text may be a secret: it has no name. */
function named(pem: Pem): string {
  return 'file' in pem ? `${pem.file} ` : ''
}
