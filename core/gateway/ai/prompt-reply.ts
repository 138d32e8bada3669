import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { sse } from '../../ai/frames/sse.js'
import { isObject, type JsonObject } from '../../ai/members.js'
import type { ArmCall } from '../../ai/prompts/arm-stats.js'
import { type Choice, chooseVersion } from '../../ai/prompts/choose.js'
import { type Completion, completionOf, fits } from '../../ai/prompts/completion.js'
import { CompletionStream } from '../../ai/prompts/completion-stream.js'
import { promptsOpenApi } from '../../ai/prompts/openapi.js'
import { renderPrompt } from '../../ai/prompts/render.js'
import { type PromptEndpoint, readFeedback, readPromptCall } from '../../ai/prompts/request.js'
import type { BodySink, BodySource } from '../../base/body.js'
import { wholeBody } from '../../base/body.js'
import { GatewayError, toGatewayError } from '../../base/errors.js'
import type { Reply } from '../../base/http.js'
import { Refusal } from '../../base/refusal.js'
import { traceOf } from '../../observe/access-line.js'
import { collect } from '../collect.js'
import type { AiExchange } from './ai-exchange.js'
import type { AiCall } from './call.js'
import { chatReply } from './chat-reply.js'
import { replyNotes } from './headers.js'
import { ownerOf } from './owner.js'

/** The endpoints of prompts: a call, its description, and what people think of answers. */
export async function promptReply(call: AiCall, endpoint: PromptEndpoint): Promise<Reply> {
  const { prompts, kept } = call.runtime
  const { exchange, asked } = call
  switch (endpoint.kind) {
    case 'openapi': {
      const { name } = endpoint
      const { scheme, host } = exchange.request
      const server = `${scheme}://${host}${prefixOf(call)}`
      const some = name === undefined ? [...prompts.values()] : [chooseVersion(prompts, name, ANY).prompt]
      return json(promptsOpenApi(some, { title: name ?? 'Prompts', server }))
    }
    case 'feedback':
      return json({ ...(await kept.memory.arms.rate(readFeedback(asked.json), ownerOf(exchange))) })
    case 'call':
      return completion(call, endpoint)
  }
}

/** What stands before `/prompts` in the addresses that clients know: the route may take it off. */
function prefixOf({ exchange: { routedPath }, ai }: AiCall): string {
  const { path } = ai.endpoint
  return routedPath.endsWith(path) ? routedPath.slice(0, -path.length).replace(/\/+$/, '') : ''
}

const ANY = { version: undefined, label: undefined, who: undefined }

async function completion(call: AiCall, endpoint: Extract<PromptEndpoint, { kind: 'call' }>): Promise<Reply> {
  const { prompts } = call.runtime
  const { ai, asked, exchange } = call
  const wanted = readPromptCall(asked.json)
  const who = wanted.user ?? (exchange.consumer === '' ? undefined : exchange.consumer)
  const { version, label, name } = endpoint
  const choice = chooseVersion(prompts, name, { version, label, who })
  const chat = renderPrompt(choice.version, wanted)
  // From here on it is a chat like any other, in the canonical dialect.
  const json: JsonObject = { ...ai.dialect.chat.writeRequest(structuredClone(chat), { drop: () => undefined }) }
  if (wanted.stream) json.stream_options = { include_usage: true }
  const raw = Buffer.from(JSON.stringify({ ...json, stream: wanted.stream }))
  const own = call.asking({ raw, json, model: chat.model, stream: wanted.stream, media: 'json' })
  own.prompt = JSON.stringify([choice.prompt.name, choice.version.name])
  own.variables = wanted.variables
  own.fits = response => fits(response, choice)
  ai.model = chat.model
  ai.stream = wanted.stream
  const called = { id: `cmpl_${randomUUID()}`, created: Math.floor(Date.now() / 1_000), choice }
  const record = recorder(own, choice, called.id)
  try {
    const reply = await chatReply(own)
    if (reply.status !== 200) return reply
    if (wanted.stream) return streamed(reply, new CompletionStream(called), own, record)
    return await whole(reply, called, own, record)
  } catch (thrown) {
    const left = exchange.downstream.done || toGatewayError(thrown).code === 'GW_CLIENT_GONE'
    await record(left ? 'left' : 'failed')
    throw thrown
  }
}

/** Notes how the version did, once. The answer ends when it is noted: it may be rated at another event loop. */
type Note = (outcome: ArmCall['outcome']) => void | Promise<void>

