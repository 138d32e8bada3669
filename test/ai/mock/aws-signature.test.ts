import { Buffer } from 'node:buffer'
import t from 'tap'
import { wrongSignature } from '../../../core/cli/mock/aws-signature.js'
import { mockProvider } from '../../support/mock.js'
import { chat } from './post.js'

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const NOW = Date.parse('2026-01-01T00:00:00Z')
const CREDENTIAL = 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/bedrock/aws4_request'
const SIGNATURE = '7610b5b99f94f6efa1ef62af4f9bfa900fbf04f371e0443d3f5fc8bb3409642d'

/** A request as botocore signs it with these keys at this moment. */
const SIGNED = {
  method: 'POST',
  url: '/model/anthropic.claude%3A0/converse?b=2&a=1',
  headers: {
    host: 'bedrock.example',
    'content-type': 'application/json',
    'x-amz-date': '20260101T000000Z',
    authorization: `${CREDENTIAL}, SignedHeaders=content-type;host;x-amz-date, Signature=${SIGNATURE}`
  }
}

function wrong(
  { headers = {}, ...other }: { url?: string; headers?: Record<string, string | undefined> },
  { body = '{"messages":[]}', secret = SECRET as string | undefined, now = NOW } = {}
) {
  const request = { ...SIGNED, ...other, headers: { ...SIGNED.headers, ...headers } }
  return wrongSignature(request, Buffer.from(body), secret, now)
}

t.test('a signature of another implementation is good, also some minutes later', async t => {
  t.equal(wrong({}), undefined)
  t.equal(wrong({}, { now: NOW + 299_000 }), undefined)
  t.equal(wrong({ headers: { 'x-not-signed': '1' } }), undefined)
})

t.test('whatever was signed may not be changed', async t => {
  const code = 'InvalidSignatureException'
  t.match(wrong({}, { body: '{}' }), { status: 403, kind: 'authentication', code })
  t.match(wrong({}, { secret: 'other' }), { code })
  t.match(wrong({ url: '/model/anthropic.claude%3A1/converse?b=2&a=1' }), { code })
  t.match(wrong({ url: '/model/anthropic.claude%3A0/converse?b=2&a=2' }), { code })
  t.match(wrong({ headers: { 'content-type': 'text/plain' } }), { code })
})

t.test('a form that is none, a scope of another service, and age are said', async t => {
  const authorization = (text: string) => wrong({ headers: { authorization: text } })
  t.match(authorization('AWS4-HMAC-SHA256 Credential=AKID'), { code: 'IncompleteSignatureException' })
  t.match(wrong({ headers: { 'x-amz-date': undefined } }), { message: /X-Amz-Date/ })
  const { authorization: signed } = SIGNED.headers
  t.match(authorization(signed.replace('/bedrock/', '/s3/')), { message: /correct service/ })
  t.match(authorization(signed.replace('host;', '')), { message: /'host' must be a 'SignedHeader'/ })
  t.match(wrong({ headers: { 'x-amz-security-token': 'a' } }), { message: /'x-amz-security-token' must be/ })
  t.match(wrong({ headers: { 'x-amz-date': '20251231T000000Z' } }), { message: /Date in Credential scope/ })
  t.match(wrong({}, { now: NOW + 301_000 }), { message: /Signature expired/ })
})

t.test('a mock that takes any key takes any signature that is one; else it has to know who signed', async t => {
  const headers = { 'x-amz-date': SIGNED.headers['x-amz-date'], authorization: SIGNED.headers.authorization }
  const asked = async (keys?: string[]) => chat(await mockProvider(t, { keys }), 'bedrock', 'm', false, headers)
  t.match(await asked(), { status: 403, text: /Signature expired/ })
  t.match(await asked(['AKIDEXAMPLE:secret']), { status: 403, text: /Signature expired/ })
  const unknown = await asked(['secret'])
  t.match(unknown, { status: 403, text: /security token included in the request is invalid/ })
  t.equal(unknown.headers.get('x-amzn-errortype'), 'UnrecognizedClientException')
  const today = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '')
  const authorization = headers.authorization.replace('20260101', today.slice(0, 8))
  const fresh = await chat(await mockProvider(t), 'bedrock', 'm', false, { authorization, 'x-amz-date': today })
  t.equal(fresh.status, 200, 'what nobody can check is taken')
})
