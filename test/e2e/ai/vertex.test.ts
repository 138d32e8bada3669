import { createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto'
import t, { type Test } from 'tap'
import { mockProvider } from '../../support/mock.js'
import { startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const MAIL = 'sluice@project-1.iam.gserviceaccount.com'

/** Vertex with a service account, whose tokens come from a server of this machine. */
async function vertex(t: Test, status = 200) {
  const tokens = await recordingUpstream(t, (_, response) => {
    const answer = status === 200 ? { access_token: 'ya29.of-google', expires_in: 3599 } : { error: 'invalid_grant' }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  const token_uri = `http://127.0.0.1:${tokens.port}/token`
  const mock = await mockProvider(t)
  const key = JSON.stringify({
    type: 'service_account',
    client_email: MAIL,
    private_key: PEM,
    private_key_id: 'k1',
    token_uri
  })
  const sluice = await startSluice(t, {
    upstreams: {},
    routes: [{ name: 'ai', match: { path: '/*' }, ai: {} }],
    ai: {
      providers: {
        vertex: {
          provider: 'vertex',
          baseUrl: mock.url,
          region: 'europe-west4',
          options: { project: 'project-1' },
          keys: [key],
          retries: { attempts: 0 }
        }
      }
    }
  })
  const ask = async (model: string) => {
    const reply = await fetch(`http://127.0.0.1:${sluice.port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: `vertex/${model}`, messages: [{ role: 'user', content: 'Hello there' }] })
    })
    return { status: reply.status, text: await reply.text() }
  }
  return { mock, tokens, token_uri, ask }
}

t.test('a service account signs for a token, once for requests that come together, and calls with it', async t => {
  const { mock, tokens, token_uri, ask } = await vertex(t)
  for (const { status, text } of await Promise.all(['gemini-2.5-flash', 'gemini-2.5-pro'].map(ask))) {
    t.equal(status, 200, text)
    t.match(text, 'You said: Hello there')
  }
  t.equal((await ask('gemini-2.5-flash')).status, 200)
  t.equal(tokens.seen.length, 1)
  const form = new URLSearchParams(tokens.seen[0]?.body.toString())
  t.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer')
  const [head = '', claims = '', signature = ''] = form.get('assertion')?.split('.') ?? []
  const verify = createVerify('RSA-SHA256').update(`${head}.${claims}`)
  t.ok(verify.verify(createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })), signature, 'base64url'))
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  t.strictSame(read(head), { alg: 'RS256', typ: 'JWT', kid: 'k1' })
  const said = read(claims)
  t.match(said, { iss: MAIL, aud: token_uri, scope: 'https://www.googleapis.com/auth/cloud-platform' })
  t.equal(said.exp - said.iat, 3600)
  for (const sent of mock.requests()) {
    const shown = Object.fromEntries(sent.headers.map(([name, value]) => [name.toLowerCase(), value]))
    t.equal(shown.authorization, 'Bearer ya29.of-google')
    t.equal(shown['x-goog-api-key'], undefined)
    t.match(
      sent.target,
      /^\/v1\/projects\/project-1\/locations\/europe-west4\/publishers\/google\/models\/gemini-2\.5-(?:pro|flash):generateContent$/
    )
  }
})

t.test('where Google gives no token the provider is not asked, and the client is not told why', async t => {
  const { mock, tokens, ask } = await vertex(t, 400)
  const { status, text } = await ask('gemini-2.5-flash')
  t.ok(status >= 500, `${status}`)
  t.notMatch(text, /invalid_grant|PRIVATE KEY|gserviceaccount/)
  t.equal(mock.requests().length, 0)
  t.equal(tokens.seen.length, 1)
})
