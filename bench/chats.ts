import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StreamTraffic, Traffic } from './traffic.js'

export const CHAT_NAMES = [
  'chat',
  'chatAcross',
  'chatPortkey',
  'chatAcrossPortkey',
  'stream',
  'streamUsage',
  'streamAcross',
  'first',
  'firstAcross',
  'firstPortkey',
  'firstAnthropic',
  'burst',
  'burstAcross',
  'burstPortkey',
  'streamAnthropic',
  'streamPortkey',
  'streamAcrossPortkey'
] as const
export type ChatName = (typeof CHAT_NAMES)[number]

/** The virtual model of the Sluice under test whose provider speaks another dialect than its clients. */
export const ACROSS_MODEL = 'bench-across'
/** The mock's model that sends so many events per second: each comes by itself, as those of real models do. */
export const PACED_MODEL = 'bench+slow=100'
export const PACED_ACROSS_MODEL = 'paced-across'
/** So slow that whoever is on the load's core with the mock gets it between two events. */
export const FIRST_MODEL = 'bench+slow=1000'
export const FIRST_ACROSS_MODEL = 'first-across'

const SAID = 'How does water get from the river to the mill?'
const CHAT_PATH = '/v1/chat/completions'
const MESSAGES_PATH = '/v1/messages'
/** The mock's answer has so many tokens, each an event of a stream. */
const TOKENS = 97
/** How the text begins; no event before it has these letters. */
const FIRST_TOKEN = '"The"'
const DONE = 'data: [DONE]\n\n'
const MESSAGE_STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n'

const CLIENT_HEADERS = {
  accept: 'application/json',
  'content-type': 'application/json',
  authorization: 'Bearer bench-key-3f9a51c07d',
  'user-agent': 'sluice-bench/1'
}
const STREAM_HEADERS = { ...CLIENT_HEADERS, accept: 'text/event-stream' }

/**
 * What the AI cases send. The same chat for all; Portkey is told of its provider in headers, as it asks for.
 * @param mock - origin of the mock provider
 * @param chatReply - what the provider answers a chat with that does not stream, byte by byte
 */
export function chatTraffic(folder: string, mock: string, chatReply: string): Record<ChatName, Traffic> {
  const file = (name: string, body: object): string => {
    const path = join(folder, `${name}.json`)
    writeFileSync(path, JSON.stringify(body))
    return path
  }
  const messages = [{ role: 'user', content: SAID }]
  const plain = { model: 'bench', messages, max_tokens: 1000 }
  const streamed = { ...plain, model: PACED_MODEL, stream: true }
  const chat = file('chat', plain)
  const across = file('chat-across', { ...plain, model: ACROSS_MODEL })
  const stream = file('stream', streamed)
  const first = file('first', { ...streamed, model: FIRST_MODEL })
  const firstAcross = file('first-across', { ...streamed, model: FIRST_ACROSS_MODEL })
  const burst = file('burst', { ...streamed, model: 'bench' })
  const burstAcross = file('burst-across', { ...streamed, model: ACROSS_MODEL })
  const usage = file('stream-usage', { ...streamed, stream_options: { include_usage: true } })
  const streamAcross = file('stream-across', { ...streamed, model: PACED_ACROSS_MODEL })
  const portkey = (provider: string) => ({
    'x-portkey-provider': provider,
    'x-portkey-custom-host': `${mock}/v1`
  })
  const post = (bodyFile: string, more: Partial<Traffic>): Traffic => ({
    method: 'POST',
    path: CHAT_PATH,
    headers: CLIENT_HEADERS,
    bodyFile,
    expect: [],
    ...more
  })
  const events = (count: number, last = DONE): StreamTraffic => ({ events: count, last, firstToken: FIRST_TOKEN })
  const streams = (bodyFile: string, count: number, headers: Traffic['headers'] = {}): Traffic =>
    post(bodyFile, { headers: { ...STREAM_HEADERS, ...headers }, stream: events(count) })
  // message_start, content_block_start, ping, and content_block_stop, message_delta, message_stop.
  const anthropic = (bodyFile: string): Traffic =>
    post(bodyFile, {
      path: MESSAGES_PATH,
      headers: { ...STREAM_HEADERS, 'anthropic-version': '2023-06-01', 'x-api-key': 'bench-key-3f9a51c07d' },
      stream: events(TOKENS + 6, MESSAGE_STOP)
    })
  const wholeAnswer = ['its gate with time the water of a river and its"', `"completion_tokens":${TOKENS}`]
  return {
    chat: post(chat, { expect: [chatReply] }),
    chatAcross: post(across, { contains: wholeAnswer }),
    chatPortkey: post(chat, { headers: { ...CLIENT_HEADERS, ...portkey('openai') }, expect: [chatReply] }),
    chatAcrossPortkey: post(chat, { headers: { ...CLIENT_HEADERS, ...portkey('anthropic') }, contains: wholeAnswer }),
    // Around the tokens: the role, the reason to end and "[DONE]", and usage where it is asked for.
    stream: streams(stream, TOKENS + 3),
    streamUsage: streams(usage, TOKENS + 4),
    streamAcross: streams(streamAcross, TOKENS + 3),
    first: streams(first, TOKENS + 3),
    firstAcross: streams(firstAcross, TOKENS + 3),
    firstPortkey: streams(first, TOKENS + 3, portkey('openai')),
    // As fast as it goes: the second event follows the first at once.
    burst: streams(burst, TOKENS + 3),
    burstAcross: streams(burstAcross, TOKENS + 3),
    burstPortkey: streams(burst, TOKENS + 3, portkey('openai')),
    streamAnthropic: anthropic(stream),
    firstAnthropic: anthropic(first),
    streamPortkey: streams(stream, TOKENS + 3, portkey('openai')),
    // One more of its events has no token.
    streamAcrossPortkey: streams(stream, TOKENS + 4, portkey('anthropic'))
  }
}

/** What the mock answers the chat of the bench with. */
export async function chatReply(mock: string): Promise<string> {
  const body = JSON.stringify({ model: 'bench', messages: [{ role: 'user', content: SAID }] })
  const reply = await fetch(mock + CHAT_PATH, { method: 'POST', headers: CLIENT_HEADERS, body })
  return reply.text()
}
