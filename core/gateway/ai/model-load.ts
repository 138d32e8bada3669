import { Buffer } from 'node:buffer'
import { dateOf } from '../../ai/dialects/ollama/reply.js'
import type { JsonObject } from '../../ai/members.js'
import type { Reply } from '../../base/http.js'
import type { AiCall } from './call.js'
import type { Target } from './runtime.js'

/**
 * Ollama's clients ask nothing to have a model loaded, and unloaded with `keep_alive` 0: https://docs.ollama.com/api/generate#load-a-model.
 * Only Ollama has something to load; to ask another would be a completion that somebody pays for.
 */
export function asksNothing({ ai: { dialect, endpoint }, asked: { json } }: AiCall): boolean {
  if (endpoint.operation !== 'chat') return false
  if (dialect.name === 'ollama-generate') return (json.prompt ?? '') === ''
  return dialect.name === 'ollama-chat' && (!Array.isArray(json.messages) || json.messages.length === 0)
}

/** What Ollama would say; undefined: the target is one, or something is asked. */
export function loadReply(call: AiCall, { account, model }: Target): Reply | undefined {
  const { name } = call.ai.dialect
  if (!asksNothing(call) || account.dialects('chat', model).includes(name)) return undefined
  const said = name === 'ollama-generate' ? { response: '' } : { message: { role: 'assistant', content: '' } }
  const done_reason = isZero(call.asked.json.keep_alive) ? 'unload' : 'load'
  return json({ model: call.asked.model, created_at: dateOf(0), ...said, done: true, done_reason })
}

/** Seconds, or a duration ("0s"). */
function isZero(keepAlive: unknown): boolean {
  return keepAlive === 0 || (typeof keepAlive === 'string' && /^0+[a-z]*$/.test(keepAlive))
}

function json(body: JsonObject): Reply {
  const headers = ['content-type', 'application/json']
  return { status: 200, headers, body: Buffer.from(`${JSON.stringify(body)}\n`) }
}
