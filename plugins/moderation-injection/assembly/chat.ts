import { Json } from '@sluice/plugin-sdk/assembly'
import { scoreText } from '@sluice/plugin-sdk/assembly/injection'

/** The texts of a chat and who says them, in the shapes of OpenAI, Anthropic, Gemini, Cohere and Ollama. */

const USER = 'user'
const TOOL = 'tool'
const ASSISTANT = 'assistant'
const SYSTEM = 'system'
const MAX_DEPTH: i32 = 32

let roles: string[] = [USER, TOOL]
let lastMessages: i32 = 0

export function prepareChat(scored: string[], most: i32): void {
  roles = scored
  lastMessages = most
}

/** Scores the texts of a chat. False: it is none. Of keys that come twice, all are read: who knows which one counts. */
export function scoreChat(json: Json): bool {
  let known = false
  for (let i = 0; i < json.length; i++) {
    const key = json.keyAt(i)
    const value = json.at(i)
    if (key == 'messages' || key == 'input' || key == 'contents' || key == 'chat_history') known = true
    if (key == 'prompt' || (key == 'message' && json.has('chat_history'))) known = true
  }
  if (!known || !json.isObject) return false
  for (let i = 0; i < json.length; i++) {
    const key = json.keyAt(i)
    const value = json.at(i)
    if (key == 'messages' || key == 'input' || key == 'contents' || key == 'chat_history') scoreMessages(value)
    else if (key == 'prompt' || key == 'suffix' || key == 'message') scoreParts(value, USER, 0)
    else if (key == 'system' || key == 'instructions' || key == 'systemInstruction' || key == 'system_instruction' || key == 'preamble') {
      scoreParts(value, SYSTEM, 0)
    } else if (key == 'documents' || key == 'context') scoreParts(value, TOOL, 0)
  }
  return true
}

/** Scores every string of a value, as a user's. */
export function scoreAll(value: Json, depth: i32): void {
  if (value.isString) return score(value.asString(), USER)
  if (depth >= 100) return
  for (let i = 0; i < value.length; i++) scoreAll(value.at(i), depth + 1)
}

function scoreMessages(list: Json): void {
  if (!list.isArray) return scoreMessage(list)
  const from = lastMessages > 0 ? max(0, list.length - lastMessages) : 0
  for (let i = from; i < list.length; i++) scoreMessage(list.at(i))
}

function scoreMessage(message: Json): void {
  if (!message.isObject) return scoreParts(message, USER, 0)
  let role = roleOf(message)
  for (let i = 0; i < message.length; i++) {
    const key = message.keyAt(i)
    if (key == 'content' || key == 'parts' || key == 'text' || key == 'message' || key == 'name') scoreParts(message.at(i), role, 0)
    else if (key == 'output' || key == 'tool_results') scoreParts(message.at(i), TOOL, 0)
  }
}

/** Of roles that come twice, one that is scored counts. */
function roleOf(message: Json): string {
  let role = ''
  for (let i = 0; i < message.length; i++) {
    if (message.keyAt(i) != 'role') continue
    const one = roleNamed(message.at(i).asString().toLowerCase())
    if (role == '' || roles.includes(one)) role = one
  }
  return role == '' ? USER : role
}

function roleNamed(name: string): string {
  if (name == ASSISTANT || name == 'model' || name == 'chatbot') return ASSISTANT
  if (name == SYSTEM || name == 'developer') return SYSTEM
  return name == TOOL || name == 'function' ? TOOL : USER
}

/** A text, or a list of parts: texts, results of tools, images and so on. */
function scoreParts(value: Json, role: string, depth: i32): void {
  if (value.isString) return score(value.asString(), role)
  if (depth > MAX_DEPTH) return
  if (value.isArray) {
    for (let i = 0; i < value.length; i++) scoreParts(value.at(i), role, depth + 1)
    return
  }
  if (!value.isObject) return
  const type = value.get('type').asString()
  const inner = isResult(type) ? TOOL : role
  for (let i = 0; i < value.length; i++) {
    const key = value.keyAt(i)
    if (isData(key)) continue
    scoreParts(value.at(i), isResultKey(key) ? TOOL : inner, depth + 1)
  }
}

/** What a tool answered, by the type of its part: Anthropic names the tool in it (mcp_tool_result), OpenAI the call (function_call_output). */
function isResult(type: string): bool {
  return type.endsWith('tool_result') || type.endsWith('call_output') || type == 'search_result' || type == 'document'
}

/** The same by the member it stands in, in the dialects of Gemini and Bedrock. */
function isResultKey(key: string): bool {
  return (
    key == 'functionResponse' ||
    key == 'function_response' ||
    key == 'codeExecutionResult' ||
    key == 'code_execution_result' ||
    key == 'toolResult'
  )
}

/** Members that are no text: names of kinds, identifiers, images. */
function isData(key: string): bool {
  return (
    key == 'type' ||
    key == 'id' ||
    key == 'tool_use_id' ||
    key == 'tool_call_id' ||
    key == 'call_id' ||
    key == 'image_url' ||
    key == 'input_audio' ||
    key == 'inlineData' ||
    key == 'inline_data' ||
    key == 'media_type' ||
    key == 'mimeType' ||
    key == 'signature' ||
    key == 'encrypted_content' ||
    key == 'cache_control'
  )
}

function score(text: string, role: string): void {
  if (roles.includes(role)) scoreText(text, role)
}
