import { Buffer } from 'node:buffer'
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

/**
 * The messages in the JSON mapping of protobuf (lowerCamelCase names, bytes as base64), for plain Extism plugins whose language
 * has JSON at hand and no protobuf. Slower: every input is decoded and written anew.
 */

const INPUTS = {
  on_configure: ConfigureInput,
  on_request: RequestInput,
  on_request_body: RequestInput,
  on_response: ResponseInput,
  on_response_body: ResponseInput,
  on_error: ErrorInput,
  on_log: LogInput,
  on_tick: TickInput,
  on_effect: EffectInput,
  on_prompt: PromptInput,
  on_delta: DeltaInput,
  on_tool_call: ToolCallInput,
  on_completion: CompletionInput,
  on_usage: UsageInput,
  on_ai_effect: AiEffectInput
} as const

/** Names of fields that are bytes, in every message a plugin answers with. */
const BYTES = new Set(['body', 'state', 'value', 'expected'])
/** Under these, "value" is text: a header edit's. */
const TEXTUAL = new Set(['headers', 'responseHeaders'])

export function inputAsJson(hook: Hook, bytes: Uint8Array): Uint8Array {
  return Buffer.from(JSON.stringify(INPUTS[hook].decode(bytes), (_key, value: unknown) => asBase64(value)))
}

/** Node's Buffers have a toJSON that comes before the replacer. */
function asBase64(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'Buffer') return value
  return 'data' in value && Array.isArray(value.data) ? Buffer.from(value.data).toString('base64') : value
}

/** @throws PluginFault output */
export function outputFromJson(hook: Hook, output: Uint8Array): Uint8Array {
  if (output.length === 0) return output
  try {
    const value = withBytes(JSON.parse(Buffer.from(output).toString('utf8')), false)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not an object')
    return codecOf(hook).encode(value).finish()
  } catch (thrown) {
    throw new PluginFault(
      'output',
      `its answer is not the JSON of a verdict: ${thrown instanceof Error ? thrown.message : thrown}`
    )
  }
}

function codecOf(hook: Hook): { encode(value: object): { finish(): Uint8Array } } {
  if (hook === 'on_configure') return ConfigureResult
  return isAiHook(hook) || hook === 'on_ai_effect' ? AiVerdict : Verdict
}

function withBytes(value: unknown, textual: boolean): unknown {
  if (Array.isArray(value)) return value.map(each => withBytes(each, textual))
  if (typeof value !== 'object' || value === null) return value
  const result: Record<string, unknown> = Object.create(null)
  for (const [key, each] of Object.entries(value)) {
    const isBytes = typeof each === 'string' && BYTES.has(key) && !textual
    result[key] = isBytes ? Buffer.from(each, 'base64') : withBytes(each, TEXTUAL.has(key))
  }
  return result
}
