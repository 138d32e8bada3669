import { Buffer } from 'node:buffer'
import { failureOf } from '../../ai/failure-of.js'
import { inputTokens } from '../../ai/responses-store/endpoints.js'
import { preloadEncoding } from '../../ai/tokens/encoding.js'
import { tokenFamily } from '../../ai/tokens/family.js'
import { GatewayError } from '../../base/errors.js'
import type { Reply } from '../../base/http.js'
import type { AiCall } from './call.js'
import { refuseDuplicates } from './duplicates.js'
import { hasHook } from './hooks.js'
import { ownerOf } from './owner.js'
import { promptPolicies } from './prompt-policies.js'
import { NotAnswered } from './refused.js'
import { firstAnswer } from './targets.js'

/** How many tokens a prompt has: as the provider counts, or as they are counted here where it has no way to say. */
export async function tokenCount(call: AiCall): Promise<Reply> {
  try {
    // What may not go to a provider to be answered may not go there to be counted either.
    if (hasHook(call, 'on_prompt')) {
      refuseDuplicates(call.asked)
      if (call.ai.endpoint.operation === 'response-input-tokens') return await counted(call)
      const early = await promptPolicies(call)
      if (early !== undefined) return early
    }
    return await firstAnswer(call)
  } catch (thrown) {
    if (!cannot(thrown)) throw thrown
    return counted(call)
  }
}

/** The provider has no such endpoint. */
function cannot(thrown: unknown): boolean {
  if (thrown instanceof NotAnswered) {
    const { code, kind } = thrown.failure
    return code === 'GW_AI_UNSUPPORTED' || kind === 'not_found'
  }
  return thrown instanceof GatewayError && failureOf(thrown).code === 'GW_AI_UNSUPPORTED'
}

async function counted(call: AiCall): Promise<Reply> {
  const { ai, asked, runtime, exchange } = call
  ai.counted = true
  // Elsewhere an estimate will do; here the number is the answer.
  await preloadEncoding(tokenFamily(asked.model).encoding).catch(() => undefined)
  const count = (chat: Parameters<typeof runtime.inputTokens>[0]) => runtime.inputTokens(chat)
  const body =
    ai.endpoint.operation === 'response-input-tokens'
      ? await inputTokens(runtime.kept.memory.responses, ownerOf(exchange), asked.json, call.hints, count)
      : ai.dialect.countTokens?.writeResponse(count(call.chat()))
  return { status: 200, headers: ['content-type', 'application/json'], body: Buffer.from(JSON.stringify(body ?? {})) }
}
