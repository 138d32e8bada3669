import { Buffer, isUtf8 } from 'node:buffer'
import { type Hook, isAiHook } from '../base/hooks.js'
import {
  AiEffectInput,
  AiVerdict,
  CompletionInput,
  ConfigureInput,
  ConfigureResult,
  DeltaInput,
  EffectInput,
  ErrorInput,
  LogInput,
  PromptInput,
  RequestInput,
  ResponseInput,
  TickInput,
  ToolCallInput,
  UsageInput,
  Verdict
} from './abi.js'
import { PluginFault } from './fault.js'
import { fromJson, type Members, toJson } from './json-mapping.js'

/**
 * The messages in the JSON mapping of protobuf, for plain Extism plugins whose language has JSON at hand and no protobuf. Slower:
 * every input is decoded and written anew.
 */

const INPUTS = {
  on_configure: 'ConfigureInput',
  on_request: 'RequestInput',
  on_request_body: 'RequestInput',
  on_response: 'ResponseInput',
  on_response_body: 'ResponseInput',
  on_error: 'ErrorInput',
  on_log: 'LogInput',
  on_tick: 'TickInput',
  on_effect: 'EffectInput',
  on_prompt: 'PromptInput',
  on_delta: 'DeltaInput',
  on_tool_call: 'ToolCallInput',
  on_completion: 'CompletionInput',
  on_usage: 'UsageInput',
  on_ai_effect: 'AiEffectInput'
} as const

const CODECS = {
  AiEffectInput,
  AiVerdict,
  CompletionInput,
  ConfigureInput,
  ConfigureResult,
  DeltaInput,
  EffectInput,
  ErrorInput,
  LogInput,
  PromptInput,
  RequestInput,
  ResponseInput,
  TickInput,
  ToolCallInput,
  UsageInput,
  Verdict
}

export function inputAsJson(hook: Hook, bytes: Uint8Array): Uint8Array {
  return Buffer.from(JSON.stringify(toJson(INPUTS[hook], decodedInput(hook, bytes))))
}

/** What a hook got. @throws Error for other bytes */
export function decodedInput(hook: Hook, bytes: Uint8Array): Members {
  return { ...CODECS[INPUTS[hook]].decode(bytes) }
}

/** What a hook answered. @throws Error for other bytes */
export function decodedOutput(hook: Hook, bytes: Uint8Array): Members {
  return { ...CODECS[answerTo(hook)].decode(bytes) }
}

/** @throws PluginFault output */
export function outputFromJson(hook: Hook, output: Uint8Array): Uint8Array {
  if (output.length === 0) return output
  try {
    if (!isUtf8(output)) throw new Error('it is not UTF-8')
    const name = answerTo(hook)
    return CODECS[name].encode(fromJson(name, JSON.parse(Buffer.from(output).toString('utf8')))).finish()
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : thrown
    throw new PluginFault('output', `its answer is not the JSON of a verdict: ${why}`)
  }
}

function answerTo(hook: Hook): 'ConfigureResult' | 'AiVerdict' | 'Verdict' {
  if (hook === 'on_configure') return 'ConfigureResult'
  return isAiHook(hook) || hook === 'on_ai_effect' ? 'AiVerdict' : 'Verdict'
}
