import type { Buffer } from 'node:buffer'
import type { HeaderList } from '../../base/headers.js'
import type { ChatRequest } from '../chat.js'
import type { Dialect, DialectName, Dropped, Operation } from '../dialects/dialect.js'
import type { Framing } from '../frames/frame.js'
import type { JsonObject } from '../members.js'
import type { Usage } from '../usage.js'

/** One way a provider lets itself be called. */
export interface Service {
  readonly operation: Operation
  readonly dialect: DialectName
}

/** A request on its way to a provider, once it is known to whom. */
export interface ProviderCall {
  readonly operation: Operation
  /** The one the provider is spoken to in. */
  readonly dialect: Dialect
  /** As the provider names it. */
  readonly model: string
  readonly stream: boolean
  /** The path the client asked for below the dialect's root ("/responses/resp_1"), for operations whose path says more than the model. */
  readonly path: string
  /** The client's query, without what was for the gateway; empty: it speaks another dialect than the provider. */
  readonly query: string
  /** The client's headers: of these a provider may want some (anthropic-beta). */
  readonly headers: HeaderList
  /** The client's body where it passes untouched but for edits: some of them depend on what it has (Bedrock's `anthropic_beta`). */
  readonly body?: JsonObject | undefined
  readonly account: Account
}

/** What an operator says of one account at a provider. */
export interface Account {
  /** Scheme, host and path prefix, without a slash at the end. */
  readonly baseUrl: string
  readonly region: string
  /** What else the provider wants to know (Azure's apiVersion, Vertex' project, OpenAI's organization). */
  readonly options: Readonly<Record<string, string>>
}

/** Changes to members at the top of a request's body, made without touching any other byte of it. */
export interface BodyEdits {
  readonly set?: Readonly<Record<string, unknown>>
  readonly remove?: readonly string[]
}

export interface ProviderAddress {
  readonly method: string
  /** Below the account's base URL: "/chat/completions", with the query when there is one. */
  readonly path: string
  /** What the provider wants besides credentials. */
  readonly headers: HeaderList
  /** What it wants in the body, in whichever way the body came to be. */
  readonly edits?: BodyEdits | undefined
  /** What of the client's own body is lost by them, and means something. */
  readonly dropped?: readonly string[]
  /** How a stream of this reply is cut, where that is not the dialect's way (Claude's on Bedrock). */
  readonly framing?: Framing | undefined
}

/** A secret of the pool: an API key, a service account's JSON, an AWS key pair. */
export interface Credential {
  readonly secret: string
  /** What else belongs to it, such as AWS's access key id and session token. */
  readonly parts: Readonly<Record<string, string>>
}

/** The request as it will go out: what a signature covers. */
export interface Outgoing {
  readonly method: string
  readonly url: URL
  readonly headers: HeaderList
  readonly body: Buffer
}

/** What authorisation may need. */
export interface AuthTools {
  /** Milliseconds since 1970. */
  now(): number
  /** POSTs a form for a token (OAuth); the answer's JSON. Kept by the caller's choice: a provider caches what it gets. */
  postForm(url: string, form: Readonly<Record<string, string>>): Promise<JsonObject>
  /** What the provider keeps between calls with this credential (a token and its end). */
  readonly kept: Map<string, { readonly value: string; readonly until: number }>
}

/**
 * A provider: how an AI API is reached, by pure functions. Dialects say how it is spoken to.
 * Provider documentation is cited in each file.
 */
export interface Provider {
  /** As `provider` in the configuration names it. */
  readonly name: string
  readonly title: string
  /** Undefined: the operator has to say. `{region}` and names of options in braces are filled in. */
  readonly baseUrl: string | undefined
  /** The base URL of a region, for providers where its form depends on which it is; the region may be empty. */
  baseUrlIn?(region: string): string
  /** Options an account has to have. */
  readonly required: readonly string[]
  /** Options an account may have. */
  readonly optional: readonly string[]
  /** Parts of a credential besides the secret, where it has some. */
  readonly credentialParts?: readonly string[]
  /** Whether it answers without a credential (a local server). */
  readonly keyless?: boolean
  /** Says usage in every stream by itself and does not take `stream_options`; of dialects that have it. */
  readonly streamsUsage?: boolean
  /** The provider's name in the model catalog, where that differs. */
  readonly catalog?: string
  /**
   * How the operation can be called for this model: the first is what a request of another dialect is translated to. Empty: not at all.
   * @param account - whose version of the API may have less; left out: the newest
   */
  dialects(operation: Operation, model: string, account?: Account): readonly DialectName[]
  address(call: ProviderCall): ProviderAddress
  /** Headers that prove who calls. @throws GatewayError GW_AI_CREDENTIAL when the credential is of no use */
  authorize(
    request: Outgoing,
    credential: Credential | undefined,
    account: Account,
    tools: AuthTools
  ): HeaderList | Promise<HeaderList>
  /**
   * Last changes to a chat before it is written: what this provider does not take.
   * @param dialect - it is written in; left out: the first that the provider has for the model
   */
  adapt?(chat: ChatRequest, dropped: Dropped, dialect?: DialectName): void
  /**
   * Whether a request in the provider's own dialect is read and written all the same, for what of it the provider does not take; "both": the
   * answer too.
   */
  rewrites?(operation: Operation, body: JsonObject): 'request' | 'both' | undefined
  /**
   * Whether the answer to a request in the provider's own dialect is read and written all the same: its shape is one that only the provider's own
   * clients know.
   */
  answersOddly?(call: ProviderCall): boolean
  /** What an answer used, as its headers say it: asked where the body does not. */
  usageIn?(headers: HeaderList): Usage | undefined
  /** Last changes to the body that was written, where names differ from the dialect's. */
  finish?(body: JsonObject, call: ProviderCall): void
}
