import type { Reply } from '../../base/http.js'
import { cachedAnswer } from './cached-answer.js'
import type { AiCall } from './call.js'
import { refuseDuplicates } from './duplicates.js'
import { hasHook } from './hooks.js'
import { asksNothing } from './model-load.js'
import { promptPolicies } from './prompt-policies.js'
import { remembered } from './remember.js'
import { withConversation } from './responses.js'
import { firstAnswer } from './targets.js'

/**
 * A chat: policies have a look at it, then it is answered from what is kept, or by a model.
 * @throws Refusal GW_AI_REQUEST_INVALID
 */
export function chatReply(call: AiCall): Promise<Reply> {
  const around = call.options.cache !== undefined || call.ai.dialect.name === 'openai-responses'
  return around || hasHook(call, 'on_prompt') ? considered(call) : firstAnswer(call)
}

async function considered(call: AiCall): Promise<Reply> {
  if (hasHook(call, 'on_prompt')) refuseDuplicates(call.asked)
  if (call.ai.dialect.name === 'openai-responses') await withConversation(call)
  if (hasHook(call, 'on_prompt')) {
    const early = await promptPolicies(call)
    if (early !== undefined) return early
  }
  const { cache } = call.options
  const reply = cache === undefined || asksNothing(call) ? await firstAnswer(call) : await cachedAnswer(call, cache)
  return call.ai.dialect.name === 'openai-responses' && reply.status === 200 ? remembered(call, reply) : reply
}
