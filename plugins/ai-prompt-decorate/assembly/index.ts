import {
  AiMessage,
  AiVerdict,
  Json,
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
  let inserted = 0
  for (let i = 0; i < before.length; i++) {
    const text = before[i].fill(prompt)
    if (once && said(prompt, before[i].role, text)) continue
    verdict.insertMessage(inserted++, AiMessage.of(before[i].role, text))
  }
  for (let i = 0; i < after.length; i++) {
    const text = after[i].fill(prompt)
    if (once && said(prompt, after[i].role, text)) continue
    verdict.insertMessage(prompt.messages.length + inserted++, AiMessage.of(after[i].role, text))
  }
  const patch = Json.parse(changed(prompt))
  if (patch !== null) verdict.setParameters(patch)
  return verdict
}

/** Whether a message of that role with these words is there. */
function said(prompt: PromptView, role: string, text: string): bool {
  for (let i = 0; i < prompt.messages.length; i++) {
    const message = prompt.messages.at(i)
    if (message.role == role && message.text == text) return true
  }
  return false
}

/** The parameters to set, as JSON; empty: none. */
function changed(prompt: PromptView): string {
  if (maxTokens == 0) return parameters
  const asked = prompt.parameters().get('max_tokens')
  if (asked.isNumber && asked.asNumber() <= <f64>maxTokens) return parameters
  const limit = '"max_tokens":' + maxTokens.toString()
  return parameters.length <= 2 ? '{' + limit + '}' : parameters.slice(0, parameters.length - 1) + ',' + limit + '}'
}
