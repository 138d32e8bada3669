import { beginOutput, endOutput } from './abi'
import { CompletionView, DeltaView, PromptView, ToolCallView, UsedView } from './ai-events'
import { AiVerdict } from './ai-verdict'
import {
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

function answer(verdict: AiVerdict): i32 {
  const output = beginOutput()
  verdict.encode(output)
  return endOutput()
}

/** As in hooks.ts: nothing goes on unchecked. */
function malformed(message: string): void {
  throw new Error('the input is not a ' + message)
}
