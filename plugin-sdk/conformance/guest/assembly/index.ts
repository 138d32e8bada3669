import {
  AiVerdict,
  CompletionView,
  DeltaView,
  EffectAnswers,
  ErrorView,
  Json,
  LogView,
  onAiEffect,
  onCompletion,
  onConfigure,
  onDelta,
  onEffect,
  onError,
  onLogAsk,
  onPrompt,
  onRequest,
  onRequestBody,
  onResponse,
  onResponseBody,
  onTick,
  onToolCall,
  onUsage,
  PromptView,
  RequestView,
  ResponseView,
  TickView,
  ToolCallView,
  UsedView,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { verdictOf } from './answer'
import { aiVerdictOf } from './answer-ai'
import { resultsOf } from './calls'
import { putJson } from './fields'
import { begin, scriptOf } from './script'
import { errorInput, logInput, requestInput, responseInput, tickInput, withAnswers } from './see'
import { completionInput, deltaInput, promptInput, toolCallInput, usageInput } from './see-ai'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, begin)
}
export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, request)
}
export function on_request_body(ptr: i32, len: i32): i32 {
  return onRequestBody(ptr, len, requestBody)
}
export function on_response(ptr: i32, len: i32): i32 {
  return onResponse(ptr, len, response)
}
export function on_response_body(ptr: i32, len: i32): i32 {
  return onResponseBody(ptr, len, responseBody)
}
export function on_error(ptr: i32, len: i32): i32 {
  return onError(ptr, len, error)
}
export function on_log(ptr: i32, len: i32): i32 {
  return onLogAsk(ptr, len, log)
}
export function on_tick(ptr: i32, len: i32): i32 {
  return onTick(ptr, len, tick)
}
export function on_effect(ptr: i32, len: i32): i32 {
  return onEffect(ptr, len, requestEffect, responseEffect)
}
export function on_prompt(ptr: i32, len: i32): i32 {
  return onPrompt(ptr, len, prompt)
}
export function on_delta(ptr: i32, len: i32): i32 {
  return onDelta(ptr, len, delta)
}
export function on_tool_call(ptr: i32, len: i32): i32 {
  return onToolCall(ptr, len, toolCall)
}
export function on_completion(ptr: i32, len: i32): i32 {
  return onCompletion(ptr, len, completion)
}
export function on_usage(ptr: i32, len: i32): i32 {
  return onUsage(ptr, len, usage)
}
export function on_ai_effect(ptr: i32, len: i32): i32 {
  return onAiEffect(ptr, len, promptEffect, deltaEffect, toolCallEffect, completionEffect)
}

function request(view: RequestView): Verdict {
  return act('on_request', requestInput(view))
}
function requestBody(view: RequestView): Verdict {
  return act('on_request_body', requestInput(view))
}
function response(view: ResponseView): Verdict {
  return act('on_response', responseInput(view))
}
function responseBody(view: ResponseView): Verdict {
  return act('on_response_body', responseInput(view))
}
function error(view: ErrorView): Verdict {
  return act('on_error', errorInput(view))
}
function log(view: LogView): Verdict {
  return act('on_log', logInput(view))
}
function tick(view: TickView): Verdict {
  return act('on_tick', tickInput(view))
}
function requestEffect(view: RequestView, answers: EffectAnswers): Verdict {
  return act('on_effect', withAnswers(requestInput(view), answers))
}
function responseEffect(view: ResponseView, answers: EffectAnswers): Verdict {
  return act('on_effect', withAnswers(responseInput(view), answers))
}
function prompt(view: PromptView): AiVerdict {
  return actAi('on_prompt', promptInput(view))
}
function delta(view: DeltaView): AiVerdict {
  return actAi('on_delta', deltaInput(view))
}
function toolCall(view: ToolCallView): AiVerdict {
  return actAi('on_tool_call', toolCallInput(view))
}
function completion(view: CompletionView): AiVerdict {
  return actAi('on_completion', completionInput(view))
}
function usage(view: UsedView): AiVerdict {
  return actAi('on_usage', usageInput(view))
}
function promptEffect(view: PromptView, answers: EffectAnswers): AiVerdict {
  return actAi('on_ai_effect', withAnswers(asked('prompt', promptInput(view)), answers))
}
function deltaEffect(view: DeltaView, answers: EffectAnswers): AiVerdict {
  return actAi('on_ai_effect', withAnswers(asked('delta', deltaInput(view)), answers))
}
function toolCallEffect(view: ToolCallView, answers: EffectAnswers): AiVerdict {
  return actAi('on_ai_effect', withAnswers(asked('toolCall', toolCallInput(view)), answers))
}
function completionEffect(view: CompletionView, answers: EffectAnswers): AiVerdict {
  return actAi('on_ai_effect', withAnswers(asked('completion', completionInput(view)), answers))
}

/** The input of the hook that asked, where AiEffectInput has it. */
function asked(field: string, input: Json): Json {
  const json = Json.object()
  putJson(json, field, input)
  return json
}

/** Does what the script of the hook says; tells what it saw and what host functions answered by two tags. */
function act(hook: string, seen: Json): Verdict {
  const script = scriptOf(hook)
  const verdict = verdictOf(script.get('answer'))
  if (script.has('calls')) verdict.tag('results', resultsOf(script.get('calls')).toString())
  if (script.get('see').asBool()) verdict.tag('seen', seen.toString())
  return verdict
}

function actAi(hook: string, seen: Json): AiVerdict {
  const script = scriptOf(hook)
  const verdict = aiVerdictOf(script.get('answer'))
  if (script.has('calls')) verdict.tag('results', resultsOf(script.get('calls')).toString())
  if (script.get('see').asBool()) verdict.tag('seen', seen.toString())
  return verdict
}
