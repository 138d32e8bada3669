import { anthropic } from './anthropic.js'
import { azureOpenai } from './azure-openai.js'
import { bedrock } from './bedrock.js'
import { cohere } from './cohere.js'
import { hosts } from './compatible-hosts.js'
import { makers } from './compatible-makers.js'
import { routers, servers } from './compatible-servers.js'
import { embedders } from './embedders.js'
import { gemini } from './gemini.js'
import { mistral } from './mistral.js'
import { ollama } from './ollama.js'
import { openai } from './openai.js'
import type { Provider } from './provider.js'
import { vertex } from './vertex.js'

/** Every provider there is. */
export const providers: readonly Provider[] = [
  openai,
  azureOpenai,
  anthropic,
  bedrock,
  mistral,
  gemini,
  vertex,
  cohere,
  ollama,
  ...hosts,
  ...makers,
  ...routers,
  ...servers,
  ...embedders
]
