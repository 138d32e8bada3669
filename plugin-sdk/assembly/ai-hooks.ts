import { beginOutput, endOutput } from './abi'
import { CompletionView, DeltaView, PromptView, ToolCallView, UsedView } from './ai-events'
import { AiVerdict } from './ai-verdict'
import { EffectAnswers } from './answers'
import {
  AiEffectInputReader,
  CompletionInputReader,
  DeltaInputReader,
  PromptInputReader,
  ToolCallInputReader,
  UsageInputReader
} from './gen/policy'

// As in hooks.ts, one of each, and only in plugins that have the hook.
// @ts-ignore: decorator
@lazy const promptInput = new PromptInputReader()
// @ts-ignore: decorator
@lazy const deltaInput = new DeltaInputReader()
// @ts-ignore: decorator
@lazy const toolCallInput = new ToolCallInputReader()
// @ts-ignore: decorator
@lazy const completionInput = new CompletionInputReader()
// @ts-ignore: decorator
@lazy const usageInput = new UsageInputReader()
// @ts-ignore: decorator
@lazy const prompt = new PromptView(promptInput)
// @ts-ignore: decorator
@lazy const delta = new DeltaView(deltaInput)
// @ts-ignore: decorator
@lazy const toolCall = new ToolCallView(toolCallInput)
// @ts-ignore: decorator
@lazy const completion = new CompletionView(completionInput)
// @ts-ignore: decorator
@lazy const used = new UsedView(usageInput)

// @ts-ignore: decorator
@lazy const effectInput = new AiEffectInputReader()
// @ts-ignore: decorator
@lazy const answers = new EffectAnswers(effectInput.hook, effectInput.answers)
// @ts-ignore: decorator
@lazy const askingPrompt = new PromptView(effectInput.prompt)
// @ts-ignore: decorator
@lazy const askingDelta = new DeltaView(effectInput.delta)
// @ts-ignore: decorator
@lazy const askingToolCall = new ToolCallView(effectInput.toolCall)
// @ts-ignore: decorator
@lazy const askingCompletion = new CompletionView(effectInput.completion)

/** The body of on_prompt: `check` sees what the client asks of the model, before a target is chosen. */
export function onPrompt(ptr: i32, len: i32, check: (prompt: PromptView) => AiVerdict): i32 {
  if (!promptInput.decode(<usize>ptr, len)) malformed('PromptInput')
  return answer(check(prompt))
}

/** The body of on_delta: `check` sees one whole event of a stream. */
export function onDelta(ptr: i32, len: i32, check: (delta: DeltaView) => AiVerdict): i32 {
  if (!deltaInput.decode(<usize>ptr, len)) malformed('DeltaInput')
  return answer(check(delta))
}

/** The body of on_tool_call: `check` sees a whole tool call of the model, before the client gets it. */
export function onToolCall(ptr: i32, len: i32, check: (call: ToolCallView) => AiVerdict): i32 {
  if (!toolCallInput.decode(<usize>ptr, len)) malformed('ToolCallInput')
  return answer(check(toolCall))
}

/** The body of on_completion: `check` sees the whole answer; after a stream it can only tag and log. */
export function onCompletion(ptr: i32, len: i32, check: (completion: CompletionView) => AiVerdict): i32 {
  if (!completionInput.decode(<usize>ptr, len)) malformed('CompletionInput')
  return answer(check(completion))
}

/** The body of on_usage: `use` sees what the exchange used, once. */
export function onUsage(ptr: i32, len: i32, use: (used: UsedView) => AiVerdict): i32 {
  if (!usageInput.decode(<usize>ptr, len)) malformed('UsageInput')
  return answer(use(used))
}

/**
 * The body of on_ai_effect: the answers to what an AI hook asked for, with the view that hook had. Of the functions that one is called whose
 * hook asked; those of hooks that never ask are left out (null).
 */
export function onAiEffect(
  ptr: i32,
  len: i32,
  prompt: ((prompt: PromptView, answers: EffectAnswers) => AiVerdict) | null,
  delta: ((delta: DeltaView, answers: EffectAnswers) => AiVerdict) | null = null,
  toolCall: ((call: ToolCallView, answers: EffectAnswers) => AiVerdict) | null = null,
  completion: ((completion: CompletionView, answers: EffectAnswers) => AiVerdict) | null = null
): i32 {
  if (!effectInput.decode(<usize>ptr, len)) malformed('AiEffectInput')
  if (effectInput.hasPrompt && prompt !== null) return answer(prompt(askingPrompt, answers))
  if (effectInput.hasDelta && delta !== null) return answer(delta(askingDelta, answers))
  if (effectInput.hasToolCall && toolCall !== null) return answer(toolCall(askingToolCall, answers))
  if (effectInput.hasCompletion && completion !== null) return answer(completion(askingCompletion, answers))
  throw new Error('onAiEffect was given no function for answers to what ' + answers.hook + ' asked')
}

function answer(verdict: AiVerdict): i32 {
  const output = beginOutput()
  verdict.encode(output)
  return endOutput()
}

/** As in hooks.ts: nothing goes on unchecked. */
function malformed(message: string): void {
  throw new Error('the input is not a ' + message)
}
