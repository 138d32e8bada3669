import { Buffer } from 'node:buffer'
import type { Operation } from '../../ai/dialects/dialect.js'
import type { ProviderFailure } from '../../ai/failure.js'
import { isObject, type JsonObject } from '../../ai/members.js'
import { retryAfterMs } from '../../ai/retry-after.js'
import { nameBack } from '../../ai/tool-names.js'
import type { Usage } from '../../ai/usage.js'
import { GatewayError } from '../../base/errors.js'
import { header } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { collect } from '../collect.js'
import type { AiExchange } from './ai-exchange.js'
import { looksAtAnswers } from './answer-policies.js'
import type { AiCall } from './call.js'
import { answerText, estimated } from './estimate.js'
import { judged } from './judged-reply.js'
import type { Answer } from './outcome.js'
import type { Prepared } from './prepare.js'
import { kept, passed } from './reply-headers.js'
import type { Target } from './runtime.js'
import { defer, settle, settleFailed } from './settle.js'
import { streamAnswer } from './stream-answer.js'
import { wishOf } from './wish.js'

/** The largest error reply that is read, bytes. */
const ERROR_BYTES = 1_048_576

/**
 * @param askedAt - when the provider was asked, as performance.now() has it
 * @throws GatewayError GW_UPSTREAM_*
 */
export function answerOf(call: AiCall, prepared: Prepared, reply: Reply, askedAt: number): Promise<Answer> {
  if (reply.status >= 400) return refusal(call, prepared, reply)
  const type = header(reply.headers, 'content-type') ?? ''
  if (type.startsWith('text/html')) throw strange(prepared, reply, 'answered with a web page')
  if (isStream(call, prepared, type)) return streamAnswer(call, prepared, reply, askedAt)
  return readAnswer(call, prepared, reply, askedAt, type)
}

/** One that is no stream: JSON, or a file that nobody reads. */
async function readAnswer(
  call: AiCall,
  prepared: Prepared,
  reply: Reply,
  askedAt: number,
  type: string
): Promise<Answer> {
  const written = JSON_ANSWERS.has(call.ai.endpoint.operation)
  const answer = written || type.includes('json') ? await wholeAnswer(call, prepared, reply, written) : undefined
  if (answer?.failure !== undefined) return answer
  prepared.target.answered(performance.now() - askedAt)
  if (answer !== undefined) return answer
  settle(call, prepared.target, undefined, () => undefined)
  return { failure: undefined, reply: passed(reply) }
}

/** Speech is streamed when it is asked for as events, without "stream"; and models that cannot stream a transcription send it whole. */
function isStream({ ai, asked }: AiCall, { dialect }: Prepared, type: string): boolean {
  const { operation } = ai.endpoint
  if (operation === 'chat') return asked.stream && !type.includes('application/json')
  return !JSON_ANSWERS.has(operation) && type.startsWith(dialect.framing.contentType)
}

/** Operations whose answers are JSON, where they are no stream; others may be files and sound. */
const JSON_ANSWERS: ReadonlySet<Operation> = new Set([
  'chat',
  'count-tokens',
  'response-input-tokens',
  'embeddings',
  'rerank',
  'moderations'
])

/** What tells of an answer that was made before: that it failed is no failure to tell so. */
const AGAIN: ReadonlySet<Operation> = new Set(['response-get', 'response-cancel'])

/** What no provider of such an API sends: something in between did. */
function strange({ target }: Prepared, { body }: Reply, what: string): GatewayError {
  if (!Buffer.isBuffer(body)) body.cancel()
  return new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `${target.account.name} ${what}`)
}

/** A provider's error. To a client of the same dialect it is said in the provider's own words, where they are the dialect's. */
async function refusal({ ai }: AiCall, { dialect, same }: Prepared, reply: Reply): Promise<Answer> {
  const raw = await collect(reply.body, ERROR_BYTES, 'GW_UPSTREAM_BODY_TOO_LARGE')
  const said = anyJson(raw)
  const json = isObject(said) ? said : undefined
  const list = Array.isArray(said) && said.some(isObject) ? said : undefined
  const type = header(reply.headers, 'content-type') ?? ''
  // Of a page that something in between made up, neither the client nor an SDK can make anything.
  const failure = dialect.readFailure(
    reply.status,
    json ?? list?.find(isObject) ?? (type.startsWith('text/html') ? '' : raw.toString())
  )
  failure.retryAfterMs ??= retryAfterMs(reply.headers, Date.now())
  // What is wrong with the account's credentials is between the operator and the provider.
  const own = failure.kind === 'authentication' || failure.kind === 'permission'
  // Who wants a stream as a list gets errors of Google's as lists too; nobody else can read those.
  const understood = json === undefined ? asList(ai, list) : ai.errors.ownFailure?.(json) !== false
  return {
    failure: own ? hidden(failure) : failure,
    reply: same && !own && understood ? passed(reply, raw) : undefined
  }
}

function asList({ endpoint }: AiExchange, list: readonly unknown[] | undefined): boolean {
  return list !== undefined && endpoint.framing === 'json-array'
}

function hidden(failure: ProviderFailure): ProviderFailure {
  const { retryAfterMs: _, ...rest } = failure
  return { ...rest, message: 'The provider does not accept the credentials of the gateway.', status: 502 }
}

