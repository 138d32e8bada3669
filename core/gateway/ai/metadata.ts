import type { ChatRequest } from '../../ai/chat.js'
import { isObject, type JsonObject } from '../../ai/members.js'
import { type HeaderList, header } from '../../base/headers.js'

/** The header in which a client says what it likes of a request, as a JSON object. It goes to no provider. */
export const METADATA_HEADER = 'x-sluice-metadata'

/** What a client has said of its request: in the header, or in the request's own metadata. */
export function metadataOf(headers: HeaderList, chat: ChatRequest | undefined, name: string): string | undefined {
  const said = objectOf(header(headers, METADATA_HEADER))[name] ?? chat?.metadata?.[name]
  return typeof said === 'string' || typeof said === 'number' || typeof said === 'boolean' ? String(said) : undefined
}

function objectOf(text: string | undefined): JsonObject {
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}
