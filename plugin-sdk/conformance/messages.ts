import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'

/** The repository: this file runs as build/plugin-sdk/conformance/messages.js. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const source = readFileSync(`${ROOT}plugin-sdk/proto/sluice/v1/policy.proto`, 'utf8')
const namespace = protobuf.parse(source).root.resolveAll().lookup('sluice.v1')

/** A message in the JSON mapping of protobuf (proto3): lowerCamelCase names, bytes as base64, 64-bit integers as strings. */
export type Json = Record<string, unknown>

/** What each hook gets and answers. */
const MESSAGES: Readonly<Record<string, readonly [input: string, answer: string]>> = {
  on_configure: ['ConfigureInput', 'ConfigureResult'],
  on_request: ['RequestInput', 'Verdict'],
  on_request_body: ['RequestInput', 'Verdict'],
  on_response: ['ResponseInput', 'Verdict'],
  on_response_body: ['ResponseInput', 'Verdict'],
  on_error: ['ErrorInput', 'Verdict'],
  on_log: ['LogInput', 'Verdict'],
  on_tick: ['TickInput', 'Verdict'],
  on_effect: ['EffectInput', 'Verdict'],
  on_prompt: ['PromptInput', 'AiVerdict'],
  on_delta: ['DeltaInput', 'AiVerdict'],
  on_tool_call: ['ToolCallInput', 'AiVerdict'],
  on_completion: ['CompletionInput', 'AiVerdict'],
  on_usage: ['UsageInput', 'AiVerdict'],
  on_ai_effect: ['AiEffectInput', 'AiVerdict']
}

/** Every hook of the contract. */
export const ALL_HOOKS: readonly string[] = Object.keys(MESSAGES)

/** What a hook gets. @throws Error when there is no such hook */
export function inputType(hook: string): protobuf.Type {
  return typeNamed(messagesOf(hook)[0])
}

/** What a hook answers. @throws Error when there is no such hook */
export function answerType(hook: string): protobuf.Type {
  return typeNamed(messagesOf(hook)[1])
}

/** @throws Error naming a field that the message does not have */
export function encode(type: protobuf.Type, value: Json): Uint8Array {
  checkNames(type, value, type.name)
  return type.encode(type.fromObject(value)).finish()
}

/**
 * The message in `bytes`. What has its default is left out; an optional field that is set is there, also when it is empty.
 * @throws Error when the bytes are malformed
 */
export function decode(type: protobuf.Type, bytes: Uint8Array): Json {
  return type.toObject(type.decode(bytes), { bytes: String, enums: String, longs: String })
}

/** As a message says it: without the parts that say nothing. Elements of lists stay. */
export function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruned)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, each]) => [name, pruned(each)] as const)
  return Object.fromEntries(entries.filter(([, each]) => !saysNothing(each)))
}

function saysNothing(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return value === '' || value === 0 || value === '0' || value === false
}

function messagesOf(hook: string): readonly [string, string] {
  const found = Object.hasOwn(MESSAGES, hook) ? MESSAGES[hook] : undefined
  if (found === undefined) throw new Error(`there is no hook "${hook}"; hooks are ${ALL_HOOKS.join(', ')}`)
  return found
}

function typeNamed(name: string): protobuf.Type {
  const found = namespace instanceof protobuf.Namespace ? namespace.lookupType(name) : undefined
  if (found === undefined) throw new Error(`policy.proto has no message ${name}`)
  return found
}

/** protobufjs passes over names it does not know: a case with a mistake in it would test nothing. */
function checkNames(type: protobuf.Type, value: unknown, where: string): void {
  if (typeof value !== 'object' || value === null) throw new Error(`${where}: expected an object`)
  for (const [name, each] of Object.entries(value)) {
    const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined
    if (field === undefined) {
      throw new Error(`${where} has no field "${name}"; it has ${Object.keys(type.fields).join(', ')}`)
    }
    const nested = field.resolve().resolvedType
    if (!(nested instanceof protobuf.Type)) continue
    for (const item of field.repeated && Array.isArray(each) ? each : [each])
      checkNames(nested, item, `${where}.${name}`)
  }
}
