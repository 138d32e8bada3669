import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import type { Test } from 'tap'

/** A client that may get tokens, and look them up. */
export const CLIENT = { id: 'orders', secret: 'a secret of the tests: 100% & more' }
const AUDIENCE = 'https://api.example'

export interface Issuer {
  readonly origin: string
  /** Path of every request it got. */
  readonly paths: string[]
  count(path: string): number
  /** How many it gets from now on that it does not answer. */
  silent: boolean
  /** Refuses everything with this status; 0: it does not. */
  failing: number
  /** A token by client credentials. @param scope - with blanks in between */
  token(scope?: string): Promise<string>
  revoke(token: string): Promise<void>
  /** Signs with this key from now on, and publishes it and no other. */
  rotate(jwk: object): void
  close(): Promise<void>
}

/** An OpenID provider, over HTTP, until the test ends. `kind`: what its access tokens are. */
export async function startIssuer(t: Test, kind: 'jwt' | 'opaque', jwk?: object): Promise<Issuer> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://issuer').pathname
    issuer.paths.push(path)
    if (issuer.silent) return
    if (issuer.failing > 0) response.writeHead(issuer.failing).end()
    else answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let answer = provider(origin, kind, jwk)
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  t.teardown(close)
  const post = async (path: string, form: Record<string, string>): Promise<Response> => {
    const credentials = `${encodeURIComponent(CLIENT.id)}:${encodeURIComponent(CLIENT.secret)}`
    const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
    return fetch(origin + path, { method: 'POST', headers: { authorization }, body: new URLSearchParams(form) })
  }
  const issuer: Issuer = {
    origin,
    paths: [],
    count: path => issuer.paths.filter(each => each === path).length,
    silent: false,
    failing: 0,
    token: async (scope = 'orders.read') => {
      const reply = await post('/token', { grant_type: 'client_credentials', scope })
      const text = await reply.text()
      const { access_token: token }: { access_token?: string } = JSON.parse(text)
      if (token === undefined) throw new Error(`the issuer gave no token: ${text}`)
      return token
    },
    revoke: async token => {
      await post('/token/revocation', { token })
    },
    rotate: key => {
      answer = provider(origin, kind, key)
    },
    close
  }
  return issuer
}

function provider(origin: string, kind: 'jwt' | 'opaque', jwk: object | undefined): RequestListener {
  const made = new Provider(origin, {
    ...(jwk !== undefined && { jwks: { keys: [jwk] } }),
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        ...(jwk !== undefined && { id_token_signed_response_alg: 'ES256' })
      }
    ],
    scopes: ['orders.read', 'orders.write'],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: kind === 'jwt',
        defaultResource: () => AUDIENCE,
        getResourceServerInfo: () => ({
          scope: 'orders.read orders.write',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } }
        })
      }
    },
    cookies: { keys: ['of the tests'] }
  })
  return made.callback()
}
