import type { ChatRequest } from '../chat.js'
import { AUDIO, nearestEffort, openaiCompatible, optionalHeader, STORED } from './compatible.js'
import type { Provider } from './provider.js'
import { OPENAI_ONLY } from './quirks.js'

/** Who serves models of many makers on machines of its own. */
export const hosts: readonly Provider[] = [
  openaiCompatible('groq', 'Groq', 'https://api.groq.com/openai/v1', {
    // https://console.groq.com/docs/openai
    offers: ['responses', ...AUDIO, 'models'],
    maxCompletionTokens: true,
    mostStops: 4,
    nameless: true,
    drops: [...OPENAI_ONLY, 'top_k', 'logit_bias', 'logprobs', 'top_logprobs'],
    thoughts: 'reasoning',
    schemas: groqSchemas,
    formatOrTools: true,
    effort: groqEffort
  }),
  openaiCompatible('together', 'Together AI', 'https://api.together.xyz/v1', {
    // https://docs.together.ai/docs/openai-api-compatibility
    offers: ['completions', 'embeddings', 'rerank', 'image-generation', ...AUDIO, 'models'],
    drops: OPENAI_ONLY,
    thoughts: 'reasoning',
    catalog: 'togetherai'
  }),
  openaiCompatible('fireworks', 'Fireworks AI', 'https://api.fireworks.ai/inference/v1', {
    // https://docs.fireworks.ai/tools-sdks/openai-compatibility
    offers: ['completions', 'responses', ...STORED, 'embeddings', 'models'],
    drops: OPENAI_ONLY,
    thoughts: 'content',
    catalog: 'fireworks-ai'
  }),
  openaiCompatible('cerebras', 'Cerebras', 'https://api.cerebras.ai/v1', {
    // https://inference-docs.cerebras.ai/resources/openai
    offers: ['completions', 'models'],
    maxCompletionTokens: true,
    drops: [...OPENAI_ONLY, 'top_k', 'presence_penalty', 'frequency_penalty', 'logit_bias'],
    thoughts: 'reasoning'
  }),
  openaiCompatible('nvidia', 'NVIDIA NIM', 'https://integrate.api.nvidia.com/v1', {
    // https://docs.api.nvidia.com/nim/reference/llm-apis
    offers: ['completions', 'embeddings', 'models'],
    drops: OPENAI_ONLY
  }),
  openaiCompatible('huggingface', 'Hugging Face', 'https://router.huggingface.co/v1', {
    // https://huggingface.co/docs/inference-providers
    offers: ['responses', 'models'],
    optional: ['billTo'],
    headers: ({ options }) => optionalHeader('x-hf-bill-to', options.billTo)
  }),
  openaiCompatible('deepinfra', 'DeepInfra', 'https://api.deepinfra.com/v1/openai', {
    // https://deepinfra.com/docs/openai_api
    offers: ['completions', 'embeddings', 'image-generation', 'speech', 'transcription', 'models'],
    drops: OPENAI_ONLY,
    thoughts: 'content'
  }),
  openaiCompatible('baseten', 'Baseten', 'https://inference.baseten.co/v1', {
    drops: OPENAI_ONLY,
    thoughts: 'content'
  }),
  openaiCompatible('hyperbolic', 'Hyperbolic', 'https://api.hyperbolic.xyz/v1', {
    offers: ['completions', 'models'],
    drops: OPENAI_ONLY
  }),
  openaiCompatible('sambanova', 'SambaNova', 'https://api.sambanova.ai/v1', {
    offers: ['embeddings', 'transcription', 'models'],
    drops: [...OPENAI_ONLY, 'presence_penalty', 'frequency_penalty', 'logit_bias', 'seed']
  }),
  openaiCompatible('novita', 'Novita AI', 'https://api.novita.ai/openai/v1', {
    offers: ['completions', 'embeddings', 'models'],
    drops: OPENAI_ONLY,
    thoughts: 'content',
    catalog: 'novita-ai'
  }),
  openaiCompatible('lambda', 'Lambda', 'https://api.lambda.ai/v1', {
    offers: ['completions', 'models'],
    drops: OPENAI_ONLY
  }),
  openaiCompatible('nebius', 'Nebius Token Factory', 'https://api.tokenfactory.nebius.com/v1', {
    offers: ['completions', 'embeddings', 'image-generation', 'models'],
    drops: OPENAI_ONLY
  }),
  openaiCompatible('siliconflow', 'SiliconFlow', 'https://api.siliconflow.com/v1', {
    // https://docs.siliconflow.com
    offers: ['embeddings', 'rerank', 'image-generation', 'speech', 'transcription', 'models'],
    drops: OPENAI_ONLY,
    reasoning: 'enable',
    thoughts: 'content'
  }),
  openaiCompatible('friendli', 'Friendli', 'https://api.friendli.ai/serverless/v1', {
    offers: ['completions', 'models'],
    drops: OPENAI_ONLY
  }),
  openaiCompatible('featherless', 'Featherless', 'https://api.featherless.ai/v1', {
    offers: ['completions', 'models'],
    drops: OPENAI_ONLY
  }),
  openaiCompatible('scaleway', 'Scaleway', 'https://api.scaleway.ai/v1', {
    offers: ['embeddings', 'transcription', 'models']
  }),
  openaiCompatible('github-models', 'GitHub Models', 'https://models.github.ai/inference', {
    // https://docs.github.com/rest/models/inference
    offers: ['embeddings'],
    developer: true,
    headers: () => ['x-github-api-version', '2022-11-28']
  }),
  openaiCompatible(
    'cloudflare-workers-ai',
    'Cloudflare Workers AI',
    'https://api.cloudflare.com/client/v4/accounts/{account}/ai/v1',
    {
      // https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility
      offers: ['embeddings'],
      required: ['account'],
      drops: OPENAI_ONLY
    }
  ),
  openaiCompatible('databricks', 'Databricks', 'https://{workspace}/serving-endpoints', {
    // https://docs.databricks.com/machine-learning/foundation-model-apis/api-reference
    offers: ['completions', 'embeddings'],
    required: ['workspace'],
    drops: OPENAI_ONLY
  }),
  openaiCompatible('predibase', 'Predibase', 'https://serving.app.predibase.com/{tenant}/deployments/v2/llms', {
    // https://docs.predibase.com/inference/openai
    offers: ['completions'],
    required: ['tenant'],
    prefix: model => `/${encodeURIComponent(model)}/v1`
  })
]

/** https://console.groq.com/docs/structured-outputs: some models, and not in streams. */
function groqSchemas({ model, stream }: ChatRequest): boolean {
  return !stream && /gpt-oss|kimi-k2|llama-4/.test(model)
}

/** Qwen is told "none" or "default", GPT-OSS how much; others think as they do. */
function groqEffort(model: string, effort: string): string | undefined {
  if (model.includes('qwen')) return effort === 'none' ? 'none' : 'default'
  return model.includes('gpt-oss') ? nearestEffort(effort) : undefined
}
