import type { Endpoint } from '../api.js'
import { messages } from './anthropic.js'
import { bedrock } from './bedrock.js'
import { cohere } from './cohere.js'
import { gemini } from './gemini.js'
import { mistral } from './mistral.js'
import { ollama } from './ollama.js'
import { chatCompletions } from './openai-chat.js'
import { completions } from './openai-completions.js'
import { media } from './openai-media.js'
import { more } from './openai-more.js'
import { responses } from './openai-responses.js'

/** Everything the mock answers; the first that fits does. */
export const ENDPOINTS: readonly Endpoint[] = [
  mistral,
  chatCompletions,
  completions,
  ...responses,
  ...messages,
  ...gemini,
  ...ollama,
  ...bedrock,
  ...cohere,
  ...media,
  ...more
]
