import type { Dialect } from '../../ai/dialects/dialect.js'
import { dialects } from '../../ai/dialects/index.js'
import type { Endpoint } from '../../ai/endpoints.js'
import type { ProviderFailure } from '../../ai/failure.js'
import type { Usage } from '../../ai/usage.js'
import type { HeaderList } from '../../base/headers.js'

/** What is known of an AI exchange beyond the HTTP of it: for its reply's headers, the access line, the bill. */
export class AiExchange {
  /** The model as the client named it; empty: not known yet, or the operation has none. */
  model = ''
  stream = false
  /** What the answer came from, or the last that was tried: the account, the kind of provider, its name of the model, its region. */
  account = ''
  provider = ''
  target = ''
  region = ''
  /** The model as the answer itself names it, where that was seen. */
  answeredBy = ''
  /** How often a provider was asked. */
  attempts = 0
  /** Parameters that could not be carried into the dialect of the provider. */
  dropped: readonly string[] = []
  usage: Usage | undefined
  /** What it cost, micro-dollars; undefined: not known, or nothing was used. */
  microDollars: number | undefined
  /** Milliseconds from accept to the first event of the answer. */
  firstMs: number | undefined
  /** The answer was made by translation, not passed on as it came. */
  translated = false
  /** The gateway ended the answer before the model did. */
  cut = false
  /** Its stream ended in order and did not say that the answer did. */
  endSupposed = false
  /** The model was asked for less than the client lets it answer, for a budget. */
  lowered = false
  /** Tokens were counted here, not by a provider. */
  counted = false
  /** What the AI cache did. */
  cache: string | undefined
  /** What the reply says of limits and budgets. */
  limits: HeaderList = []
  /** Why the last provider failed, when the client was told so. */
  failure: ProviderFailure | undefined
  /** The one in which the client is told of errors, but for who calls a prompt. */
  readonly errors: Dialect

  constructor(
    public endpoint: Endpoint,
    /** The one the client speaks. */
    public dialect: Dialect
  ) {
    this.errors = (endpoint.errors && dialects.get(endpoint.errors)) ?? dialect
  }

  /** Who calls a prompt knows of no dialect, and is told of errors as of any API: in problem documents. */
  get saysProblems(): boolean {
    return this.endpoint.prompt !== undefined
  }

  /** The body says what its path did not. */
  turnOutAs(endpoint: Endpoint): void {
    this.endpoint = endpoint
    this.dialect = dialects.get(endpoint.dialect) ?? this.dialect
  }
}
