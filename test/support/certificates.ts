import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A certificate and its key, as files and as text. */
export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
  /** SHA-256 of the certificate, hex in capitals with colons. */
  readonly fingerprint: string
  /** SHA-256 of the public key, Base64. */
  readonly pin: string
}

export interface Authority extends Certificate {
  issue(options?: IssueOptions): Certificate
  /** Makes an authority that this one vouches for. */
  intermediate(): Authority
  /** The revocation list, once these are on it. */
  revoke(...certificates: Certificate[]): RevocationFile
  /** The list as it was an hour ago, if it has what it has now: still in date. */
  olderList(): RevocationFile
  /** As it is, but no longer in date. */
  expiredList(): RevocationFile
}

export interface RevocationFile {
  readonly crlFile: string
  readonly crl: string
}

export interface IssueOptions {
  /** OpenSSL's way of writing one: /O=Example/CN=a. */
  readonly subject?: string
  /** As in OpenSSL's configuration: DNS:a.test,IP:127.0.0.1. */
  readonly names?: string
  /** It was valid once. */
  readonly expired?: boolean
  readonly rsa?: boolean
}

/** A certificate authority of its own for a test, made with the `openssl` command. */
export function authority(t: Test): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-ca-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const name = 'ca'
  writeConfig(folder)
  openssl(folder, 'req', '-x509', ...newKey(name), '-subj', '/CN=Test CA', '-days', '2', '-extensions', 'authority')
  return open(folder, name)
}

let count = 0

function open(folder: string, name: string): Authority {
  writeFileSync(join(folder, name === 'ca' ? 'ca.db' : 'between.db'), '')
  const ca = (...args: string[]): void => {
    const files = ['-cert', `${name}.pem`, '-keyfile', `${name}.key`]
    openssl(folder, 'ca', '-batch', '-name', name === 'ca' ? 'root' : 'between', ...files, ...args)
  }
  const sign = (options: IssueOptions, extensions: string): string => {
    const issued = `issued-${++count}`
    const { subject = '/CN=leaf', names = 'DNS:localhost,IP:127.0.0.1', expired = false, rsa } = options
    openssl(folder, 'req', '-new', ...newKey(issued, rsa).map(arg => arg.replace('.pem', '.csr')), '-subj', subject)
    const ages = expired ? ['-startdate', '200101000000Z', '-enddate', '200201000000Z'] : ['-days', '2']
    writeFileSync(join(folder, `${issued}.ext`), `[x]\n${extensions}${names === '' ? '' : `subjectAltName=${names}\n`}`)
    const extfile = ['-extfile', `${issued}.ext`, '-extensions', 'x']
    ca('-notext', '-in', `${issued}.csr`, '-out', `${issued}.pem`, ...ages, ...extfile)
    return issued
  }
  const list = (...times: string[]): RevocationFile => {
    const crlFile = join(folder, `list-${++count}.pem`)
    ca('-gencrl', '-crldays', '2', ...times, '-out', crlFile)
    return { crlFile, crl: readFileSync(crlFile, 'utf8') }
  }
  return {
    ...read(folder, name),
    issue: (options = {}) => read(folder, sign(options, 'basicConstraints=CA:FALSE\n')),
    intermediate: () => {
      const extensions = 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n'
      return open(folder, sign({ subject: '/CN=Test CA between', names: '' }, extensions))
    },
    revoke: (...certificates) => {
      for (const { certFile } of certificates) ca('-revoke', certFile)
      return list()
    },
    olderList: () => list('-crl_lastupdate', hoursAgo(1)),
    expiredList: () => list('-crl_lastupdate', hoursAgo(2), '-crl_nextupdate', hoursAgo(1))
  }
}

/** As OpenSSL's options take it. */
function hoursAgo(hours: number): string {
  return new Date(Date.now() - hours * 3_600_000).toISOString().replace(/[-:T]|\.\d+/g, '')
}

function read(folder: string, name: string): Certificate {
  const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
  const cert = readFileSync(certFile, 'utf8')
  const parsed = new X509Certificate(cert)
  const spki = parsed.publicKey.export({ type: 'spki', format: 'der' })
  const pin = createHash('sha256').update(spki).digest('base64')
  return { certFile, keyFile, cert, key: readFileSync(keyFile, 'utf8'), fingerprint: parsed.fingerprint256, pin }
}

function newKey(name: string, rsa = false): string[] {
  const kind = rsa ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  return ['-config', 'openssl.cnf', '-newkey', ...kind, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`]
}

function openssl(cwd: string, command: string, ...args: string[]): void {
  const config = args.includes('-config') ? [] : ['-config', 'openssl.cnf']
  execFileSync('openssl', [command, ...config, ...args], { cwd, stdio: 'pipe' })
}

function writeConfig(folder: string): void {
  const ca = (database: string): string => `
database = ${database}
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
rand_serial = yes
`
  writeFileSync(
    join(folder, 'openssl.cnf'),
    `[req]
distinguished_name = dn
[dn]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = keyCertSign,cRLSign
[any]
commonName = optional
organizationName = optional
[root]${ca('ca.db')}
[between]${ca('between.db')}
`
  )
}
