import type { Buffer } from 'node:buffer'
import { type BinaryLike, createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Failure } from './failure.js'

/** What is signed of a request, but for its body. */
type Head = Pick<IncomingMessage, 'method' | 'url' | 'headers'>

const ALGORITHM = 'AWS4-HMAC-SHA256'
const FORM =
  /^AWS4-HMAC-SHA256 Credential=([\w-]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/

/** Whether a request is signed the way of AWS, well or not. */
export function isSigned({ headers }: Head): boolean {
  return headers.authorization?.startsWith(ALGORITHM) === true
}

/** Who signed; undefined: nobody, or in no form. */
export function signer({ headers }: Head): string | undefined {
  return FORM.exec(headers.authorization ?? '')?.[1]
}

/**
 * What is wrong with a signature, version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html): its form, its age, and
 * where the secret is known, itself.
 * @param secret - undefined: it is taken as it is
 */
export function wrongSignature(
  request: Head,
  body: Buffer,
  secret: string | undefined,
  now: number
): Failure | undefined {
  const { headers } = request
  const parts = FORM.exec(headers.authorization ?? '')
  const date = headers['x-amz-date']
  if (parts === null) return incomplete('Authorization header is not of the form Credential, SignedHeaders, Signature.')
  if (typeof date !== 'string') return incomplete("Authorization header requires existence of a 'X-Amz-Date' header.")
  const [, , day = '', region = '', service = '', names = '', signature] = parts
  const signed = names.split(';')
  for (const needed of ['host', 'x-amz-date', ...(headers['x-amz-security-token'] ? ['x-amz-security-token'] : [])]) {
    if (!signed.includes(needed)) return wrong(`'${needed}' must be a 'SignedHeader' in the AWS Authorization.`)
  }
  if (service !== 'bedrock') return wrong("Credential should be scoped to correct service: 'bedrock'.")
  if (!date.startsWith(day))
    return wrong('Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date.')
  if (!(Math.abs(timeOf(date) - now) <= OLDEST_MS)) return wrong(`Signature expired: ${date} is not within 5 minutes.`)
  if (secret === undefined) return undefined
  const canonical = canonicalRequest(request, body, signed)
  const toSign = [ALGORITHM, date, `${day}/${region}/${service}/aws4_request`, sha256(canonical)].join('\n')
  let key = hmac(`AWS4${secret}`, day)
  for (const each of [region, service, 'aws4_request', toSign]) key = hmac(key, each)
  if (key.toString('hex') === signature) return undefined
  return wrong('The request signature we calculated does not match the signature you provided.')
}

const OLDEST_MS = 5 * 60_000

/** "20260101T000000Z" */
function timeOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

/** The path is encoded once more than it is sent, the query is sorted, values of headers are trimmed. */
function canonicalRequest({ method, url = '/', headers }: Head, body: Buffer, signed: string[]): string {
  const [path = '', query = ''] = url.split('?')
  const pairs = query === '' ? [] : query.split('&').map(pair => (pair.includes('=') ? pair : `${pair}=`))
  const lines = signed.map(
    name =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}`
  )
  return [
    method,
    encodeURIComponent(path)
      .replaceAll('%2F', '/')
      .replace(/[!'()*]/g, escaped),
    pairs.sort().join('&'),
    ...lines,
    '',
    signed.join(';'),
    sha256(body)
  ].join('\n')
}

function escaped(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`
}

function sha256(data: BinaryLike): string {
  return createHash('sha256').update(data).digest('hex')
}

function hmac(key: BinaryLike, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

function incomplete(message: string): Failure {
  return { status: 403, kind: 'authentication', code: 'IncompleteSignatureException', message }
}

function wrong(message: string): Failure {
  return { status: 403, kind: 'authentication', code: 'InvalidSignatureException', message }
}
