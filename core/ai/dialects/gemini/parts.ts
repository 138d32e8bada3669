import type { AssistantPart } from '../../chat.js'
import { objectIn, someText, textIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'
import { codeText } from './contents-read.js'
import { readAddress, readBytes } from './media.js'
import { readSignature, readThought } from './signature.js'

/** A part of an answer that is no call of a tool; undefined: nothing that could be shown. */
export function readPart(part: JsonObject): AssistantPart | undefined {
  const wire = someText(part.thoughtSignature)
  if (part.thought === true) return readThought(textIn(part.text), wire)
  const shown = readShown(part)
  return shown !== undefined && wire !== undefined && (shown.type === 'text' || shown.type === 'image')
    ? { ...shown, signature: wire }
    : shown
}

function readShown(part: JsonObject): AssistantPart | undefined {
  if (typeof part.text === 'string') return part.text === '' ? undefined : { type: 'text', text: part.text }
  if (isObject(part.inlineData)) {
    const bytes = readBytes(textIn(part.inlineData.mimeType), textIn(part.inlineData.data))
    return bytes.type === 'file' ? undefined : bytes
  }
  if (isObject(part.fileData)) {
    const file = readAddress(someText(part.fileData.mimeType), textIn(part.fileData.fileUri))
    return file.type === 'image' ? file : { type: 'text', text: textIn(objectIn(part.fileData).fileUri) }
  }
  const text = codeText(part.executableCode, part.codeExecutionResult)
  return text === undefined ? undefined : { type: 'text', text }
}

/** The signature of a part without text, which belongs to what came before. */
export function loneSignature(part: JsonObject): string | undefined {
  const wire = part.text === '' && part.thought !== true ? someText(part.thoughtSignature) : undefined
  const read = wire === undefined ? undefined : readSignature(wire)
  return read?.kind === 'signature' ? read.value : undefined
}
