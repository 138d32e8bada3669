import type { ChatRequest } from '../../ai/chat.js'
import type { Reply } from '../../base/http.js'
import { PromptInput } from '../../plugin-host/abi.js'
import type { AiCall } from './call.js'
import { eachPolicy, hasHook } from './hooks.js'
import { applyToChat, changesChat, messageOf, parametersOf, toolOf } from './plugin-messages.js'

/**
 * What policies say of a prompt, before anybody is asked to answer it. One they changed is written anew; one they left alone goes out as it
 * came.
 * @returns the reply of a policy that answers itself
 */
export async function promptPolicies(call: AiCall): Promise<Reply | undefined> {
  if (call.ai.endpoint.operation !== 'chat' || !hasHook(call, 'on_prompt')) return undefined
  const chat = call.chat()
  return eachPolicy('on_prompt', call, {
    input: () => PromptInput.encode({ prompt: promptOf(call, chat) }).finish(),
    apply: verdict => {
      applyToChat(chat, verdict)
      if (verdict.model !== null) call.model = verdict.model
      if (changesChat(verdict)) call.edited = chat
    }
  })
}

function promptOf({ model, asked, runtime }: AiCall, chat: ChatRequest) {
  return {
    operation: 'chat',
    model,
    messages: chat.messages.map(messageOf),
    tools: (chat.tools ?? []).map(toolOf),
    parameters: JSON.stringify(parametersOf(chat)),
    stream: asked.stream,
    estimatedTokens: runtime.inputTokens(chat, asked.raw.length)
  }
}
