import type { ChatRequest } from '../../ai/chat.js'
import type { ProviderFailure } from '../../ai/failure.js'
import type { Account, AuthTools, Credential, Provider } from '../../ai/providers/provider.js'
import type { Usage } from '../../ai/usage.js'
import type { HeaderList } from '../../base/headers.js'
import type { RouteAiConfig } from '../../config/resolve-ai-route.js'

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
  readonly keys: Keys
}

/** The credentials of an account. */
export interface Keys {
  /** One that is in service; undefined: the account has none and needs none. @throws RetryLater GW_AI_NO_KEY */
  take(): TakenKey | undefined
}

export interface TakenKey {
  readonly credential: Credential
  readonly tools: AuthTools
  /** What came of it. @returns whether another key may do better */
  failed(failure: ProviderFailure): boolean
  worked(): void
}

/** One model of one account that may answer. */
export interface Target {
  readonly account: OpenAccount
  /** As the provider names it. */
  readonly model: string
  /** Members the operator sets, whatever the client says. */
  readonly params: Readonly<Record<string, unknown>>
  /** The first event of its answer came after so many milliseconds. */
  answered?(firstMs: number): void
}

/** Who may answer, in turn. */
export interface TargetPlan {
  /** @param failure - of the one before @returns undefined: nobody else may */
  next(failure: ProviderFailure | undefined): Target | undefined
}

/** What decides who may answer. */
export interface PlanRequest {
  readonly model: string
  readonly operation: string
  readonly stream: boolean
  readonly consumer: string
  readonly tags: HeaderList
  readonly headers: HeaderList
  readonly route: RouteAi
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
}

/** What an exchange may use is taken before, and settled after. */
export interface Booking {
  /** @param target - who answered; undefined: nobody did */
  settle(usage: Usage | undefined, target: Target | undefined): number | undefined
}

/** The AI side of a snapshot. */
export interface AiRuntime {
  plan(request: PlanRequest): TargetPlan
  models(route: RouteAi): readonly ListedModel[]
  /** @throws Refusal GW_AI_BUDGET_EXCEEDED, GW_AI_LIMIT_EXCEEDED */
  book(request: PlanRequest): Booking | Promise<Booking>
  /** Tokens of what the provider did not count. */
  estimate(request: PlanRequest, answer: string): Usage
  close(): void
}
