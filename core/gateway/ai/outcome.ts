import type { ProviderFailure } from '../../ai/failure.js'
import type { Usage } from '../../ai/usage.js'
import type { Reply } from '../../base/http.js'

/** What a provider came to: a reply for the client, or a failure that another may make good. */
export type Answer =
  | { readonly failure: undefined; readonly reply: Reply }
  | {
      readonly failure: ProviderFailure
      readonly reply: Reply | undefined
      /** What it used all the same, as the provider says; left out: nothing is known of it. */
      readonly used?: Usage | undefined
    }
