import type { ChatRequest } from '../../ai/chat.js'
import type { DialectName, Operation } from '../../ai/dialects/dialect.js'
import type { ProviderFailure } from '../../ai/failure.js'
import type { AccountKeys } from '../../ai/keys/report.js'
import type { CompiledPrompt } from '../../ai/prompts/library.js'
import type { Account, AuthTools, Credential, Provider } from '../../ai/providers/provider.js'
import type { Failed } from '../../ai/routing/fallback-kind.js'
import type { RegionRules } from '../../ai/routing/regions.js'
import type { Usage } from '../../ai/usage.js'
import type { GatewayError } from '../../base/errors.js'
import type { HeaderList } from '../../base/headers.js'
import type { AiKeyConfig } from '../../config/resolve-ai-providers.js'
import type { RouteAiConfig } from '../../config/resolve-ai-route.js'
import type { AiMeter } from '../../observe/ai-meter.js'

import type { AiKept } from './kept.js'

/** An account at a provider, ready to be called. */
export interface OpenAccount {
  readonly name: string
  readonly provider: Provider
  readonly account: Account
  /** Of the HTTP upstream its requests go to. */
  readonly upstream: string
  /** The base URL without its path, and the path. */
  readonly origin: string
  readonly prefix: string
  /** The operator's own, sent with every request. */
  readonly headers: HeaderList
  /** How an operation can be called for a model: see `Provider.dialects`. */
  dialects(operation: Operation, model: string): readonly DialectName[]
  /**
   * The key for a request to a model; undefined: none is needed.
   * @param tried - those the request was made with before; one that fails is added
   * @throws RetryLater GW_AI_NO_KEY
   */
  take(model: string, tried: Set<AiKeyConfig>): Key | undefined
  /** Milliseconds until there is a key for the model; 0: now. */
  readyInMs(model: string): number
}

/** A key that was taken for one request. */
export interface Key {
  readonly credential: Credential | Promise<Credential>
  readonly tools: AuthTools
  worked(): void
  /** @returns whether another key may do better, now */
  failed(failure: ProviderFailure): boolean
}

/** One model of one account that may answer. */
export interface Target {
  readonly account: OpenAccount
  /** As the provider names it. */
  readonly model: string
  /** What counts instead of the client's parameters, by OpenAI's names; null takes one out. */
  readonly params: Readonly<Record<string, unknown>>
  /** The first event of its answer, or the whole of it, came after so many milliseconds. */
  answered(ms: number): void
}

/** Who may answer, in turn. */
export interface TargetPlan {
  /** @param after - why the last one failed @returns undefined: nobody else may */
  next(after?: Failed): Target | undefined
  /** Why there was nobody at all. */
  refusal(): GatewayError | undefined
  /** Which rules of a virtual model hold for the request, in a word; empty: it has none. */
  ruled(): string
}

/** What decides who may answer. */
export interface PlanRequest {
  readonly model: string
  readonly operation: Operation
  readonly stream: boolean
  readonly consumer: string
  readonly tags: HeaderList
  readonly headers: HeaderList
  readonly routeName: string
  readonly route: RouteAi
  /** It is the gateway's own, for a request that has been counted. */
  readonly aside: boolean
  /** Tokens of the prompt, counted or estimated. */
  readonly inputTokens: number
  /** Answers, or pictures, asked for. */
  readonly answers: number
  /** The chat in canonical form, read when it is first asked for; undefined: it is no chat. */
  chat(): ChatRequest | undefined
}

/** What a route says of its AI traffic. */
export type RouteAi = RouteAiConfig

/** A model as clients see it listed. */
export interface ListedModel {
  readonly id: string
  readonly ownedBy: string
  /** Seconds since 1970; 0: not known. */
  readonly created: number
  readonly title: string
  /** Makes vectors, and does not chat. */
  readonly embeds: boolean
}

/** What an answer may use, taken from the budgets before it is asked for. */
export interface Booking {
  /** Tokens of the answer that are paid for; a stream that comes to them asks for more. Infinity: nobody counts. */
  readonly cutAt: number
  /** Tokens of the answer there is room for: a max_tokens above it is lowered to it. Infinity: any. */
  readonly mostOutput: number
  /** What the reply says of limits. */
  readonly headers: HeaderList
  /** @returns how many tokens are paid for now */
  more(produced: number): number | Promise<number>
  /** It was answered. @returns what it cost, micro-dollars; undefined: there is no price */
  settle(usage: Usage | undefined): number | undefined
  /** It was not, and cost something all the same: the request is taken back, and what it used is booked. @returns as settle does */
  settleFailed(usage: Usage): number | undefined
  /** It was not. */
  release(): void
  /** It is answered later, in the background: its prompt is booked, and what else it holds stays held. @param input - tokens of its prompt */
  defer(input: number): Owed
}

/** What is to be booked when an answer is fetched that was made in the background. */
export interface Owed {
  /** At the ledger; undefined: there are no budgets. */
  readonly grant: string | undefined
  readonly entry: CatalogEntry
  /** As the provider names it. */
  readonly model: string
  /** Tokens of the prompt, for an answer that nobody fetches whole. */
  readonly input: number
}

/** By what names the catalog has a model. */
export interface CatalogEntry {
  readonly provider: string
  readonly model: string
}

/** The AI side of a snapshot. */
export interface AiRuntime {
  /** @throws Refusal GW_AI_MODEL_UNKNOWN, GW_AI_MODEL_FORBIDDEN */
  plan(request: PlanRequest): TargetPlan
  models(route: RouteAi): readonly ListedModel[]
  /** Where who asks wants answers made. */
  regions(request: PlanRequest): RegionRules
  /** An account, for what is about none of its models; undefined: there is none. */
  at(account: string): Target | undefined
  readonly prompts: ReadonlyMap<string, CompiledPrompt>
  readonly kept: AiKept
  /** undefined: nobody asks. */
  readonly meter: AiMeter | undefined
  /** The name of a model as metrics have it: what clients make up has none. */
  label(model: string): string
  /** @throws RetryLater GW_AI_BUDGET_EXCEEDED, GW_AI_LIMIT_EXCEEDED */
  book(request: PlanRequest, target: Target): Booking | Promise<Booking>
  /** @returns what it cost, micro-dollars; undefined: there is no price */
  bookOwed(owed: Owed, usage: Usage): number | undefined
  /** Nothing is to be paid for it after all. */
  releaseOwed(owed: Owed): void
  /** Tokens of a chat's prompt. */
  inputTokens(chat: ChatRequest): number
  /** Tokens of texts, as the model counts them. */
  textTokens(model: string, texts: readonly string[]): number
  /** The most the model can answer, tokens; undefined: not known. */
  mostOutput(target: Target): number | undefined
  /** The same, where it is the provider's own word and leaves room for a question: what may be asked of it. */
  ownMostOutput(target: Target): number | undefined
  /** How the keys of the accounts are doing. */
  keys(): AccountKeys[]
  close(): void
}
