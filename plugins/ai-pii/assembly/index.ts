import {
  AiVerdict,
  CompletionView,
  DeltaView,
  onCompletion,
  onConfigure,
  onDelta,
  onPrompt,
  onToolCall,
  secretMistake,
  secretOf,
  Settings,
  ToolCallView
} from '@sluice/plugin-sdk/assembly'
import { prepareAllow, prepareMask } from '@sluice/plugin-sdk/assembly/pii'
import { changedAnswer } from './message'
import { prepareModes } from './modes'
import { maskPrompt, preparePrompt } from './prompt'
import { cutOff, restored, restoredArguments, restoredCount } from './restore'
import { prepareVault, unsealVault } from './vault'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_prompt(ptr: i32, len: i32): i32 {
  return onPrompt(ptr, len, maskPrompt)
}

export function on_delta(ptr: i32, len: i32): i32 {
  return onDelta(ptr, len, restoreDelta)
}

export function on_tool_call(ptr: i32, len: i32): i32 {
  return onToolCall(ptr, len, restoreCall)
}

export function on_completion(ptr: i32, len: i32): i32 {
  return onCompletion(ptr, len, restoreAnswer)
}

function configure(settings: Settings): string {
  preparePrompt(settings.string('note'), settings.int('status', 422))
  prepareAllow(settings.strings('allow'))
  const hasSecret = settings.has('secret')
  const secret = hasSecret ? secretOf(settings) : null
  if (hasSecret && secret === null) return 'secret' + secretMistake.slice('.secret'.length)
  prepareVault(secret)
  const wrong = prepareModes(settings, hasSecret)
  return wrong == '' ? redactionMistake(settings.string('redaction', '[{type}]')) : wrong
}

function redactionMistake(redaction: string): string {
  const wrong = prepareMask(redaction)
  return wrong == '' ? '' : 'redaction' + wrong.slice('mask'.length)
}

/** What may be the beginning of a placeholder waits for its end. */
function restoreDelta(delta: DeltaView): AiVerdict {
  const pending = delta.pending
  if (!mayHave(pending) || !unsealVault(delta.state)) return AiVerdict.next()
  const text = restored(pending, delta.last)
  return AiVerdict.text(text).setHold(cutOff)
}

function restoreCall(view: ToolCallView): AiVerdict {
  const text = view.call.argumentsText
  if (!mayHave(text) || !unsealVault(view.state)) return AiVerdict.next()
  const now = restoredArguments(text)
  return restoredCount == 0 ? AiVerdict.next() : AiVerdict.next().setArgumentsText(now)
}

function restoreAnswer(completion: CompletionView): AiVerdict {
  if (completion.streamed || !unsealVault(completion.state)) return AiVerdict.next()
  const verdict = AiVerdict.next()
  for (let i = 0; i < completion.choices.length; i++) {
    const message = changedAnswer(completion.choices.at(i).message, wholeText)
    if (message !== null) verdict.replaceMessage(i, message)
  }
  return verdict
}

function wholeText(text: string): string {
  return mayHave(text) ? restored(text, true) : text
}

/** Whether there may be a placeholder, which JSON may write with escapes. */
function mayHave(text: string): bool {
  return text.includes('[') || text.includes('\\')
}
