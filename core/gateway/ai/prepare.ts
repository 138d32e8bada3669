import { Buffer } from 'node:buffer'
import { answersHeld } from '../../ai/budgets/estimate.js'
import { clientNames } from '../../ai/dialects/client-names.js'
import type { Dialect, DialectName, Dropped, Operation } from '../../ai/dialects/dialect.js'
import { dialects } from '../../ai/dialects/index.js'
import { isObject, type JsonObject } from '../../ai/members.js'
import { isMistrals } from '../../ai/mistral-client.js'
import { multipartField, withMultipartField } from '../../ai/multipart.js'
import type { BodyEdits, ProviderAddress, ProviderCall } from '../../ai/providers/provider.js'
import { without } from '../../ai/providers/query.js'
import { hasPlace, paramEdits, paramOf } from '../../ai/routing/param-places.js'
import { applyParams } from '../../ai/routing/params.js'
import { splice, withMembers } from '../../ai/splice.js'
import { fitToolNames, type SentNames } from '../../ai/tool-names.js'
import { GatewayError } from '../../base/errors.js'
import { type HeaderList, header, setHeader } from '../../base/headers.js'
import { Refusal } from '../../base/refusal.js'
import type { AiCall } from './call.js'
import { inPlace } from './dropped-places.js'
import { forwarded } from './headers.js'
import type { Target } from './runtime.js'

/** A request for one target, but for the credentials. */
export interface Prepared {
  readonly target: Target
  /** The one the provider is spoken to in. */
  readonly dialect: Dialect
  readonly same: boolean
  readonly method: string
  /** Path and query on the wire. */
  readonly path: string
  readonly headers: HeaderList
  readonly body: Buffer
  readonly dropped: readonly string[]
  /** Usage was asked for that the client did not ask for: it has to be taken out of the stream. */
  readonly injected: boolean
  readonly address: ProviderAddress
  /** Of tools that the provider knows by other names than the client. */
  readonly names: SentNames
}

/**
 * @returns undefined: the provider cannot do this at all
 * @throws Refusal GW_AI_REQUEST_INVALID
 */
export function prepare(call: AiCall, target: Target): Prepared | undefined {
  const { ai, asked, exchange, options } = call
  const { provider, account } = target.account
  const { path } = ai.endpoint
  const operation = operationAt(call, target)
  const dialect = chosen(target.account.dialects(operation, target.model), ai.endpoint.dialect, operation)
  if (dialect === undefined) return undefined
  const rewritten = dialect === ai.dialect ? provider.rewrites?.(operation, asked.json) : undefined
  const spoken = dialect === ai.dialect && rewritten !== 'both'
  const { headers, query } = exchange.request
  const client = forwarded(headers, spoken, options.forwardHeaders)
  const edited = call.edited !== undefined || call.expanded !== undefined
  const asIs = spoken && rewritten === undefined && !edited && !foreign(call, dialect)
  const providerCall: ProviderCall = {
    operation,
    dialect,
    model: target.model,
    stream: asked.stream,
    path,
    // Of a prompt's call it is about the prompt; in another dialect it would mean something else, or nothing that is taken.
    query: dialect === ai.dialect && ai.endpoint.prompt === undefined ? without(query, KEYS) : '',
    headers: client,
    account,
    body: call.edited === undefined ? asked.json : undefined
  }
  const same = spoken && provider.answersOddly?.(providerCall) !== true && !needsOther(call, target)
  const address = provider.address(providerCall)
  const written = asIs ? untouched(call, target, address) : across(call, target, dialect, providerCall, address)
  const { dropped: lost = [] } = spoken ? address : {}
  const list = spoken ? client : [...client, 'content-type', 'application/json']
  setHeader(list, 'accept-encoding', 'identity') // what it used has to be read
  if (!spoken && asked.stream) setHeader(list, 'accept', dialect.framing.contentType)
  for (let i = 0; i < address.headers.length; i += 2)
    setHeader(list, address.headers[i] ?? '', address.headers[i + 1] ?? '')
  const own = target.account.headers
  for (let i = 0; i < own.length; i += 2) setHeader(list, own[i] ?? '', own[i + 1] ?? '')
  return {
    target,
    dialect,
    same,
    method: address.method,
    path: target.account.prefix + address.path,
    headers: list,
    address,
    body: written.body,
    injected: written.injected,
    names: written.names,
    dropped: lost.length === 0 ? written.dropped : [...new Set([...written.dropped, ...lost])]
  }
}