function recorder({ ai, exchange, runtime }: AiCall, choice: Choice, id: string): Note {
  const since = performance.now()
  let isNoted = false
  return outcome => {
    if (isNoted) return
    isNoted = true
    const call: ArmCall = {
      id,
      trace: traceOf(exchange.request.headers) ?? '',
      owner: ownerOf(exchange),
      prompt: choice.prompt.name,
      version: choice.version.name,
      label: choice.label,
      latencyMs: performance.now() - since,
      inputTokens: ai.usage?.input ?? 0,
      outputTokens: ai.usage?.output ?? 0,
      microDollars: ai.microDollars ?? 0,
      outcome,
      hit: isHit(ai)
    }
    return runtime.kept.memory.arms.record(call)
  }
}

function isHit({ cache }: AiExchange): boolean {
  return cache === 'hit' || cache === 'semantic-hit' || cache === 'coalesced'
}

type Called = Parameters<typeof completionOf>[1]

async function whole(reply: Reply, called: Called, { ai, options }: AiCall, record: Note): Promise<Reply> {
  const raw = await collect(reply.body, options.answerBytes, 'GW_UPSTREAM_BODY_TOO_LARGE')
  const body: unknown = JSON.parse(raw.toString())
  if (!isObject(body)) throw new GatewayError('GW_UPSTREAM_BAD_RESPONSE', 'the answer to a prompt is no JSON object')
  const done = noted(() => completionOf(ai.dialect.chat.readResponse(body), called), ai, options.notes)
  await record('answered')
  return { ...json({ ...done }), headers: ['content-type', 'application/json'] }
}

/** An answer that cannot be used is told with who gave it, and what it cost. */
function noted(read: () => Completion, ai: AiExchange, notes: boolean): Completion {
  try {
    return read()
  } catch (thrown) {
    const error = toGatewayError(thrown)
    throw new Refusal(error.code, error.message, notes ? replyNotes(ai) : [])
  }
}

function streamed(reply: Reply, writer: CompletionStream, call: AiCall, record: Note): Reply {
  const { ai } = call
  const source = Buffer.isBuffer(reply.body) ? wholeBody(reply.body) : reply.body
  const left = (): void => {
    // Its provider may be listened to for longer, for what it used.
    if (isHit(ai) || ai.usage !== undefined) void record('left')
    else call.settled = () => void record('left')
  }
  const body = new PromptStream(source, ai.dialect.chat.streamReader(), writer, record, left)
  return { status: 200, headers: ['content-type', sse.contentType, 'cache-control', 'no-cache'], body }
}

/** The stream of a chat as that of a prompt. */
class PromptStream implements BodySource {
  readonly length = undefined
  private readonly frames = sse.reader()
  private isLeft = false

  constructor(
    private readonly source: BodySource,
    private readonly reader: ReturnType<AiCall['ai']['dialect']['chat']['streamReader']>,
    private readonly writer: CompletionStream,
    private readonly record: Note,
    private readonly left: () => void
  ) {}

  takeWhole(): undefined {
    return undefined
  }

  pipe(sink: BodySink): void {
    const say = (pieces: ReturnType<CompletionStream['write']>): boolean => {
      let room = true
      for (const frame of pieces) room = sink.write(sse.write(frame))
      return room
    }
    const end = (): void => sink.end()
    const frames = (list: ReturnType<typeof this.frames.feed>): boolean =>
      say(list.flatMap(frame => this.reader.read(frame)).flatMap(event => this.writer.write(event)))
    this.source.pipe({
      write: piece => frames(this.frames.feed(piece)),
      end: () => {
        frames(this.frames.end())
        say(this.reader.end().flatMap(event => this.writer.write(event)))
        const outcome = this.isLeft ? 'left' : this.writer.completion === undefined ? 'failed' : 'answered'
        void Promise.resolve(this.record(outcome)).then(end, end)
      },
      fail: (error: GatewayError) => {
        say(this.writer.fail(error))
        void Promise.resolve(this.record(this.isLeft ? 'left' : 'failed')).then(end, end)
      }
    })
  }

  resume(): void {
    this.source.resume()
  }

  cancel(): void {
    this.isLeft = true
    this.left()
    this.source.cancel()
  }
}

function json(value: JsonObject): Reply {
  return { status: 200, headers: ['content-type', 'application/json'], body: Buffer.from(JSON.stringify(value)) }
}
