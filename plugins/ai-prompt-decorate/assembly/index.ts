import {
  AiMessage,
  AiVerdict,
  Json,
  MessageView,
  onConfigure,
  onPrompt,
  PromptView,
  Settings
} from '@sluice/plugin-sdk/assembly'
import { Line, linesOf } from './line'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

let before: Line[] = []
let after: Line[] = []
let once = true
let parameters = ''
/** 0: as the client says. */
let maxTokens = 0

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_prompt(ptr: i32, len: i32): i32 {
  return onPrompt(ptr, len, decorate)
}

function configure(settings: Settings): string {
  before = linesOf(settings.objects('prepend'))
  after = linesOf(settings.objects('append'))
  once = settings.bool('once', true)
  const own = settings.object('parameters').json
  parameters = own.isObject ? own.toString() : ''
  maxTokens = settings.int('maxTokens', 0)
  return ''
}

function decorate(prompt: PromptView): AiVerdict {
  const verdict = AiVerdict.next()
  // Of a text to be embedded, ranked or spoken, words of ours would become a part.
  if (!prompt.isChat) return verdict
  const first = filled(before, prompt)
  const missing = first.length - (once ? standFirst(prompt, before, first) : 0)
  for (let i = 0; i < missing; i++) verdict.insertMessage(i, AiMessage.of(before[i].role, first[i]))
  const last = filled(after, prompt)
  for (let i = once ? standLast(prompt, after, last) : 0, at = prompt.messages.length + missing; i < last.length; i++, at++) {
    verdict.insertMessage(at, AiMessage.of(after[i].role, last[i]))
  }
  const patch = Json.parse(changed(prompt))
  if (patch !== null) verdict.setParameters(patch)
  return verdict
}

function filled(lines: Line[], prompt: PromptView): string[] {
  const texts: string[] = []
  for (let i = 0; i < lines.length; i++) texts.push(lines[i].fill(prompt))
  return texts
}

/**
 * How many of the lines, from the last one back, the prompt begins with. Elsewhere in it they do not count: a client could say them where they
 * mean little.
 */
function standFirst(prompt: PromptView, lines: Line[], texts: string[]): i32 {
  let count = min(lines.length, prompt.messages.length)
  while (count > 0 && !stand(prompt, 0, lines, texts, lines.length - count, count)) count--
  return count
}

/** How many of the lines, from the first one on, the prompt ends with. */
function standLast(prompt: PromptView, lines: Line[], texts: string[]): i32 {
  let count = min(lines.length, prompt.messages.length)
  while (count > 0 && !stand(prompt, prompt.messages.length - count, lines, texts, 0, count)) count--
  return count
}

/** Whether messages from `at` on are the lines from `from` on, word for word and nothing else. */
function stand(prompt: PromptView, at: i32, lines: Line[], texts: string[], from: i32, count: i32): bool {
  for (let i = 0; i < count; i++) {
    const message = prompt.messages.at(at + i)
    if (message.role != lines[from + i].role || message.text != texts[from + i] || !isTextAlone(message)) return false
  }
  return true
}

function isTextAlone(message: MessageView): bool {
  for (let i = 0; i < message.content.length; i++) if (!message.content.at(i).isText) return false
  return message.toolCalls.length == 0
}

/** The parameters to set, as JSON; empty: none. */
function changed(prompt: PromptView): string {
  if (maxTokens == 0) return parameters
  const asked = prompt.parameters().get('max_tokens')
  if (asked.isNumber && asked.asNumber() <= <f64>maxTokens) return parameters
  const limit = '"max_tokens":' + maxTokens.toString()
  return parameters.length <= 2 ? '{' + limit + '}' : parameters.slice(0, parameters.length - 1) + ',' + limit + '}'
}
