import { createHash } from 'node:crypto'
import { SIZED_PATH, TAG_HEADER } from './replies.js'
import { TOKEN_KEYS } from './tokens.js'
import { API_KEY, ORIGIN } from './traffic.js'

/** A text the block list of /body/* refuses. */
export const BLOCKED_TEXT = 'they will steal the launch codes tonight'

const authKey = {
  plugin: 'auth-key',
  settings: {
    in: [{ header: 'x-api-key' }],
    keys: [{ sha256: createHash('sha256').update(API_KEY).digest('hex'), consumer: 'bench' }]
  }
}
const transformHeaders = {
  plugin: 'transform-headers',
  // The template gives TAG, the name of the route.
  settings: { request: { set: { [TAG_HEADER]: '{route}' }, remove: ['accept-language'] } }
}
const rateLimit = {
  plugin: 'rate-limit',
  // Never reached: a reply that refuses would be counted as wrong.
  settings: { limits: [{ requests: 100_000_000, per: '1s' }] }
}
const cors = { plugin: 'cors', settings: { origins: [ORIGIN] } }
const authJwt = {
  plugin: 'auth-jwt',
  settings: {
    keys: TOKEN_KEYS,
    algorithms: ['HS256', 'RS256'],
    issuers: ['https://issuer.example'],
    audiences: ['bench']
  }
}
const routingSplit = {
  plugin: 'routing-split',
  settings: {
    targets: [
      { upstream: 'a', weight: 50 },
      { upstream: 'b', weight: 50 }
    ]
  }
}
const moderationBlocklist = {
  plugin: 'moderation-blocklist',
  settings: { words: ['launch codes', 'forged passport', 'stolen cards', 'pipe bomb', 'counterfeit'] }
}

/** The routes of the Sluice under test: no policy, and what the cases measure. */
export const ROUTES = [
  { name: 'size', match: { path: `${SIZED_PATH}*` }, upstream: 'a' },
  { name: 'cached', match: { path: '/cached/*' }, upstream: 'a', stripPrefix: '/cached', cache: {} },
  { name: 'plain', match: { path: '/plain/*' }, upstream: 'a' },
  { name: 'one', match: { path: '/one/*' }, upstream: 'a', policies: [authKey] },
  { name: 'limited', match: { path: '/limited/*' }, upstream: 'a', policies: [rateLimit] },
  { name: 'transformed', match: { path: '/transformed/*' }, upstream: 'a', policies: [transformHeaders] },
  { name: 'four', match: { path: '/four/*' }, upstream: 'a', policies: [authKey, rateLimit, cors, transformHeaders] },
  { name: 'jwt', match: { path: '/jwt/*' }, upstream: 'a', policies: [authJwt] },
  { name: 'three', match: { path: '/three/*' }, upstream: 'a', policies: [authKey, transformHeaders, routingSplit] },
  { name: 'body', match: { path: '/body/*' }, upstream: 'a', policies: [moderationBlocklist] },
  { name: 'ai', match: { path: '/v1/*' }, ai: {} }
]
