import {
  AiVerdict,
  CompletionView,
  DeltaView,
  MessageView,
  onCompletion,
  onConfigure,
  onDelta,
  onToolCall,
  Settings,
  ToolCallView,
  utf8Bytes
} from '@sluice/plugin-sdk/assembly'
import { endedBy, moderated, noted, prepareAnswers } from './answer'
import { changedBy, forbiddenBy, moderatedArguments } from './arguments'
import { lookAside } from './aside'
import { Action, enforces, hitsIn, prepareRules, Rule } from './rules'
import { clean, divide, held, maskedBy, prepareWindow, stoppedBy } from './window'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

let replacement = ''
let holdMs = 0
let looksAtThoughts = false
let looksAtRefusals = true
let looksAtCalls = false

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_delta(ptr: i32, len: i32): i32 {
  return onDelta(ptr, len, moderateDelta)
}

export function on_tool_call(ptr: i32, len: i32): i32 {
  return onToolCall(ptr, len, moderateCall)
}

export function on_completion(ptr: i32, len: i32): i32 {
  return onCompletion(ptr, len, moderateAnswer)
}

function configure(settings: Settings): string {
  replacement = settings.string('replacement')
  holdMs = settings.int('holdMs', 0)
  looksAtThoughts = settings.bool('thinking')
  looksAtRefusals = settings.bool('refusals', true)
  looksAtCalls = settings.bool('toolArguments')
  const window = settings.int('window', 200)
  const maxHold = settings.int('maxHold', 4096)
  if (maxHold < window) return 'maxHold is less than window: so much is always held back'
  prepareWindow(window, maxHold, settings.string('mask', '***'))
  prepareAnswers(looksAtThoughts, looksAtRefusals, replacement)
  return prepareRules(settings)
}

function moderateDelta(delta: DeltaView): AiVerdict {
  if (!enforces()) return AiVerdict.next()
  if (looksAtThoughts && delta.thinking != '') return lookAside(delta, 'thinking', delta.thinking, replacement)
  if (looksAtRefusals && delta.refusal != '') return lookAside(delta, 'refusal', delta.refusal, replacement)
  const pending = delta.pending
  if (pending == '') return AiVerdict.next()
  divide(utf8Bytes(pending), delta.last, delta.late)
  const stop = stoppedBy
  if (stop !== null) return noted(AiVerdict.stop(clean + replacement), 'stopped', stop)
  const verdict = AiVerdict.text(clean)
  if (held != '') verdict.setHold(held, holdMs)
  const rule = maskedBy
  return rule === null ? verdict : noted(verdict, 'masked', rule)
}

function moderateCall(view: ToolCallView): AiVerdict {
  if (!looksAtCalls) return AiVerdict.next()
  const text = view.call.argumentsText
  const now = moderatedArguments(text)
  const forbidden = forbiddenBy
  if (forbidden !== null) return noted(AiVerdict.drop(), 'stopped', forbidden)
  const changed = changedBy
  if (changed !== null) return noted(AiVerdict.next().setArgumentsText(now), 'masked', changed)
  const rule = notedIn(text)
  return rule === null ? AiVerdict.next() : AiVerdict.next().tag('moderation.noted', rule.name)
}

/** Of a stream that has gone out, and of rules that only note, all that is left is to note them. */
function moderateAnswer(completion: CompletionView): AiVerdict {
  const verdict = AiVerdict.next()
  for (let i = 0; i < completion.choices.length; i++) {
    const message = completion.choices.at(i).message
    const rule = notedInAnswer(message)
    if (rule !== null) verdict.tag('moderation.noted', rule.name)
    if (completion.streamed || !enforces()) continue
    const made = moderated(message, verdict)
    if (made === null) continue
    if (endedBy === null) verdict.replaceMessage(i, made)
    else verdict.stopChoice(i, made)
  }
  return verdict
}

function notedInAnswer(message: MessageView): Rule | null {
  for (let i = 0; i < message.content.length; i++) {
    const part = message.content.at(i)
    const type = part.type
    if (type == 'thinking' ? !looksAtThoughts : type == 'refusal' ? !looksAtRefusals : type != 'text') continue
    const rule = notedIn(part.text)
    if (rule !== null) return rule
  }
  return null
}

function notedIn(text: string): Rule | null {
  const hits = hitsIn(utf8Bytes(text), true)
  for (let i = 0; i < hits.length; i++) if (hits[i].rule.action == Action.TAG) return hits[i].rule
  return null
}
