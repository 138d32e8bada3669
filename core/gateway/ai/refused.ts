import type { ProviderFailure } from '../../ai/failure.js'
import { GatewayError } from '../../base/errors.js'
import type { Reply } from '../../base/http.js'

/** No target answered: what the last one said, to be told to the client. */
export class NotAnswered extends GatewayError {
  constructor(
    readonly failure: ProviderFailure,
    /** In the provider's own words, where the client can be told so. */
    readonly reply: Reply | undefined
  ) {
    super('GW_AI_PROVIDER_FAILED', failure.message)
  }
}
