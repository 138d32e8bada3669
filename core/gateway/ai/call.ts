import type { ChatRequest, ChatResponse } from '../../ai/chat.js'
import type { Operation, RequestHints } from '../../ai/dialects/dialect.js'
import type { JsonObject } from '../../ai/members.js'
import type { ProviderTool } from '../../ai/provider-tool.js'
import { providerTools, withoutProviderTools } from '../../ai/provider-tools.js'
import type { HeaderList } from '../../base/headers.js'
import type { AiVerdict } from '../../plugin-host/abi.js'
import type { Exchange } from '../exchange.js'
import type { Route, Snapshot } from '../snapshot.js'
import type { AiExchange } from './ai-exchange.js'
import type { Asked } from './asked.js'
import { askedAnswers, askedTokens } from './asked-tokens.js'
import { applyToChat } from './plugin-messages.js'
import type { AiRuntime, Booking, Owed, PlanRequest, RouteAi } from './runtime.js'

/** One AI exchange on its way: everything its parts need to know. */
export class AiCall {
  /** Of the target that is being asked. */
  booking: Booking | undefined
  /** The model that is asked for, as the client or a policy says. */
  model: string
  /** The request with a conversation in it that is kept here; undefined: it refers to none. */
  expanded: JsonObject | undefined
  /** Of a Responses request: the items of this turn. */
  turn: readonly unknown[] | undefined
  /** The only account that will do; undefined: any. */
  only: string | undefined
  /** It is the gateway's own, for the sake of another call. */
  aside = false
  /** Told when a budget may end the answer sooner than the request does; undefined: nobody shares it. */
  bounded: (() => void) | undefined
  /** Its answer goes to others too: policies look at what each of them gets. */
  shared = false
  /** The answer is made in the background: what is to be booked once it is fetched. */
  owed: Owed | undefined
  /** The id of a response that is made in the background while it streams: it goes on when the stream breaks off. */
  underWay: string | undefined
  /** Whether an answer is one to give again, beyond what the cache sees itself; undefined: any. */
  fits: ((response: ChatResponse) => boolean) | undefined
  /** Told when it is known what the answer used. */
  settled: (() => void) | undefined
  /** The prompt whose call it is, with its version; undefined: of none. */
  prompt: string | undefined
  /** What its caller put into it. */
  variables: JsonObject | undefined
  /** What policies made of the chat; undefined: they left it as it came. */
  edited: ChatRequest | undefined
  /** What policies change in the chat, in order. */
  readonly changes: AiVerdict[] = []

  constructor(
    readonly ai: AiExchange,
    readonly asked: Asked,
    readonly options: RouteAi,
    readonly runtime: AiRuntime,
    readonly route: Route,
    readonly exchange: Exchange,
    readonly snapshot: Snapshot
  ) {
    this.model = asked.model
  }

  get stream(): boolean {
    return this.asked.stream
  }

  readonly promptTokens = (chat: ChatRequest): number => this.runtime.inputTokens(chat)

  /** The chat in canonical form: a new one each time, as writing it takes from it. @throws Refusal GW_AI_REQUEST_INVALID */
  chat(sameDialect = false): ChatRequest {
    // Anew rather than a copy of what policies saw: what only the dialect knows is read where it is spoken, and cannot be copied.
    const own = this.read({ sameDialect })
    if (this.changes.length === 0) return own
    const seen = this.read({ toSee: true })
    if (isAlike(own, seen)) return this.changed(own)
    return this.changed(sameDialect ? this.read({}) : seen)
  }

  /** The chat as policies see it, and who plans: what its provider keeps is not in it. */
  seen(): ChatRequest {
    return this.changed(this.read({ toSee: true }))
  }

  private changed(chat: ChatRequest): ChatRequest {
    for (const change of this.changes) applyToChat(chat, change)
    return chat
  }

  private read({ sameDialect = false, toSee = false }: Pick<RequestHints, 'sameDialect' | 'toSee'>): ChatRequest {
    const chat = this.ai.dialect.chat.readRequest(this.request, this.hinted(sameDialect, toSee))
    chat.stream = this.asked.stream
    return chat
  }

  /** The same call for another exchange: one that no client owns. */
  on(exchange: Exchange): AiCall {
    const call = new AiCall(this.ai, this.asked, this.options, this.runtime, this.route, exchange, this.snapshot)
    call.model = this.model
    call.edited = this.edited
    call.changes.push(...this.changes)
    call.expanded = this.expanded
    call.turn = this.turn
    call.only = this.only
    call.fits = this.fits
    call.prompt = this.prompt
    call.settled = () => this.settled?.()
    return call
  }

  /** The same exchange, asking something else. */
  asking(asked: Asked): AiCall {
    return new AiCall(this.ai, asked, this.options, this.runtime, this.route, this.exchange, this.snapshot)
  }

  providerTools(): ProviderTool[] {
    return providerTools(this.request)
  }

  /** What the client sent, without the tools that policies took out and no chat has. */
  get request(): JsonObject {
    const body = this.expanded ?? this.asked.json
    const gone = this.changes.flatMap(({ removeTools }) => removeTools)
    return gone.length === 0 ? body : withoutProviderTools(body, new Set(gone))
  }

  get hints(): RequestHints {
    return this.hinted(false, false)
  }

  /** Not by spreading what is always the same: that costs more than the rest of it. */
  private hinted(sameDialect: boolean, toSee: boolean): RequestHints {
    const { model, stream } = this.ai.endpoint
    return { model, stream, headers: this.exchange.request.headers, sameDialect, toSee }
  }

  /** What decides who may answer; to be asked for again when a policy has changed the chat. */
  get planned(): PlanRequest {
    return new Planned(this)
  }
}

/** What takes effort to find out is found out when it is asked for, once. */
class Planned implements PlanRequest {
  readonly model: string
  readonly operation: Operation
  readonly stream: boolean
  readonly consumer: string
  readonly tags: HeaderList
  readonly headers: HeaderList
  readonly routeName: string
  readonly route: RouteAi
  readonly aside: boolean
  private read: ChatRequest | undefined
  private tokens: number | undefined

  constructor(private readonly call: AiCall) {
    const { exchange, ai, asked, route, options } = call
    this.model = call.model
    this.operation = ai.endpoint.operation
    this.stream = asked.stream
    this.consumer = exchange.consumer
    this.tags = exchange.tags
    this.headers = exchange.request.headers
    this.routeName = route.name
    this.route = options
    this.aside = call.aside
  }

  get inputTokens(): number {
    if (this.tokens !== undefined) return this.tokens
    const { runtime, ai, asked, hints } = this.call
    const chat = this.chat()
    this.tokens = chat === undefined ? askedTokens(ai, asked, hints) : runtime.inputTokens(chat)
    return this.tokens
  }

  get answers(): number {
    const { asked, hints } = this.call
    return this.chat()?.n ?? askedAnswers(asked, hints)
  }

  chat(): ChatRequest | undefined {
    if (this.operation !== 'chat') return undefined
    this.read ??= this.call.seen()
    return this.read
  }
}

/** Whether what policies say of one chat, by places of messages and names of tools, means the same in the other. */
function isAlike(one: ChatRequest, other: ChatRequest): boolean {
  const shape = ({ messages, tools = [] }: ChatRequest): string =>
    JSON.stringify([messages.map(({ role }) => role), tools.map(({ name }) => name)])
  return one === other || shape(one) === shape(other)
}
