import { AUDIO, openaiCompatible, optionalHeader, STORED } from './compatible.js'
import type { Provider } from './provider.js'
import { OPENAI_ONLY } from './quirks.js'

/** Gateways to many providers. */
export const routers: readonly Provider[] = [
  openaiCompatible('openrouter', 'OpenRouter', 'https://openrouter.ai/api/v1', {
    // https://openrouter.ai/docs/api-reference
    offers: ['completions', 'responses', 'embeddings', 'models'],
    optional: ['referer', 'title'],
    headers: ({ options }) => [
      ...optionalHeader('http-referer', options.referer),
      ...optionalHeader('x-title', options.title)
    ],
    developer: true,
    drops: ['metadata', 'service_tier'],
    reasoning: 'object',
    thoughts: 'details',
    cacheControl: true,
    fileUrls: true
  }),
  openaiCompatible('vercel-gateway', 'Vercel AI Gateway', 'https://ai-gateway.vercel.sh/v1', {
    // https://vercel.com/docs/ai-gateway/openai-compat
    offers: ['responses', 'embeddings', 'image-generation', 'models'],
    drops: ['metadata', 'service_tier'],
    reasoning: 'object',
    thoughts: 'details',
    cacheControl: true,
    catalog: 'vercel'
  }),
  openaiCompatible('litellm', 'LiteLLM', 'http://localhost:4000/v1', {
    offers: [
      'completions',
      'responses',
      ...STORED,
      'embeddings',
      'rerank',
      'moderations',
      'image-generation',
      ...AUDIO,
      'models'
    ],
    developer: true,
    maxCompletionTokens: true,
    drops: [],
    thoughts: 'blocks',
    cacheControl: true,
    signatures: true,
    keyless: true
  })
]

/** Servers of one's own. */
export const servers: readonly Provider[] = [
  openaiCompatible('vllm', 'vLLM', 'http://localhost:8000/v1', {
    // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
    offers: ['completions', 'responses', ...STORED, 'embeddings', 'rerank', 'transcription', 'translation', 'models'],
    maxCompletionTokens: true,
    drops: OPENAI_ONLY,
    thoughts: 'content',
    keyless: true
  }),
  openaiCompatible('sglang', 'SGLang', 'http://localhost:30000/v1', {
    offers: ['completions', 'responses', 'embeddings', 'models'],
    drops: OPENAI_ONLY,
    thoughts: 'content',
    keyless: true
  }),
  openaiCompatible('lmstudio', 'LM Studio', 'http://localhost:1234/v1', {
    // https://lmstudio.ai/docs/developer/openai-compat
    offers: ['completions', 'responses', 'embeddings', 'models'],
    drops: OPENAI_ONLY,
    keyless: true
  }),
  openaiCompatible('llamafile', 'llamafile and llama.cpp', 'http://localhost:8080/v1', {
    // https://github.com/ggml-org/llama.cpp/tree/master/tools/server
    offers: ['completions', 'embeddings', 'rerank', 'models'],
    drops: OPENAI_ONLY,
    thoughts: 'content',
    keyless: true
  }),
  openaiCompatible('openai-compatible', 'any URL that speaks OpenAI’s dialect', undefined, {
    offers: [
      'completions',
      'embeddings',
      'rerank',
      'moderations',
      'image-generation',
      'image-edit',
      'image-variation',
      ...AUDIO,
      'models'
    ],
    drops: OPENAI_ONLY,
    thoughts: 'content',
    signatures: true,
    keyless: true
  })
]
