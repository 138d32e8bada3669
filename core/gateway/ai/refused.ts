import type { ProviderFailure } from '../../ai/failure.js'
import { GatewayError } from '../../base/errors.js'
import type { Reply } from '../../base/http.js'
import { Refusal } from '../../base/refusal.js'

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

/** A policy answers in the place of the model, which has been asked. Where nothing of the answer is out yet, the client gets its reply. */
export class AnswerRefused extends Refusal {
  constructor(readonly reply: Reply) {
    const detail = 'A policy of this route ended the answer.'
    super('GW_AI_ANSWER_REFUSED', `a policy answered ${reply.status} in the place of a model`, [], { detail })
  }
}
