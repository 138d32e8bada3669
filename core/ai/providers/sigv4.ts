import type { Buffer } from 'node:buffer'
import { type BinaryLike, createHash, createHmac } from 'node:crypto'
import type { HeaderList } from '../../base/headers.js'
import { percentDecoded } from '../../base/percent.js'

/** An AWS key pair, with the token of temporary ones. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** A request to sign. */
export interface Signed {
  readonly method: string
  readonly url: URL
  /** Of these, all are signed: names in lower case, `host` among them or added. */
  readonly headers: HeaderList
  readonly body: Buffer | string
}

/**
 * AWS Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html): signs the method, the path, the query, the
 * headers and the body.
 * @param now - milliseconds since 1970; AWS takes signatures that are at most five minutes old
 * @returns the headers to add: `authorization`, `x-amz-date`, and `x-amz-security-token` with temporary keys
 */
export function signV4(request: Signed, keys: AwsKeys, region: string, service: string, now: number): HeaderList {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = stamp.slice(0, 8)
  const added: HeaderList = ['x-amz-date', stamp]
  if (keys.sessionToken !== undefined && keys.sessionToken !== '') added.push('x-amz-security-token', keys.sessionToken)
  const { lines, names } = canonicalHeaders(['host', request.url.host, ...withoutHost(request.headers), ...added])
  const canonical = [
    request.method,
    canonicalPath(request.url.pathname),
    canonicalQuery(request.url.search),
    ...lines,
    '',
    names,
    sha256(request.body)
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${sha256(canonical)}`
  const key = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${keys.secretAccessKey}`, day))
  const signature = hmac(key, toSign).toString('hex')
  const credential = `Credential=${keys.accessKeyId}/${scope}`
  return [...added, 'authorization', `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`]
}

/** What RFC 3986 lets stand, and nothing else. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function withoutHost(headers: HeaderList): HeaderList {
  const kept: HeaderList = []
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] !== 'host') kept.push(headers[i] ?? '', headers[i + 1] ?? '')
  }
  return kept
}

function canonicalHeaders(list: HeaderList): { lines: string[]; names: string } {
  const values = new Map<string, string[]>()
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] ?? ''
    values.set(name, [...(values.get(name) ?? []), (list[i + 1] ?? '').trim().replace(/ +/g, ' ')])
  }
  const names = [...values.keys()].sort()
  return { lines: names.map(name => `${name}:${(values.get(name) ?? []).join(',')}`), names: names.join(';') }
}

/** The path as it is sent, its segments encoded once more: every service but S3 wants it so. */
function canonicalPath(path: string): string {
  return path.split('/').map(uriEncode).join('/')
}

function canonicalQuery(search: string): string {
  if (search.length < 2) return ''
  const pairs = search
    .slice(1)
    .split('&')
    .map(pair => {
      const equals = pair.indexOf('=')
      const name = equals === -1 ? pair : pair.slice(0, equals)
      const value = equals === -1 ? '' : pair.slice(equals + 1)
      return [uriEncode(percentDecoded(name)), uriEncode(percentDecoded(value))] as const
    })
  pairs.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

function sha256(data: BinaryLike): string {
  return createHash('sha256').update(data).digest('hex')
}

function hmac(key: BinaryLike, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}
