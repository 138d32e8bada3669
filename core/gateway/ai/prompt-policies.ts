import type { ChatRequest } from '../../ai/chat.js'
import type { JsonObject } from '../../ai/members.js'
import type { ProviderTool } from '../../ai/provider-tool.js'
import type { Reply } from '../../base/http.js'
import { type AiVerdict, PromptInput } from '../../plugin-host/abi.js'
import { eachPolicy, type HookCall, hasHook } from './hooks.js'
import {
  applyToChat,
  changesChat,
  messagesOf,
  parametersOf,
  providerToolOf,
  toolOf,
  VARIABLES
} from './plugin-messages.js'

/** A chat on its way, as far as it concerns those who may change it. */
export interface PromptCall extends HookCall {
  /** The model that is asked for. */
  model: string
  /** What policies made of the chat; undefined: they left it as it came. */
  edited: ChatRequest | undefined
  /** What they changed of it, in order: a chat that is read anew has to be changed alike. */
  readonly changes: AiVerdict[]
  readonly stream: boolean
  /** Of a call of a prompt, what its caller put into it: they may stand in messages that are the operator's. */
  readonly variables?: JsonObject | undefined
  seen(): ChatRequest
  /** Tools the provider runs itself, but for those that `changes` took out. */
  providerTools(): readonly ProviderTool[]
  promptTokens(chat: ChatRequest): number
}

/**
 * What policies say of a prompt, before anybody is asked to answer it. One they changed is written anew; one they left alone goes out as it
 * came.
 * @returns the reply of a policy that answers itself
 */
export async function promptPolicies(call: PromptCall): Promise<Reply | undefined> {
  if (!hasHook(call, 'on_prompt')) return undefined
  const chat = call.seen()
  return eachPolicy('on_prompt', call, {
    input: () => PromptInput.encode({ prompt: promptOf(call, chat) }).finish(),
    apply: verdict => {
      applyToChat(chat, verdict)
      if (verdict.model !== null) call.model = verdict.model
      if (!changesChat(verdict)) return
      call.changes.push(verdict)
      call.edited = chat
    }
  })
}

function promptOf(call: PromptCall, chat: ChatRequest) {
  const { model, stream, promptTokens, variables } = call
  return {
    operation: 'chat',
    model,
    messages: messagesOf(chat),
    tools: [...(chat.tools ?? []).map(toolOf), ...call.providerTools().map(providerToolOf)],
    parameters: JSON.stringify({ ...parametersOf(chat), ...(variables && { [VARIABLES]: variables }) }),
    stream,
    estimatedTokens: promptTokens(chat)
  }
}
