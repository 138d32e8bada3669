import { PromptView } from './ai-events'
import { MessageView } from './ai-views'
import { Json } from './json'

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
  const variables = parameters.get('prompt').get('variables')
  for (let i = 0; i < variables.length; i++) {
    const value = variables.at(i)
    addTexts(value.isString ? value : value.get('text'), texts)
  }
  return texts
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
  if (value.isString) texts.push(value.asString())
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

/** What else of a message a model reads: who says it, what its files are called, what it thought or planned, with what tools were called. */
export function asideIn(message: MessageView): string[] {
  const texts: string[] = []
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

function addText(text: string, texts: string[]): void {
  if (text.length > 0) texts.push(text)
}
