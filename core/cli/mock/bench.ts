import { Buffer } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Endpoint, Reply } from './api.js'
import { ENDPOINTS } from './apis/index.js'
import { Faults } from './faults.js'
import { State } from './state.js'

/** Tokens of the answer: with what is around them, OpenAI's stream has 100 events. */
const TOKENS = 97

const BENCH = /"model":\s*"bench(?:\+slow=(\d{1,5})(?:\/s)?)?"/
/** Gemini's and Bedrock's models are in their paths. */
const IN_PATH = /\/models?\/bench(?:(?:\+|%2B)slow(?:=|%3D)(\d{1,5})(?:(?:\/|%2F)s)?)?(?::|\/converse)/i
const STREAM = /"stream":\s*true/
const USAGE = /"include_usage":\s*true/

/**
 * The model `bench`, for load: replies are made once and then only sent. Its requests are counted and not kept, nothing
 * in them is checked. A stream sends one event per turn of the event loop, with `bench+slow=50/s` as many per second.
 */
export class Bench {
  private readonly replies = new Map<string, Reply>()

  /** Answers if it is a request for this model. */
  answer(request: IncomingMessage, response: ServerResponse, body: Buffer): boolean {
    const url = request.url ?? ''
    const inPath = IN_PATH.exec(url)
    if (inPath === null && !body.includes('"bench')) return false
    const text = body.toString('latin1')
    const model = inPath ?? BENCH.exec(text)
    if (model === null) return false
    const reply = this.reply(url, STREAM.test(text), USAGE.test(text))
    if (reply === undefined) return false
    if ('body' in reply) {
      response.writeHead(200, reply.headers)
      response.end(reply.body)
      return true
    }
    response.writeHead(200, { ...reply.headers, 'transfer-encoding': 'chunked' })
    response.flushHeaders()
    response.chunkedEncoding = false // the frames are chunks already
    play(response, reply.frames, model[1] === undefined ? undefined : 1000 / Math.max(1, Number(model[1])))
    return true
  }

  private reply(url: string, stream: boolean, usage: boolean): Reply | undefined {
    const key = `${url} ${stream} ${usage}`
    const known = this.replies.get(key)
    if (known !== undefined) return known
    const [path = '', query = ''] = url.split('?')
    const endpoint = ENDPOINTS.find(each => each.method === 'POST' && each.path.test(path))
    const made = endpoint === undefined ? undefined : make(endpoint, path, query, stream, usage)
    if (made === undefined) return undefined
    const sent = ready(made)
    if (this.replies.size < 100) this.replies.set(key, sent)
    return sent
  }
}

/** A reply as it is sent: with its length, or in chunks of HTTP (RFC 9112 §7.1). */
function ready(reply: Reply): Reply {
  if ('body' in reply) {
    return { ...reply, headers: { ...reply.headers, 'content-length': String(reply.body.length) } }
  }
  const chunks = reply.frames.map(frame =>
    Buffer.concat([Buffer.from(`${frame.length.toString(16)}\r\n`), frame, CRLF])
  )
  return { ...reply, frames: [...chunks, Buffer.from('0\r\n\r\n')] }
}

const CRLF = Buffer.from('\r\n')

function make(endpoint: Endpoint, path: string, query: string, stream: boolean, usage: boolean): Reply | undefined {
  const said = 'How does water get from the river to the mill?'
  const chat = { model: 'bench', stream, max_tokens: 1000, messages: [{ role: 'user', content: said as unknown }] }
  if (path.includes('/converse')) chat.messages = [{ role: 'user', content: [{ text: said }] }]
  const others = { prompt: said, input: said, contents: [{ role: 'user', parts: [{ text: said }] }] }
  const options = usage ? { stream_options: { include_usage: true } } : {}
  const json = path.includes('/mistral/') ? chat : { ...chat, ...others, ...options }
  const reply = endpoint.handle({
    method: 'POST',
    path,
    query: new URLSearchParams(query),
    header: () => '2023-06-01',
    body: Buffer.alloc(0),
    json,
    model: 'bench',
    groups: [],
    faults: new Faults().add(`tokens=${TOKENS}`),
    key: '',
    state: new State(0),
    bill: () => undefined
  })
  return reply instanceof Promise ? undefined : reply
}

function play(response: ServerResponse, frames: readonly Buffer[], pause: number | undefined): void {
  let at = 0
  const next = (): void => {
    const frame = frames[at++]
    if (response.destroyed) return
    if (frame === undefined) {
      response.end()
      return
    }
    if (!response.write(frame)) response.once('drain', later)
    else later()
  }
  const later = (): void => {
    if (pause === undefined) setImmediate(next)
    else setTimeout(next, pause)
  }
  next()
}
