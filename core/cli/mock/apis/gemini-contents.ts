import { isObject, type JsonObject } from '../../../ai/members.js'
import { objects, optionalObjects, type Turn, text } from '../ask.js'
import { invalid } from '../failure.js'
import type { State } from '../state.js'

/** What Google accepts in place of a signature for calls that its model did not make. */
const NOT_SIGNED = new Set(['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'])

/** Gemini 3 refuses calls that come back without the signature they came with. */
export function demandsSignatures(model: string): boolean {
  return model.includes('gemini-3')
}

/** The messages. @throws Refused where Gemini would: roles, results that do not belong to the calls, signatures */
export function contents(list: unknown, system: unknown, state: State, signed: boolean): Turn[] {
  const turns: Turn[] = isObject(system) ? [{ role: 'system', ...read(optionalObjects(system.parts)) }] : []
  const all = objects(list, 'contents')
  const lastQuestion = all.findLastIndex(isQuestion)
  let calls: string[] = []
  for (const [i, content] of all.entries()) {
    const role = content.role ?? 'user'
    if (role !== 'user' && role !== 'model' && role !== 'function') {
      throw invalid('Please use a valid role: user, model.', `contents[${i}].role`)
    }
    const parts = optionalObjects(content.parts)
    if (parts.length === 0)
      throw invalid(`* GenerateContentRequest.contents[${i}].parts: contents.parts must not be empty.`)
    const results = parts.filter(part => isObject(part.functionResponse))
    if (calls.length !== results.length) {
      throw invalid(
        'Please ensure that the number of function response parts is equal to ' +
          'the number of function call parts of the function call turn.'
      )
    }
    calls = parts.flatMap(part => (isObject(part.functionCall) ? text(part.functionCall.name) : []))
    verify(parts, i, state, signed && i > lastQuestion)
    const { functionResponse } = results[0] ?? {}
    if (functionResponse === undefined) turns.push({ role: role === 'model' ? 'assistant' : 'user', ...read(parts) })
    for (const part of results) turns.push({ role: 'tool', text: JSON.stringify(responseOf(part)), media: [] })
  }
  return turns
}

function isQuestion(content: JsonObject): boolean {
  return content.role !== 'model' && !optionalObjects(content.parts).some(part => isObject(part.functionResponse))
}

function responseOf(part: JsonObject): unknown {
  return isObject(part.functionResponse) ? part.functionResponse.response : undefined
}

function verify(parts: readonly JsonObject[], i: number, state: State, demanded: boolean): void {
  const at = parts.findIndex(part => isObject(part.functionCall))
  const first = parts[at]
  const made = first?.functionCall
  if (first === undefined || !isObject(made)) return
  const signature = first.thoughtSignature ?? first.thought_signature
  if (signature === undefined) {
    if (!demanded) return
    throw invalid(
      `Function call is missing a thought_signature in functionCall parts. This is required for tools to work ` +
        'correctly, and missing thought_signature may lead to degraded model performance. ' +
        `Additional data, function call \`${text(made.name)}\` , position ${i + 1}.`
    )
  }
  if (NOT_SIGNED.has(text(signature)) || signature === state.sign(`call ${text(made.name)}`)) return
  throw invalid('Corrupted thought signature.', `contents[${i}].parts[${at}]`)
}

function read(parts: readonly JsonObject[]): Pick<Turn, 'text' | 'media'> {
  const words = parts.flatMap(part => {
    if (typeof part.text === 'string' && part.thought !== true) return part.text
    return isObject(part.functionCall) ? JSON.stringify(part.functionCall) : []
  })
  return { text: words.join('\n'), media: parts.flatMap(mediumOf) }
}

function mediumOf(part: JsonObject): string[] {
  const medium = part.inlineData ?? part.inline_data ?? part.fileData ?? part.file_data
  if (!isObject(medium)) return []
  const type = text(medium.mimeType ?? medium.mime_type)
  return [type.startsWith('image/') ? 'an image' : type.startsWith('audio/') ? 'a sound' : 'a file']
}
