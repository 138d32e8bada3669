import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHAT_NAMES, type ChatName } from './chats.js'
import { replyBody, SIZED_PATH, sizedBody, VARIED } from './replies.js'
import { FRESH_TOKENS, token } from './tokens.js'

/** One kind of request, sent over and over, and what must come back. */
export interface Traffic {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly bodyFile?: string
  /** A file of tokens, one a line: each request shows the next as its bearer token. */
  readonly tokenFile?: string
  /** Every reply is 200 with one of these bodies, and each of them must come at least once. */
  readonly expect: readonly string[]
  /** Instead: every reply is 200 with all of these texts in it. */
  readonly contains?: readonly string[]
  /** Instead: every reply is such a stream. */
  readonly stream?: StreamTraffic
}

export interface StreamTraffic {
  /** How many events one has. */
  readonly events: number
  /** How it ends. */
  readonly last: string
  /** What is in the event of the first token, and in none before it. */
  readonly firstToken: string
}

const PLAIN_NAMES = [
  'plain',
  'reply2k',
  'varied2k',
  'reply100k',
  'cached2k',
  'cached100k',
  'one',
  'limited',
  'transformed',
  'three',
  'four',
  'plainHs256',
  'plainRs256',
  'hs256Fresh',
  'hs256Seen',
  'rs256Seen',
  'plainBody',
  'body'
] as const
type PlainName = (typeof PLAIN_NAMES)[number]

export const TRAFFIC_NAMES = [...PLAIN_NAMES, ...CHAT_NAMES] as const
export type TrafficName = PlainName | ChatName

/** The API key the clients of the bench show. */
export const API_KEY = 'bench-key-3f9a51c07d'

/** What the tag header is set to by the three-plugin chain. */
export const TAG = 'three'

/** Bytes of the request body that the body plugin scans. */
export const BODY_BYTES = 65_536

/** The page that calls the route with CORS. */
export const ORIGIN = 'https://app.example.com'

/** What a browser-like API client sends, besides Host: the same to every route, or the headers of a policy would count as its work. */
const CLIENT_HEADERS = {
  accept: 'application/json',
  'accept-language': 'en-GB,en;q=0.9',
  'user-agent': 'sluice-bench/1',
  'x-request-id': '7f3c2b1a-5d4e-4f60-8a9b-0c1d2e3f4a5b',
  'x-api-key': API_KEY,
  origin: ORIGIN
}
const WITH_BODY = { ...CLIENT_HEADERS, 'content-type': 'application/json' }

function withToken(algorithm: 'HS256' | 'RS256'): Traffic['headers'] {
  return { ...CLIENT_HEADERS, authorization: `Bearer ${token(algorithm, 'ada')}` }
}

/** All traffic of the bench but that for AI; request bodies are written into `folder` for wrk to read. */
export function allTraffic(folder: string): Record<PlainName, Traffic> {
  const bodyFile = join(folder, 'body.json')
  writeFileSync(bodyFile, harmlessBody())
  const tokenFile = join(folder, 'tokens.txt')
  writeFileSync(tokenFile, Array.from({ length: FRESH_TOKENS }, (_, i) => token('HS256', `user-${i}`)).join('\n'))
  const fromA = [replyBody('a', '', 0)]
  const get = (route: string, headers: Traffic['headers'], more: Partial<Traffic> = {}): Traffic => ({
    method: 'GET',
    path: `/${route}/items?page=2`,
    headers,
    expect: fromA,
    ...more
  })
  const sized = (bytes: number): Traffic => ({
    method: 'GET',
    path: SIZED_PATH + bytes,
    headers: CLIENT_HEADERS,
    expect: [sizedBody(bytes)]
  })
  const stored = (bytes: number): Traffic => ({ ...sized(bytes), path: `/cached${SIZED_PATH}${bytes}` })
  const received = [replyBody('a', '', BODY_BYTES)]
  return {
    plain: get('plain', CLIENT_HEADERS),
    reply2k: sized(2 * 1024),
    varied2k: { ...sized(2 * 1024), path: `${SIZED_PATH}${2 * 1024}?${VARIED}` },
    reply100k: sized(100 * 1024),
    cached2k: stored(2 * 1024),
    cached100k: stored(100 * 1024),
    one: get('one', CLIENT_HEADERS),
    limited: get('limited', CLIENT_HEADERS),
    transformed: get('transformed', CLIENT_HEADERS, { expect: [replyBody('a', 'transformed', 0)] }),
    // The split sends half to each upstream.
    three: get('three', CLIENT_HEADERS, { expect: [replyBody('a', TAG, 0), replyBody('b', TAG, 0)] }),
    four: get('four', CLIENT_HEADERS, { expect: [replyBody('a', 'four', 0)] }),
    plainHs256: get('plain', withToken('HS256')),
    plainRs256: get('plain', withToken('RS256')),
    hs256Fresh: get('jwt', CLIENT_HEADERS, { tokenFile }),
    hs256Seen: get('jwt', withToken('HS256')),
    rs256Seen: get('jwt', withToken('RS256')),
    plainBody: { method: 'POST', path: '/plain/notes', headers: WITH_BODY, bodyFile, expect: received },
    body: { method: 'POST', path: '/body/notes', headers: WITH_BODY, bodyFile, expect: received }
  }
}

/** 64 KiB of JSON as a chat would send it, in which the block list finds nothing. */
export function harmlessBody(): string {
  const sentence = 'The keeper of the lock lifts the gate a hand and lets the water settle before the next boat. '
  const wrap = (content: string) => JSON.stringify({ messages: [{ role: 'user', content }] })
  const room = BODY_BYTES - wrap('').length
  return wrap(sentence.repeat(Math.ceil(room / sentence.length)).slice(0, room))
}