/** Tokens are counted at OpenAI by an operation of Responses, elsewhere by one of its own. */
function operationAt({ ai, asked }: AiCall, { account, model }: Target): Operation {
  const { operation } = ai.endpoint
  const other = COUNTS[operation]
  if (other === undefined || account.dialects(operation, model).length > 0) return operation
  // What a conversation that is kept somewhere comes to, only who keeps it can say.
  const { previous_response_id: previous = null, conversation = null } = asked.json
  return previous === null && conversation === null ? other : operation
}

const COUNTS: Readonly<Partial<Record<Operation, Operation>>> = {
  'count-tokens': 'response-input-tokens',
  'response-input-tokens': 'count-tokens'
}

/** Whether the client is Mistral's, and would stumble over what others answer in the same dialect. */
function needsOther({ ai, asked, exchange }: AiCall, { account }: Target): boolean {
  const { operation, dialect } = ai.endpoint
  if (dialect !== 'openai-chat' || account.provider.name === 'mistral') return false
  return (operation === 'embeddings' || (operation === 'chat' && asked.stream)) && isMistrals(exchange.request.headers)
}

/** Whether earlier answers in a chat came from providers of other dialects, with what only those can read. */
function foreign({ ai, asked }: AiCall, dialect: Dialect): boolean {
  return ai.endpoint.operation === 'chat' && dialect.carriesForeign?.(asked.raw) === true
}

/** The inbound dialect where the provider speaks it, else the first that both sides can read and write. */
function chosen(offered: readonly DialectName[], inbound: DialectName, operation: Operation): Dialect | undefined {
  if (offered.includes(inbound)) return dialects.get(inbound)
  const client = dialects.get(inbound)
  for (const name of offered) {
    const dialect = dialects.get(name)
    if (dialect === undefined || client === undefined) continue
    if (operation === 'chat') return dialect
    if (operation === 'embeddings' && dialect.embeddings !== undefined && client.embeddings !== undefined)
      return dialect
    if (operation === 'rerank' && dialect.rerank !== undefined && client.rerank !== undefined) return dialect
    if (COUNTS[operation] !== undefined && dialect.countTokens !== undefined && client.countTokens !== undefined)
      return dialect
  }
  return undefined
}

type Written = Pick<Prepared, 'body' | 'dropped' | 'injected' | 'names'>

const SAME_NAMES: SentNames = new Map()

/** The client's own bytes, but for the name of the model and what the provider or the operator wants there. */
function untouched(call: AiCall, target: Target, { edits }: ProviderAddress): Written {
  const { asked, ai, exchange } = call
  const { model, params, account } = target
  const { raw, json, media, stream } = asked
  if (media === undefined) return { body: raw, dropped: [], injected: false, names: SAME_NAMES }
  if (media === 'multipart') {
    const type = header(exchange.request.headers, 'content-type') ?? ''
    return {
      body: multipartField(raw, type, 'model') === model ? raw : withMultipartField(raw, type, 'model', model),
      dropped: [],
      injected: false,
      names: SAME_NAMES
    }
  }
  const { name } = ai.dialect
  const lowered = loweredFor(call, target, name, () => ({ most: mostAsked(name, json), n: countAsked(name, json) }))
  const given = lowered === undefined ? params : { ...params, ...limitOf(name, lowered, json) }
  // Where a body is the model's own, nobody knows what it calls them.
  const own =
    ai.endpoint.operation === 'invoke' ? { edits: {}, homeless: Object.keys(given) } : paramEdits(name, given, json)
  const set: Record<string, unknown> = { ...own.edits.set, ...edits?.set }
  if (!inPath(name, edits) && json.model !== model) set.model = model
  const { streamsUsage = false } = account.provider
  const injected = stream && !streamsUsage && ai.endpoint.operation === 'chat' && wantsUsage(name) && !asksUsage(json)
  const asks = injected && !Object.hasOwn(json, 'stream_options') && !Object.hasOwn(set, 'stream_options')
  if (injected && !asks) {
    set.stream_options = { ...(isObject(json.stream_options) && json.stream_options), include_usage: true }
  }
  const body = splice(raw, { set, remove: [...(own.edits.remove ?? []), ...(edits?.remove ?? [])] }, json)
  return {
    body: asks ? withMembers(body, USAGE_ASKED) : body,
    dropped: own.homeless,
    injected,
    names: SAME_NAMES
  }
}

