import { type Compatible, nearestEffort, openaiCompatible, STORED } from './compatible.js'
import type { Provider } from './provider.js'
import { type Droppable, OPENAI_ONLY } from './quirks.js'

/** https://docs.z.ai/api-reference/llm/chat-completion */
const ZHIPU: Compatible = {
  offers: ['embeddings', 'image-generation', 'speech', 'transcription'],
  drops: [
    ...OPENAI_ONLY,
    'top_k',
    'n',
    'seed',
    'presence_penalty',
    'frequency_penalty',
    'logit_bias',
    'logprobs',
    'top_logprobs',
    'parallel_tool_calls',
    'user'
  ],
  reasoning: 'switch',
  thoughts: 'content',
  schemas: false
}

/** Who makes models and serves them. */
export const makers: readonly Provider[] = [
  openaiCompatible('deepseek', 'DeepSeek', 'https://api.deepseek.com/v1', {
    // https://api-docs.deepseek.com
    drops: [...OPENAI_ONLY, 'top_k', 'n', 'seed', 'logit_bias', 'parallel_tool_calls', 'user'],
    reasoning: 'switch',
    forcedUnthinking: true, // "Thinking mode does not support this tool_choice"
    thoughts: 'content',
    schemas: false
  }),
  openaiCompatible('xai', 'xAI', 'https://api.x.ai/v1', {
    // https://docs.x.ai/docs/api-reference
    offers: ['responses', ...STORED, 'image-generation', 'image-edit', 'models'],
    maxCompletionTokens: true,
    drops: [...OPENAI_ONLY, 'top_k', 'logit_bias'],
    modelDrops: xaiDrops,
    effort: xaiEffort
  }),
  openaiCompatible('perplexity', 'Perplexity', 'https://api.perplexity.ai', {
    // https://docs.perplexity.ai/api-reference/chat-completions-post
    offers: [],
    streamsUsage: true,
    drops: [
      ...OPENAI_ONLY,
      'n',
      'seed',
      'stop',
      'logit_bias',
      'logprobs',
      'top_logprobs',
      'parallel_tool_calls',
      'user'
    ],
    effort: (model, effort) => (model.includes('deep-research') ? nearestEffort(effort) : undefined)
  }),
  openaiCompatible('moonshot', 'Moonshot AI', 'https://api.moonshot.ai/v1', {
    // https://platform.moonshot.ai/docs/api/chat
    drops: [...OPENAI_ONLY, 'top_k', 'seed', 'logit_bias', 'logprobs', 'top_logprobs', 'parallel_tool_calls', 'user'],
    reasoning: 'switch',
    thoughts: 'content',
    schemas: false,
    catalog: 'moonshotai'
  }),
  openaiCompatible('alibaba', 'Alibaba Cloud Model Studio', 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1', {
    // https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope
    offers: ['completions', 'embeddings', 'models'],
    drops: [...OPENAI_ONLY, 'frequency_penalty', 'logit_bias', 'user'],
    reasoning: 'enable',
    thoughts: 'content',
    cacheControl: true
  }),
  openaiCompatible('zhipu', 'Zhipu AI', 'https://open.bigmodel.cn/api/paas/v4', ZHIPU),
  openaiCompatible('zai', 'Z.ai', 'https://api.z.ai/api/paas/v4', ZHIPU),
  openaiCompatible('minimax', 'MiniMax', 'https://api.minimax.io/v1', {
    // https://platform.minimax.io/docs/api-reference/text-openai-api
    drops: [
      ...OPENAI_ONLY,
      'top_k',
      'n',
      'seed',
      'stop',
      'presence_penalty',
      'frequency_penalty',
      'logit_bias',
      'logprobs',
      'top_logprobs'
    ],
    reasoning: 'no',
    thoughts: 'details',
    schemas: false
  }),
  openaiCompatible('volcengine', 'Volcengine Ark', 'https://ark.cn-beijing.volces.com/api/v3', {
    // https://www.volcengine.com/docs/82379
    offers: ['responses', ...STORED, 'embeddings', 'image-generation', 'models'],
    drops: [...OPENAI_ONLY, 'top_k', 'n', 'seed', 'user'],
    reasoning: 'switch',
    thoughts: 'content'
  }),
  openaiCompatible('upstage', 'Upstage', 'https://api.upstage.ai/v1', { offers: ['embeddings', 'models'] }),
  openaiCompatible('ai21', 'AI21', 'https://api.ai21.com/studio/v1', { offers: [] }),
  openaiCompatible('stepfun', 'StepFun', 'https://api.stepfun.com/v1'),
  openaiCompatible('inception', 'Inception', 'https://api.inceptionlabs.ai/v1', { offers: ['completions', 'models'] }),
  openaiCompatible('qianfan', 'Baidu Qianfan', 'https://qianfan.baidubce.com/v2', { offers: ['embeddings', 'models'] }),
  openaiCompatible('hunyuan', 'Tencent Hunyuan', 'https://api.hunyuan.cloud.tencent.com/v1', {
    offers: ['embeddings', 'models']
  })
]

/** What those of Grok's models that think refuse: https://docs.x.ai/docs/guides/reasoning */
function xaiDrops(model: string): readonly Droppable[] {
  const thinks = /^grok-(?:[4-9]|3-mini|code)/.test(model) && !model.includes('non-reasoning')
  return thinks ? ['stop', 'presence_penalty', 'frequency_penalty'] : []
}

/** Of Grok's models those that can be told. */
function xaiEffort(model: string, effort: string): string | undefined {
  if (!model.startsWith('grok-3-mini')) return undefined
  return nearestEffort(effort) === 'high' ? 'high' : 'low'
}
