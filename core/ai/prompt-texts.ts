import { isObject, type JsonObject } from './members.js'

/** Where a text stands that a model is given with a request that is no chat. */
export interface TextPlace {
  /** The member at the top that it is, or is in. */
  readonly member: string
  readonly text: string
  /** Puts another text there. */
  set(text: string): void
}

/**
 * Members whose strings, however deep, are what the model reads: of embeddings and rankings, of images and speech that are made, of what is
 * moderated; of any of these in every dialect, as a server may take the words of another one.
 */
const SAID: ReadonlySet<string> = new Set([
  'input',
  'inputs',
  'inputText',
  'text',
  'texts',
  'prompt',
  'negative_prompt',
  'content',
  'contents',
  'requests',
  'messages',
  'title',
  'embedContentConfig',
  'embed_content_config',
  'query',
  'documents',
  'instruction',
  'instructions'
])

export function isSaid(member: string): boolean {
  return SAID.has(member)
}

/** Members of parts that say what the part is: no model reads them. */
const KINDS: ReadonlySet<string> = new Set(['type', 'role', 'model', 'mimeType', 'mime_type', 'taskType', 'task_type'])
/** Members of parts that are pictures, or say where one is. */
const FILES: ReadonlySet<string> = new Set(['image', 'image_url', 'url', 'data', 'bytes', 'fileUri', 'file_uri'])
const IS_FILE = /^(?:[\w+/=-]*|[a-z][a-z0-9]+:\/\/\S+)$/
const IS_DATA_URL = /^data:[\w/.+-]*;base64,[A-Za-z0-9+/=]*$/

interface Value {
  readonly holder: object
  readonly key: string
  readonly value: unknown
}

/** All texts of a request's body, in its order. */
export function textPlaces(body: JsonObject): TextPlace[] {
  return Object.keys(body)
    .filter(isSaid)
    .flatMap(member => within(body, member))
}

function within(body: JsonObject, member: string): TextPlace[] {
  const found: TextPlace[] = []
  // What a ranked document's members mean is the client's affair: a "type" may be a sentence.
  const own = member === 'documents'
  const left: Value[] = [{ holder: body, key: member, value: body[member] }] // no recursion: clients nest as deep as they like
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { holder, key, value } = next
    if (typeof value === 'string') {
      if (own ? IS_DATA_URL.test(value) : isNoText(key, value)) continue
      // Not by assignment: a name may be "__proto__".
      found.push({ member, text: value, set: text => Reflect.defineProperty(holder, key, { value: text }) })
    } else if (Array.isArray(value)) pushItems(value, left)
    else if (isObject(value)) {
      const entries = Object.entries(value)
      for (const [name, each] of entries.reverse()) left.push({ holder: value, key: name, value: each })
    }
  }
  return found
}

/** Without those that have no text: of tokens there may be millions. */
function pushItems(list: readonly unknown[], left: Value[]): void {
  for (let i = list.length - 1; i >= 0; i--) {
    const value = list[i]
    if (typeof value === 'string' || typeof value === 'object') left.push({ holder: list, key: String(i), value })
  }
}

function isNoText(key: string, value: string): boolean {
  return KINDS.has(key) || (FILES.has(key) && IS_FILE.test(value)) || IS_DATA_URL.test(value)
}
