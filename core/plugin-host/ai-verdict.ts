import type { AiHook } from '../base/hooks.js'
import { AiVerdict, MessageEditOp } from './abi.js'
import { PluginFault } from './fault.js'
import type { Grants } from './permissions.js'
import { checkBeside, type Judged } from './verdict.js'

const MAX_EDITS = 1_024
const MAX_TOOLS = 256
const MAX_MODEL_CHARACTERS = 256
/** What one plugin may hold back of a stream, characters. */
const MAX_HELD = 65_536
const ROLES: ReadonlySet<string> = new Set(['system', 'developer', 'user', 'assistant', 'tool'])
const OPS: ReadonlySet<number> = new Set([MessageEditOp.REPLACE, MessageEditOp.INSERT, MessageEditOp.REMOVE])

/**
 * Reads what an AI hook answered and checks every part of it against the binding's grants.
 * @throws PluginFault output: not a verdict; denied: more than granted, or not for this hook
 */
export function readAiVerdict(bytes: Uint8Array, { grants, hooks }: Judged, hook: AiHook): AiVerdict {
  const verdict = decode(bytes)
  if (verdict.verdict !== null && verdict.verdict !== undefined) {
    const mayAsk = hook !== 'on_usage' && hooks.includes('on_ai_effect')
    checkBeside(verdict.verdict, grants, mayAsk)
  }
  if (changesPrompt(verdict)) {
    if (hook !== 'on_prompt') throw denied(`${hook} cannot change the prompt`)
    if (grants.prompt !== 'write') throw denied('changing the prompt is not granted')
    checkPrompt(verdict)
  }
  if (verdict.messages.length > 0) checkMessages(verdict, grants, hook)
  if (changesDelta(verdict)) {
    const stops = hook === 'on_completion' && verdict.text === null && verdict.hold === null
    if (hook !== 'on_delta' && !stops) throw denied(`${hook} has no text to change, hold or stop`)
    if (grants.answer !== 'write') throw denied('changing the answer is not granted')
    if ((verdict.hold?.length ?? 0) > MAX_HELD) throw denied(`it holds back more than ${MAX_HELD} characters`)
  }
  if (verdict.arguments !== null || verdict.drop) {
    if (hook !== 'on_tool_call' && !(hook === 'on_delta' && verdict.arguments === null)) {
      throw denied(`${hook} has no tool call to change or drop`)
    }
    if (grants.answer !== 'write') throw denied('changing the answer is not granted')
  }
  if (hook === 'on_usage' && verdict.verdict?.reply) throw denied('on_usage is too late for a reply')
  return verdict
}

function decode(bytes: Uint8Array): AiVerdict {
  try {
    return AiVerdict.decode(bytes)
  } catch (thrown) {
    throw new PluginFault('output', `its verdict cannot be read: ${thrown instanceof Error ? thrown.message : thrown}`)
  }
}

function changesPrompt({ model, parameters, removeTools, addTools }: AiVerdict): boolean {
  return model !== null || parameters !== null || removeTools.length + addTools.length > 0
}

function changesDelta({ text, hold, stop }: AiVerdict): boolean {
  return text !== null || hold !== null || stop
}

function checkPrompt({ model, parameters, removeTools, addTools }: AiVerdict): void {
  if (model !== null && (model === '' || model.length > MAX_MODEL_CHARACTERS)) throw denied('its model is no name')
  if (parameters !== null && !isJsonObject(parameters)) throw denied('its parameters are no JSON object')
  if (removeTools.length > MAX_TOOLS || addTools.length > MAX_TOOLS) throw denied(`more than ${MAX_TOOLS} tools`)
  for (const { name, parameters: schema } of addTools) {
    if (name === '') throw denied('a tool it adds has no name')
    if (schema !== '' && !isJsonObject(schema)) throw denied(`the parameters of the tool ${name} are no JSON Schema`)
  }
}

function checkMessages({ messages }: AiVerdict, grants: Grants, hook: AiHook): void {
  if (hook !== 'on_prompt' && hook !== 'on_completion') throw denied(`${hook} has no messages to change`)
  if ((hook === 'on_prompt' ? grants.prompt : grants.answer) !== 'write')
    throw denied('changing messages is not granted')
  if (messages.length > MAX_EDITS) throw denied(`more than ${MAX_EDITS} edits of messages`)
  for (const { op, message, stop } of messages) {
    if (!OPS.has(op)) throw denied(`there is no edit ${op} of messages`)
    if (stop && hook === 'on_prompt') throw denied('on_prompt has no choice to stop')
    if (hook === 'on_completion' && op !== MessageEditOp.REPLACE) throw denied('answers can only be replaced')
    if (op === MessageEditOp.REMOVE) continue
    if (!message) throw denied('an edit has no message')
    if (!ROLES.has(message.role)) throw denied(`a message has the role ${JSON.stringify(message.role)}`)
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

function denied(what: string): PluginFault {
  return new PluginFault('denied', what)
}