/** @param written - it can be nothing but JSON */
async function wholeAnswer(call: AiCall, prepared: Prepared, reply: Reply, written: boolean): Promise<Answer> {
  const { dialect, same, target } = prepared
  const raw = await collect(reply.body, call.options.answerBytes, 'GW_UPSTREAM_BODY_TOO_LARGE')
  const json = parsed(raw)
  if (json === undefined && written) throw strange(prepared, reply, 'did not answer with a JSON object')
  const { operation } = call.ai.endpoint
  // Of a body that is a model's own nobody knows what a member means.
  const plain = operation === 'invoke' || (AGAIN.has(operation) && json?.object === 'response')
  const failure =
    json &&
    (dialect.failureIn?.(json, same) ?? (!plain && saysError(json) ? dialect.readFailure(500, json) : undefined))
  if (failure !== undefined) {
    // A prompt that was refused is an answer in the dialect's own words; an error under status 200 is told as an error.
    const own = same && json !== undefined && !saysError(json)
    return { failure, reply: own ? passed(reply, raw) : undefined, used: json && dialect.usage(json) }
  }
  try {
    return await readWhole(call, prepared, reply, raw, json)
  } catch (thrown) {
    // Of what cannot be read the provider may have told what it used: that it takes money for.
    if (json !== undefined) settleFailed(call, target, dialect.usage(json))
    throw thrown
  }
}

async function readWhole(
  call: AiCall,
  prepared: Prepared,
  reply: Reply,
  raw: Buffer,
  json: JsonObject | undefined
): Promise<Answer> {
  const { dialect, same, target } = prepared
  const { operation } = call.ai.endpoint
  const ownBody = operation === 'invoke'
  if (json !== undefined && operation === 'chat' && !dialect.chat.answerIn.some(member => json[member] != null)) {
    throw strange(prepared, reply, 'answered with a JSON object that has no answer')
  }
  if (json !== undefined && operation === 'chat' && !call.shared && looksAtAnswers(call)) {
    const judged = await judgedAnswer(call, prepared, reply, json)
    if (judged !== undefined) return judged
  }
  const said = target.account.provider.usageIn?.(reply.headers)
  const usage = (ownBody ? said : undefined) ?? (json && dialect.usage(json)) ?? said ?? estimateOf(call, target)
  if (same) {
    if (isUnderWay(json)) defer(call)
    else settle(call, target, usage, () => json && answerText(dialect, json))
    return { failure: undefined, reply: passed(reply, raw) }
  }
  if (json === undefined)
    throw new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `${target.account.name}: the answer is no JSON object`)
  const body = translated(call, prepared, json, usage)
  settle(call, target, usage, () => answerText(dialect, json))
  const headers = ['content-type', 'application/json', ...kept(reply.headers)]
  return { failure: undefined, reply: { status: 200, headers, body: Buffer.from(JSON.stringify(body)) } }
}

/** Of an answer that is no chat it is told to the client too: there a number has to be. */
function estimateOf(call: AiCall, { model }: Target): Usage | undefined {
  return call.ai.endpoint.operation === 'chat' ? undefined : estimated(call, model, () => undefined)
}

/** An error with status 200: some providers, and what stands before them, do that. */
function saysError({ error, type, object, message }: JsonObject): boolean {
  return (
    isObject(error) || type === 'error' || object === 'error' || (type === undefined && typeof message === 'string')
  )
}

/** An answer that policies look at. @returns undefined: they left it as it is */
async function judgedAnswer(
  call: AiCall,
  { dialect, target, same, names }: Prepared,
  from: Reply,
  json: JsonObject
): Promise<Answer | undefined> {
  const response = nameBack(dialect.chat.readResponse(json), names)
  const usage = dialect.usage(json)
  const book = (): void => settle(call, target, usage, () => answerText(dialect, json))
  let made: Reply | Buffer | undefined
  try {
    made = await judged(call, target, { same, json, response })
  } catch (thrown) {
    book() // the provider has answered, and takes money for it, whatever becomes of that here
    throw thrown
  }
  if (made === undefined) return undefined
  book()
  if (!Buffer.isBuffer(made)) return { failure: undefined, reply: made }
  const headers = same ? passed(from).headers : ['content-type', 'application/json', ...kept(from.headers)]
  return { failure: undefined, reply: { status: 200, headers, body: made } }
}

/** Whether an answer is one that is made in the background and not whole yet (Responses). */
function isUnderWay(json: JsonObject | undefined): boolean {
  return json?.object === 'response' && (json.status === 'queued' || json.status === 'in_progress')
}

function translated(
  call: AiCall,
  { dialect, names }: Prepared,
  json: JsonObject,
  usage: Usage | undefined
): JsonObject {
  const { ai } = call
  const wish = wishOf(call)
  switch (ai.endpoint.operation) {
    case 'chat':
      return ai.dialect.chat.writeResponse(nameBack(dialect.chat.readResponse(json), names), wish)
    case 'embeddings': {
      const response = dialect.embeddings?.readResponse(json)
      const body =
        response && ai.dialect.embeddings?.writeResponse({ ...response, usage: response.usage ?? usage }, wish)
      if (body !== undefined) return body
      break
    }
    case 'rerank': {
      const response = dialect.rerank?.readResponse(json)
      const body = response && ai.dialect.rerank?.writeResponse(response, wish)
      if (body !== undefined) return body
      break
    }
    case 'count-tokens':
    case 'response-input-tokens': {
      const tokens = dialect.countTokens?.readResponse(json)
      const body = tokens === undefined ? undefined : ai.dialect.countTokens?.writeResponse(tokens)
      if (body !== undefined) return body
      break
    }
    default:
  }
  throw new GatewayError('GW_INTERNAL', `${ai.endpoint.operation} cannot be translated from ${dialect.name}`)
}

function parsed(raw: Buffer): JsonObject | undefined {
  const value = anyJson(raw)
  return isObject(value) ? value : undefined
}

function anyJson(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString())
  } catch {
    return undefined
  }
}
