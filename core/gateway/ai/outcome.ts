import type { ProviderFailure } from '../../ai/failure.js'
import type { Reply } from '../../base/http.js'

/** What a provider came to: a reply for the client, or a failure that another may make good. */
export type Answer =
  | { readonly failure: undefined; readonly reply: Reply }
  | { readonly failure: ProviderFailure; readonly reply: Reply | undefined }
