import type { ChatResponse, Choice, ToolCallPart } from '../../ai/chat.js'
import type { Reply } from '../../base/http.js'
import { CompletionInput, MessageEditOp, ToolCallInput } from '../../plugin-host/abi.js'
import { eachPolicy, type HookCall, hasHook } from './hooks.js'
import { answered, callOf, messageOfChoice } from './plugin-messages.js'
import { usageForPlugins } from './plugin-usage.js'

/** Who has answered. */
export interface Answering {
  readonly account: { readonly name: string }
  readonly model: string
}

/** Whether a whole answer has to be read for policies. */
export function looksAtAnswers(call: HookCall): boolean {
  return hasHook(call, 'on_tool_call', 'on_completion')
}

/** What policies made of a whole answer. */
export interface Judged {
  readonly reply: Reply | undefined
  /** The choices of the answer that were changed. */
  readonly changed: ReadonlySet<Choice>
  /** Log probabilities told of a text that was changed: they are left out. */
  readonly withoutLogprobs: boolean
}

/** Shows a whole answer to policies; what they change, they change in `response`. */
export async function answerPolicies(call: HookCall, target: Answering, response: ChatResponse): Promise<Judged> {
  const changed = new Set<Choice>()
  const judged = (reply: Reply | undefined): Judged => {
    const withoutLogprobs = [...changed].filter(withoutThem).length > 0
    return { reply, changed, withoutLogprobs }
  }
  for (const choice of response.choices) {
    for (const part of [...choice.content]) {
      if (part.type !== 'tool_call') continue
      const outcome = await toolCall(call, choice.index, part)
      if (outcome === 'same') continue
      if (typeof outcome === 'object') return judged(outcome)
      changed.add(choice)
      if (outcome === 'dropped') choice.content.splice(choice.content.indexOf(part), 1)
    }
    endWithoutCalls(choice)
  }
  const reply = await eachPolicy('on_completion', call, {
    input: () => completionInput(target, response),
    apply: ({ messages, stop }) => {
      for (const { op, at, message, stop: alone } of messages) {
        const choice = response.choices[at]
        if (op !== MessageEditOp.REPLACE || choice === undefined || !message) continue
        choice.content = answered(message, choice.content)
        endWithoutCalls(choice)
        if (stop || alone) choice.finish_reason = 'content_filter'
        changed.add(choice)
      }
    }
  })
  return judged(reply)
}

/** Who is told that there are calls waits for them. */
function endWithoutCalls(choice: Choice): void {
  const left = choice.content.some(({ type }) => type === 'tool_call')
  if (choice.finish_reason === 'tool_calls' && !left) choice.finish_reason = 'stop'
}

/** @returns whether there were any */
function withoutThem(choice: Choice): boolean {
  const { logprobs } = choice
  delete choice.logprobs
  return logprobs !== undefined
}

async function toolCall(
  call: HookCall,
  index: number,
  part: ToolCallPart
): Promise<'same' | 'changed' | 'dropped' | Reply> {
  let outcome: 'same' | 'changed' | 'dropped' = 'same'
  const reply = await eachPolicy('on_tool_call', call, {
    input: () => ToolCallInput.encode({ index, call: callOf(part) }).finish(),
    apply: ({ drop, arguments: text }) => {
      if (drop) outcome = 'dropped'
      else if (text !== null) {
        part.arguments = text
        outcome = 'changed'
      }
    },
    over: () => outcome === 'dropped'
  })
  return reply ?? outcome
}

function completionInput({ account, model }: Answering, response: ChatResponse): Uint8Array {
  return CompletionInput.encode({
    provider: account.name,
    model: response.model || model,
    choices: response.choices.map(choice => ({ message: messageOfChoice(choice), finishReason: choice.finish_reason })),
    usage: response.usage && usageForPlugins(response.usage),
    streamed: false
  }).finish()
}