const USAGE_ASKED = '"stream_options":{"include_usage":true}'

/** Whether the name of the model stands in the provider's path alone. */
function inPath(name: DialectName, edits: BodyEdits | undefined): boolean {
  return name === 'gemini' || name === 'converse' || edits?.remove?.includes('model') === true
}

/** Of OpenAI's older dialects the stream of a chat or a completion says what it used only when asked; streams of images and audio always do. */
function wantsUsage(name: DialectName): boolean {
  return name === 'openai-chat' || name === 'openai-completions'
}

export function asksUsage({ stream_options: options }: JsonObject): boolean {
  return isObject(options) && options.include_usage === true
}

/** The most a client lets a model answer, tokens, and how many answers it wants: the limit is for each. */
interface AskedOutput {
  readonly most: number | undefined
  readonly n: number | undefined
}

/**
 * Where a budget has less room than an answer may take, the model is told so: it ends there by itself.
 * @returns tokens; undefined: there is room
 */
function loweredFor(
  { booking, runtime, ai }: AiCall,
  target: Target,
  dialect: DialectName,
  asked: () => AskedOutput
): number | undefined {
  ai.lowered = false
  const room = booking?.mostOutput ?? Number.POSITIVE_INFINITY
  if (ai.endpoint.operation !== 'chat' || room === Number.POSITIVE_INFINITY) return undefined
  const { most, n = 1 } = asked()
  const each = room / (hasPlace(dialect, 'n') ? answersHeld(n) : 1)
  if (each >= (most ?? runtime.mostOutput(target) ?? USUAL_MOST)) return undefined
  ai.lowered = true
  return Math.max(1, Math.floor(each))
}

/** Bedrock has other bounds than the makers of its models, and does without being told. */
function defaultMost({ runtime }: AiCall, target: Target, { name }: Dialect): number | undefined {
  return name === 'converse' ? runtime.ownMostOutput(target) : runtime.mostOutput(target)
}

/** In OpenAI's dialect by its newer name, unless the client uses the older one: newer models know only that. */
function limitOf(dialect: DialectName, most: number, json: JsonObject): Readonly<Record<string, number>> {
  const newer = dialect === 'openai-chat' && json.max_tokens === undefined
  return newer ? { max_completion_tokens: most } : { max_tokens: most }
}

function mostAsked(dialect: DialectName, json: JsonObject): number | undefined {
  const asked = paramOf(dialect, json, 'max_completion_tokens') ?? paramOf(dialect, json, 'max_tokens')
  // Ollama's -1 and -2 are no limit.
  return typeof asked === 'number' && asked > 0 ? asked : undefined
}

function countAsked(dialect: DialectName, json: JsonObject): number | undefined {
  const n = paramOf(dialect, json, 'n')
  return typeof n === 'number' ? n : undefined
}

/** Tokens a model answers with at most, where the catalog does not say. */
const USUAL_MOST = 16_384

