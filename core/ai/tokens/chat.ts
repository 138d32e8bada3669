import type { AssistantPart, ChatMessage, ChatRequest, UserPart } from '../chat.js'
import { type TokenFamily, tokenFamily } from './family.js'
import { audioTokens, fileTokens, imageTokens } from './media.js'
import { countTexts } from './text.js'
import { toolTexts } from './tools.js'

/** OpenAI's: three tokens around a message, one more for a name, three before the answer. */
const MESSAGE_TOKENS = 3
const NAME_TOKENS = 1
const ANSWER_TOKENS = 3

/** Tokens of a chat's prompt, as its model counts them: about right for OpenAI's models, an estimate for others. */
export function chatTokens(chat: ChatRequest, family: TokenFamily = tokenFamily(chat.model)): number {
  const texts: string[] = []
  let tokens = ANSWER_TOKENS
  for (const message of chat.messages) {
    tokens += MESSAGE_TOKENS
    if ('name' in message && message.name !== undefined) {
      tokens += NAME_TOKENS
      texts.push(message.name)
    }
    tokens += mediaTokens(message, family, texts)
  }
  if (chat.tools !== undefined && chat.tools.length > 0) {
    const tools = toolTexts(chat.tools)
    tokens += tools.tokens + family.toolPreamble
    texts.push(...tools.texts)
  }
  if (chat.response_format?.type === 'json_schema') texts.push(JSON.stringify(chat.response_format.schema))
  return tokens + countTexts(texts, family)
}

/** Tokens of texts, as the model counts them. */
export function textTokens(texts: readonly string[], model: string): number {
  return countTexts(texts, tokenFamily(model))
}

function mediaTokens({ role, content }: ChatMessage, family: TokenFamily, texts: string[]): number {
  texts.push(role)
  let tokens = 0
  for (const part of content) tokens += partTokens(part, family, texts)
  return tokens
}

/** Texts are put aside, to be counted together; the rest is counted. */
function partTokens(part: UserPart | AssistantPart, family: TokenFamily, texts: string[]): number {
  switch (part.type) {
    case 'text':
    case 'thinking':
      texts.push(part.text)
      return 0
    case 'refusal':
      texts.push(part.refusal)
      return 0
    case 'tool_call':
      texts.push(part.name, part.arguments)
      return MESSAGE_TOKENS
    case 'redacted_thinking':
      return Math.ceil(part.data.length / 6) // it is encrypted: the text behind it is shorter
    case 'image':
      return imageTokens(part, family.images)
    case 'audio':
      return audioTokens(part)
    case 'file':
      return fileTokens(part)
  }
}
