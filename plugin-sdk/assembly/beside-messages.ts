import { PromptView } from './ai-events'
import { MessageView } from './ai-views'
import { Json } from './json'

/** What a client says to the model outside of messages: what is to follow the answer, and what the answer will be like. */
export function besideMessages(prompt: PromptView): string[] {
  const texts: string[] = []
  const parameters = prompt.parameters()
  addTexts(parameters.get('suffix'), texts)
  addTexts(parameters.get('prediction').get('content'), texts)
  return texts
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
