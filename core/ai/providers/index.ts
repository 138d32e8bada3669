import { azureOpenai } from './azure-openai.js'
import { hosts } from './compatible-hosts.js'
import { makers } from './compatible-makers.js'
import { routers, servers } from './compatible-servers.js'
import { embedders } from './embedders.js'
import { mistral } from './mistral.js'
import { openai } from './openai.js'
import type { Provider } from './provider.js'

/** Every provider there is. */
export const providers: readonly Provider[] = [
  openai,
  azureOpenai,
  mistral,
  ...hosts,
  ...makers,
  ...routers,
  ...servers,
  ...embedders
]
