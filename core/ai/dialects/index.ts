import { anthropic } from './anthropic/index.js'
import type { Dialect, DialectName } from './dialect.js'
import { openaiChat } from './openai-chat/index.js'
import { openaiCompletions } from './openai-completions/index.js'

/** Every dialect, by name. */
export const dialects: ReadonlyMap<DialectName, Dialect> = new Map<DialectName, Dialect>([
  [openaiChat.name, openaiChat],
  [openaiCompletions.name, openaiCompletions]
])
export const dialects: ReadonlyMap<DialectName, Dialect> = new Map<DialectName, Dialect>([['anthropic', anthropic]])
import { gemini } from './gemini/index.js'

/** Every dialect, by name. */
export const dialects: ReadonlyMap<DialectName, Dialect> = new Map<DialectName, Dialect>([['gemini', gemini]])
