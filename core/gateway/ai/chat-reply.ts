import { duplicateName } from '../../ai/duplicate-names.js'
import type { Reply } from '../../base/http.js'
import { Refusal } from '../../base/refusal.js'
import { cachedAnswer } from './cached-answer.js'
import type { AiCall } from './call.js'
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
  if (hasHook(call, 'on_prompt')) refuseDuplicates(call)
  if (call.ai.dialect.name === 'openai-responses') await withConversation(call)
  if (hasHook(call, 'on_prompt')) {
    const early = await promptPolicies(call)
    if (early !== undefined) return early
  }
  const { cache } = call.options
  const reply = cache === undefined || asksNothing(call) ? await firstAnswer(call) : await cachedAnswer(call, cache)
  return call.ai.dialect.name === 'openai-responses' && reply.status === 200 ? remembered(call, reply) : reply
}

/** What policies look at has to be what the provider reads: of a name that is there twice the two may take different values. */
function refuseDuplicates({ asked }: AiCall): void {
  const path = duplicateName(asked.raw)
  if (path === undefined) return
  const shown = path.length > SHOWN_PATH ? `${path.slice(0, SHOWN_PATH)}…` : path
  const detail = `${shown}: the name is there twice in its object; expected it once`
  throw new Refusal('GW_AI_REQUEST_INVALID', detail, [], { param: shown, detail })
}

/** Of a path, characters: names are the client's. */
const SHOWN_PATH = 200
