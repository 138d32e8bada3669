import { PromptView } from './ai-events'
import { MessageView, ToolView } from './ai-views'
import { Json } from './json'
import { unescapedLevels } from './unescaped'

/** What a client says to the model outside of messages: what is around or behind them, what it may look up, what the answer will be like. */
export function besideMessages(prompt: PromptView): string[] {
  const texts: string[] = []
  const parameters = prompt.parameters()
  addTexts(parameters.get('suffix'), texts)
  addTexts(parameters.get('prediction').get('content'), texts)
  for (let i = 0; i < TEMPLATES.length; i++) addTexts(parameters.get(TEMPLATES[i]), texts)
  addWhole(parameters.get('chat_template_kwargs'), texts)
  const documents = parameters.get('documents')
  for (let i = 0; i < documents.length; i++) addWhole(documents.at(i), texts)
  addVariables(parameters.get('prompt').get('variables'), texts)
  addVariables(parameters.get('promptVariables'), texts)
  const edits = parameters.get('context_management').get('edits')
  for (let i = 0; i < edits.length; i++) addTexts(edits.at(i).get('instructions'), texts)
  const plugins = parameters.get('plugins')
  for (let i = 0; i < plugins.length; i++) addTexts(plugins.at(i).get('search_prompt'), texts)
  return texts
}

function addVariables(variables: Json, texts: string[]): void {
  for (let i = 0; i < variables.length; i++) {
    const value = variables.at(i)
    addTexts(value.isString ? value : value.get('text'), texts)
  }
}

/** What is said in an item, a block or a tool that has no place in a chat. */
@final
export class Unplaced {
  constructor(
    /** "user", "assistant", or "definition" of what describes tools. */
    readonly role: string,
    readonly text: string
  ) {}
}

/** All that is said where no message is: searches and calls of tools that the provider runs, what allows them, what describes them, blocks of other kinds. */
export function unplacedIn(prompt: PromptView): Unplaced[] {
  const found: Unplaced[] = []
  const parameters = prompt.parameters()
  for (let i = 0; i < parameters.length; i++) {
    const name = parameters.keyAt(i)
    // What stands deeper has its place in its name.
    if (!name.includes('[') && !isSaid(name)) continue
    const value = parameters.at(i)
    const block = value.get('block')
    const strings: string[] = []
    addStrings(block.isObject ? block : value, strings)
    let text = ''
    for (let at = 0; at < strings.length; at++) if (isLegible(strings[at])) text += strings[at] + '\n'
    if (text.length > 0) found.push(new Unplaced(block.isObject ? value.get('role').asString() : roleAt(name), text))
  }
  return found
}

/** Whatever else the body of a model on Bedrock has, and what the caller of a prompt put into its messages, the operator's too. */
function isSaid(name: string): bool {
  return name == 'prompt_variables' || name.startsWith('additionalModelRequestFields')
}

/** Whose it is, by where it stands: "tools[1] (mcp)", "input[3] (web_search_call)". What is of no known kind is taken for the client's own. */
function roleAt(name: string): string {
  if (name.startsWith('tools') || name.endsWith('(mcp_list_tools)') || name.endsWith('(tool_search_output)')) return 'definition'
  const isModels = name.endsWith('_call)') || name.endsWith('_request)') || name.endsWith('.citations') || name.includes('compaction')
  return isModels ? 'assistant' : 'user'
}

/** So many characters of base64 in a row are a file, or something sealed. */
const OPAQUE_CHARACTERS: i32 = 1_024

function isLegible(text: string): bool {
  if (text.startsWith('data:')) return false
  if (text.length < OPAQUE_CHARACTERS) return true
  for (let i = 0; i < OPAQUE_CHARACTERS; i++) if (!isBase64(text.charCodeAt(i))) return true
  return false
}

function isBase64(code: i32): bool {
  if (code == 0x2b || code == 0x2d || code == 0x2f || code == 0x3d || code == 0x5f) return true // + - / = _
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a)
}

/** What a prompt is made with, where the client may say so: of Ollama, and of servers such as vLLM. */
const TEMPLATES: string[] = ['template', 'chat_template']

/** All that is said in a value, as one text. */
function addWhole(value: Json, texts: string[]): void {
  const own: string[] = []
  addStrings(value, own)
  addText(own.join('\n'), texts)
}

/** A string, or a list of parts that have text. */
function addTexts(value: Json, texts: string[]): void {
  if (value.isString) addText(value.asString(), texts)
  else if (value.isArray) for (let i = 0; i < value.length; i++) addTexts(value.at(i).get('text'), texts)
}

/** The texts of a message, and where it refused. */
export function saidIn(message: MessageView): string {
  let text = message.text
  const content = message.content
  for (let i = 0; i < content.length; i++) {
    const part = content.at(i)
    if (part.type == 'refusal') text += part.text
  }
  return text
}

/**
 * What else of a message a model reads: who says it, what its files are called, what it thought or planned, with what tools were called; and what it
 * says without the escapes of JSON, as tools answer in.
 */
export function asideIn(message: MessageView): string[] {
  const texts = unescapedLevels(saidIn(message))
  addText(message.name, texts)
  for (let i = 0; i < message.content.length; i++) {
    const part = message.content.at(i)
    if (part.type == 'file' || part.type == 'thinking') addText(part.text, texts)
  }
  for (let i = 0; i < message.toolCalls.length; i++) {
    const call = message.toolCalls.at(i)
    const given = call.arguments()
    if (given.exists) addStrings(given, texts)
    else addText(call.argumentsText, texts)
  }
  return texts
}

/** The strings and names in a value, without their escapes. */
function addStrings(value: Json, texts: string[]): void {
  if (value.isString) addText(value.asString(), texts)
  else {
    for (let i = 0; i < value.length; i++) {
      if (value.isObject) addText(value.keyAt(i), texts)
      addStrings(value.at(i), texts)
    }
  }
}

/** A text, and what it is without the escapes of JSON. */
function addText(text: string, texts: string[]): void {
  if (text.length == 0) return
  texts.push(text)
  const plain = unescapedLevels(text)
  for (let i = 0; i < plain.length; i++) texts.push(plain[i])
}

/** What a tool that is offered says of itself: its description, and all names and strings of its schema. */
export function definitionOf(tool: ToolView): string {
  const texts: string[] = []
  addText(tool.description, texts)
  addStrings(tool.parameters(), texts)
  return texts.join('\n')
}
