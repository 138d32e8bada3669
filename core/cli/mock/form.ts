import type { Buffer } from 'node:buffer'
import type { JsonObject } from '../../ai/members.js'
import { invalid } from './failure.js'

/**
 * The fields of a multipart form; a file is said in words, "speech.wav, 845 bytes". Undefined: the body is no form.
 * @throws Refused when it cannot be read
 */
export async function formFields(body: Buffer, type: string | undefined): Promise<JsonObject | undefined> {
  if (type?.startsWith('multipart/form-data') !== true) return undefined
  try {
    const form = await new Response(body, { headers: { 'content-type': type } }).formData()
    const fields: JsonObject = {}
    for (const [name, value] of form) {
      fields[name.replace(/\[\]$/, '')] = typeof value === 'string' ? value : `${value.name}, ${value.size} bytes`
    }
    return fields
  } catch {
    throw invalid('Could not parse multipart form')
  }
}
