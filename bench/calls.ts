import { createPublicKey, verify } from 'node:crypto'
import { join } from 'node:path'
import { BUILTIN_PLUGINS } from '../core/base/paths.js'
import { bodyPrefix, RequestInput } from '../core/plugin-host/abi.js'
import { decodeVerdict } from '../core/plugin-host/edit-reader.js'
import type { PluginInstance } from '../core/plugin-host/instance.js'
import { instanceAlone } from '../core/plugin-host/instance-alone.js'
import { type Spread, spread } from './stats.js'
import { TOKEN_KEYS, token } from './tokens.js'

/** Single hook calls, without a server around them: on this thread, in the real host. */

/** Calls of one round. */
const BATCH = 400
const WARM_UP = 100
const PII_BYTES = 4_096

export interface Calls {
  /** auth-jwt's RS256 verifications a second, as a share of node:crypto's own on the same tokens. */
  readonly rs256Share: Spread | undefined
  /** One on_request_body of moderation-pii, 4 KiB of chat, microseconds of elapsed time. */
  readonly piiMicroseconds: Spread | undefined
}

/** @throws Error when a plugin does not answer what it should: figures of refusals would be worth nothing */
export async function measureCalls(rounds: number): Promise<Calls> {
  const pii = await piiCall()
  const rs256 = await rs256Call()
  await rs256() // code that runs often is compiled anew
  await microseconds(BATCH, pii)
  const piiMicroseconds: number[] = []
  const shares: number[] = []
  for (let i = 0; i < rounds; i++) {
    shares.push(await rs256())
    piiMicroseconds.push(await microseconds(BATCH, pii))
  }
  return { rs256Share: spread(shares), piiMicroseconds: spread(piiMicroseconds) }
}

/** Each round has tokens of its own: none is seen twice. The two take turns call by call: the machine changes its speed within a round. */
async function rs256Call(): Promise<() => Promise<number>> {
  const key = createPublicKey(TOKEN_KEYS[1]?.pem ?? '')
  const instance = await plugin('auth-jwt', {
    keys: TOKEN_KEYS.slice(1),
    algorithms: ['RS256'],
    issuers: ['https://issuer.example'],
    audiences: ['bench']
  })
  const bareCall = (text: string) => {
    const [head = '', claims = '', signature = ''] = text.split('.')
    if (!verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url')))
      throw new Error('node:crypto refused a token of the bench')
  }
  const ownCall = async (input: Uint8Array) => {
    const verdict = decodeVerdict(new Uint8Array(await instance.call('on_request', input)))
    if (verdict.reply !== null || !verdict.consumer?.startsWith('user-')) throw new Error('auth-jwt refused a token')
  }
  let round = 0
  return async () => {
    round++
    const tokens = Array.from({ length: BATCH }, (_, i) => token('RS256', `user-${round}-${i}`))
    const inputs = tokens.map(each => requestInput(['authorization', `Bearer ${each}`]))
    let bare = 0
    let own = 0
    for (const [i, text] of tokens.entries()) {
      const start = performance.now()
      bareCall(text)
      const between = performance.now()
      await ownCall(inputs[i] ?? new Uint8Array(0))
      bare += between - start
      own += performance.now() - between
    }
    return bare / own
  }
}

async function piiCall(): Promise<() => Promise<void>> {
  const instance = await plugin('moderation-pii', { action: 'mask' })
  const head = requestInput(['content-type', 'application/json'])
  const body = Buffer.from(chat(PII_BYTES))
  const prefix = Buffer.from(bodyPrefix(body.length))
  const input = Buffer.concat([head, prefix])
  return async () => {
    const verdict = decodeVerdict(new Uint8Array(await instance.call('on_request_body', input, body)))
    const masked = Buffer.from(verdict.body ?? '').toString('utf8')
    if (masked === '' || masked.includes('ada@example.com'))
      throw new Error('moderation-pii left an address in the text')
  }
}

function chat(size: number): string {
  const sentence =
    'The keeper of lock 12 lifts the gate a hand at 10:30 and lets the water settle before the next boat. '
  const wrap = (content: string) => JSON.stringify({ messages: [{ role: 'user', content }] })
  const end = 'Write to ada@example.com, card 4111 1111 1111 1111.'
  const room = size - wrap(end).length
  return wrap(sentence.repeat(Math.ceil(room / sentence.length)).slice(0, room) + end)
}

function requestInput(headers: string[]): Uint8Array {
  return RequestInput.encode({
    context: { nowMs: Date.now() },
    request: { method: 'POST', scheme: 'https', host: 'example.com', path: '/', headers }
  }).finish()
}

function plugin(name: string, settings: object): Promise<PluginInstance> {
  return instanceAlone(join(BUILTIN_PLUGINS, name), settings)
}

/** What one call takes, of `count` in a row. */
async function microseconds(count: number, call: () => unknown): Promise<number> {
  for (let i = 0; i < WARM_UP; i++) await call()
  const start = performance.now()
  for (let i = 0; i < count; i++) await call()
  return ((performance.now() - start) * 1_000) / count
}
