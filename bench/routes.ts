import { createHash } from 'node:crypto'
import { TAG_HEADER } from './replies.js'
import { API_KEY } from './traffic.js'

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

/** The routes of the Sluice under test: no policy, one, three, and one that scans the request body. */
export const ROUTES = [
  { name: 'plain', match: { path: '/plain/*' }, upstream: 'a' },
  { name: 'one', match: { path: '/one/*' }, upstream: 'a', policies: [authKey] },
  { name: 'three', match: { path: '/three/*' }, upstream: 'a', policies: [authKey, transformHeaders, routingSplit] },
  { name: 'body', match: { path: '/body/*' }, upstream: 'a', policies: [moderationBlocklist] }
]
