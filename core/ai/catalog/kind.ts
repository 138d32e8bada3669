import type { Operation } from '../dialects/dialect.js'

interface Kind {
  readonly name: RegExp
  readonly operations: readonly Operation[]
  /** Some of them also chat. */
  readonly chats?: true
}

/** What models are for that are no chat models. No list of models says it; their names do. */
const KINDS: readonly Kind[] = [
  { name: /embed(?!ded)/i, operations: ['embeddings'] },
  { name: /rerank/i, operations: ['rerank'] },
  { name: /moderation/i, operations: ['moderations'] },
  { name: /whisper|transcri/i, operations: ['transcription', 'translation'] },
  { name: /(?:^|[-_/.])tts(?:$|[-_/.])/i, operations: ['speech'], chats: true },
  {
    name: /dall-e|gpt-image|imagen-|stable-(?:diffusion|image)|(?:^|[-_/.])flux(?:$|[-_/.])|titan-image|nova-canvas/i,
    operations: ['image-generation', 'image-edit', 'image-variation']
  }
]

const SPECIAL = new Set(KINDS.flatMap(({ operations }) => operations))

/** Whether a model is made for an operation; undefined: its name does not say. */
export function isMadeFor(model: string, operation: Operation): boolean | undefined {
  const kind = KINDS.find(({ name }) => name.test(model))
  if (kind === undefined) return SPECIAL.has(operation) ? undefined : true
  if (kind.operations.includes(operation)) return true
  return kind.chats && !SPECIAL.has(operation) ? undefined : false
}
