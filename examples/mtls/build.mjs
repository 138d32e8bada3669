// Makes an authority and certificates for the example, with the `openssl` command: node build.mjs
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const cwd = fileURLToPath(new URL('build/', import.meta.url))
const openssl = (...args) => execFileSync('openssl', args, { cwd, stdio: 'pipe' })
const key = name => ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`]

if (existsSync(cwd)) rmSync(cwd, { recursive: true })
mkdirSync(cwd)
writeFileSync(
  `${cwd}openssl.cnf`,
  `[req]
distinguished_name = dn
[dn]
[ca]
default_ca = example
[example]
database = issued.db
new_certs_dir = .
rand_serial = yes
default_md = sha256
default_days = 30
default_crl_days = 30
policy = any
x509_extensions = leaf
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = keyCertSign,cRLSign
[leaf]
basicConstraints = CA:FALSE
subjectAltName = DNS:localhost,IP:127.0.0.1
`
)
writeFileSync(`${cwd}issued.db`, '')
const config = ['-config', 'openssl.cnf']
const ca = ['ca', ...config, '-batch', '-cert', 'ca.pem', '-keyfile', 'ca.key']
const subject = ['-subj', '/CN=Example CA']
openssl(
  'req',
  '-x509',
  ...config,
  ...key('ca'),
  ...subject,
  '-days',
  '30',
  '-extensions',
  'authority',
  '-out',
  'ca.pem'
)
for (const name of ['gateway', 'orders', 'shop', 'billing', 'stolen']) {
  openssl('req', '-new', ...config, ...key(name), '-subj', `/CN=${name}`, '-out', `${name}.csr`)
  openssl(...ca, '-notext', '-in', `${name}.csr`, '-out', `${name}.pem`)
}
openssl(...ca, '-revoke', 'stolen.pem')
openssl(...ca, '-gencrl', '-out', 'revoked.pem')
