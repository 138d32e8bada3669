import { anthropic } from './anthropic/index.js'
import { cohere } from './cohere/index.js'
import { converse } from './converse/index.js'
import type { Dialect, DialectName } from './dialect.js'
import { gemini } from './gemini/index.js'
import { ollamaChat } from './ollama-chat/index.js'
import { ollamaGenerate } from './ollama-generate/index.js'
import { openaiChat } from './openai-chat/index.js'
import { openaiCompletions } from './openai-completions/index.js'
import { openaiResponses } from './openai-responses/index.js'

const all: readonly Dialect[] = [
  openaiChat,
  openaiCompletions,
  openaiResponses,
  anthropic,
  gemini,
  converse,
  cohere,
  ollamaChat,
  ollamaGenerate
]

/** Every dialect, by name. */
export const dialects: ReadonlyMap<DialectName, Dialect> = new Map(all.map(dialect => [dialect.name, dialect]))
