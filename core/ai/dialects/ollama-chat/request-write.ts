import {
  type AssistantPart,
  type ChatMessage,
  type ChatRequest,
  type ImagePart,
  linesOf,
  saidIn,
  textOf
} from '../../chat.js'
import { functionArguments } from '../../custom-tools.js'
import { parsedObject } from '../../lenient.js'
import type { JsonObject } from '../../members.js'
import type { Dropped } from '../dialect.js'
import { nameLosses } from '../losses.js'
import { LACKS, writeCommon } from '../ollama/options.js'
import { resultsFirst } from '../results-first.js'

export function writeRequest(chat: ChatRequest, dropped: Dropped): JsonObject {
  nameLosses(chat, LACKS, dropped)
  const names = new Map<string, string>()
  const messages = resultsFirst(chat.messages).map(({ message, place }) =>
    writeMessage(message, `messages[${place}]`, names, dropped)
  )
  const tools = writeTools(chat, dropped)
  return {
    model: chat.model,
    messages,
    ...(tools.length > 0 && { tools }),
    ...writeCommon(chat, dropped)
  }
}

function writeMessage(message: ChatMessage, path: string, names: Map<string, string>, dropped: Dropped): JsonObject {
  const images = message.role === 'assistant' ? [] : imagesOf(message.content, path, dropped)
  const shown = images.length > 0 ? { images } : {}
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: partsIn(message.content) }
    case 'user':
      return { role: 'user', content: partsIn(message.content), ...shown }
    case 'assistant':
      return writeAnswer(message.content, names)
    case 'tool': {
      const name = message.name ?? names.get(message.tool_call_id)
      return {
        role: 'tool',
        content: partsIn(message.content),
        ...(name !== undefined && { tool_name: name }),
        tool_call_id: message.tool_call_id,
        ...shown
      }
    }
  }
}

/** A message has but one text. */
function partsIn(parts: readonly { readonly type: string; readonly text?: string }[]): string {
  return linesOf(parts.map(part => textOf([part])))
}

function writeAnswer(parts: readonly AssistantPart[], names: Map<string, string>): JsonObject {
  let thinking = ''
  const calls: JsonObject[] = []
  for (const part of parts) {
    if (part.type === 'thinking') thinking += part.text
    else if (part.type === 'tool_call') {
      names.set(part.id, part.name)
      calls.push(writeCall(part.id, part.name, functionArguments(part)))
    }
  }
  return {
    role: 'assistant',
    content: saidIn(parts),
    ...(thinking !== '' && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls })
  }
}

/** Arguments are an object here: broken JSON goes along as text in one. */
export function writeCall(id: string, name: string, text: string): JsonObject {
  const given = text.trim() === '' ? {} : (parsedObject(text) ?? { arguments: text })
  return { id, function: { name, arguments: given } }
}

/** The base64 of images; Ollama fetches none and reads no other files. */
export function imagesOf(content: readonly { readonly type: string }[], path: string, dropped: Dropped): string[] {
  return content.flatMap((part, i) => {
    if (part.type === 'text') return []
    if (isImage(part) && part.source.kind === 'base64') return [part.source.data]
    dropped.drop(`${path}.content[${i}]`)
    return []
  })
}

function isImage(part: { readonly type: string }): part is ImagePart {
  return part.type === 'image'
}

/** There is no choosing a tool: "none" leaves them out, one name leaves the others out. */
function writeTools(chat: ChatRequest, dropped: Dropped): JsonObject[] {
  const { tool_choice: choice, tools = [] } = chat
  if (choice === 'none') return []
  if (choice === 'required' || typeof choice === 'object') dropped.drop('tool_choice')
  const used = typeof choice === 'object' ? tools.filter(({ name }) => name === choice.name) : tools
  return used.map(tool => {
    const { name, description, parameters, strict } = tool
    if (strict === true) dropped.drop(`tools[${tools.indexOf(tool)}].strict`)
    return {
      type: 'function',
      function: {
        name,
        ...(description !== undefined && { description }),
        parameters: parameters ?? { type: 'object', properties: {} }
      }
    }
  })
}