function across(call: AiCall, target: Target, dialect: Dialect, to: ProviderCall, { edits }: ProviderAddress): Written {
  const names = new Set<string>()
  const dropped: Dropped = {
    drop(name) {
      for (const written of clientNames(call.ai.dialect.name, name, call.request)) names.add(written)
    }
  }
  const { body, names: toolNames = SAME_NAMES } = translated(call, target, dialect, to, dropped)
  const finished = edited(body, edits ?? {})
  target.account.provider.finish?.(finished, to)
  return { body: Buffer.from(JSON.stringify(finished)), dropped: [...names], injected: false, names: toolNames }
}

/** A member of the request itself: names of what stands deeper have its place in them. */
const IS_MEMBER = /^[^\s.[\]:]+$/

function translated(
  call: AiCall,
  target: Target,
  dialect: Dialect,
  to: ProviderCall,
  dropped: Dropped
): { body: JsonObject; names?: SentNames } {
  const { ai, asked } = call
  switch (to.operation) {
    case 'chat':
    case 'count-tokens':
    case 'response-input-tokens': {
      const chat = call.chat(dialect === ai.dialect)
      chat.model = target.model
      chat.defaultMaxTokens = defaultMost(call, target, dialect)
      const lowered = loweredFor(call, target, dialect.name, () => ({ most: chat.max_tokens, n: chat.n }))
      applyParams(chat, lowered === undefined ? target.params : { ...target.params, max_tokens: lowered })
      const placing = { before: [...chat.messages], chat, request: call.request, dialect: ai.dialect.name }
      const lost = inPlace(dropped, placing)
      target.account.provider.adapt?.(chat, lost, dialect.name)
      const { toolNames } = dialect.chat
      const names = dialect === ai.dialect || toolNames === undefined ? SAME_NAMES : fitToolNames(chat, toolNames)
      const body = dialect.chat.writeRequest(chat, lost)
      for (const [name, value] of chat.extra) {
        if (dialect === ai.dialect && IS_MEMBER.test(name))
          body[name] ??= value // policies changed the chat: what they do not know stays
        else dropped.drop(name)
      }
      if (asked.stream && wantsUsage(dialect.name) && target.account.provider.streamsUsage !== true)
        body.stream_options = { include_usage: true }
      return { body, names }
    }
    case 'embeddings': {
      const request = ai.dialect.embeddings?.readRequest(asked.json, call.hints)
      const write = dialect.embeddings?.writeRequest
      if (request === undefined || write === undefined) break
      request.model = target.model
      const body = write({ ...request }, dropped)
      for (const name of request.extra.keys()) dropped.drop(name)
      return { body }
    }
    case 'rerank': {
      const request = ai.dialect.rerank?.readRequest(asked.json, call.hints)
      const write = dialect.rerank?.writeRequest
      if (request === undefined || write === undefined) break
      request.model = target.model
      const body = write({ ...request }, dropped)
      for (const name of request.extra.keys()) dropped.drop(name)
      return { body }
    }
    default:
  }
  throw new GatewayError('GW_INTERNAL', `${to.operation} cannot be translated to ${dialect.name}`)
}

function edited(body: JsonObject, { set = {}, remove = [] }: BodyEdits): JsonObject {
  const changed = { ...body, ...set }
  for (const name of remove) delete changed[name]
  return changed
}

/** Where Gemini's clients may put their key. */
const KEYS: ReadonlySet<string> = new Set(['key', 'api_key'])

/** No target can do what is asked. */
export function unsupported(call: AiCall): Refusal {
  const { operation } = call.ai.endpoint
  const detail =
    operation === 'invoke'
      ? `${call.asked.model}: only Bedrock itself can read this body. What others answer has to be Claude's (with "anthropic_version") or Converse's.`
      : `${call.asked.model || 'This model'} cannot do ${operation} as ${call.ai.endpoint.dialect} asks for it`
  return new Refusal('GW_AI_UNSUPPORTED', detail, [], { detail })
}
