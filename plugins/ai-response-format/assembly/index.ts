import {
  AiMessage,
  AiVerdict,
  ChoiceView,
  CompletionView,
  DeltaView,
  Json,
  onCompletion,
  onConfigure,
  onDelta,
  onPrompt,
  onToolCall,
  PromptView,
  Settings,
  ToolCallView
} from '@sluice/plugin-sdk/assembly'
import { judged, mended, mistake, prepareJudge } from './judge'
import { jsonIn, repairs } from './repair'
import { prepareWanted, remembered, stateOf, wantedOf } from './wanted'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

let denies = true
let status = 502
let holds = true
let maxHold = 65_536
let mendsCalls = false

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_prompt(ptr: i32, len: i32): i32 {
  return onPrompt(ptr, len, remember)
}

export function on_delta(ptr: i32, len: i32): i32 {
  return onDelta(ptr, len, collect)
}

export function on_tool_call(ptr: i32, len: i32): i32 {
  return onToolCall(ptr, len, mendCall)
}

export function on_completion(ptr: i32, len: i32): i32 {
  return onCompletion(ptr, len, judge)
}

function configure(settings: Settings): string {
  denies = settings.string('invalid', 'deny') == 'deny'
  status = settings.int('status', 502)
  holds = settings.string('stream', 'hold') == 'hold'
  maxHold = settings.int('maxHold', 65_536)
  mendsCalls = settings.bool('toolArguments')
  prepareWanted(settings.string('apply', 'asked') == 'always')
  return prepareJudge(settings)
}

function remember(prompt: PromptView): AiVerdict {
  return AiVerdict.next().setState(remembered(prompt).toBytes())
}

/** Text of a stream is collected until its end: half of an answer is no JSON yet. */
function collect(delta: DeltaView): AiVerdict {
  const pending = delta.pending
  const isRefusal = delta.refusal != ''
  if (!holds || (pending == '' && !isRefusal && !isEmptyAnswer(delta))) return AiVerdict.next()
  const state = stateOf(delta)
  const wanted = wantedOf(state)
  const passed = 'passed' + delta.index.toString()
  if (!wanted.isJson || state.has(passed)) return AiVerdict.next()
  // A refusal is no answer.
  if (isRefusal) return AiVerdict.text(pending).setState(state.set(passed, Json.bool(true)).toBytes())
  if (!delta.last && pending.length > maxHold) {
    const verdict = invalid('the answer has more than ' + maxHold.toString() + ' characters')
    return denies ? verdict : verdict.setText(pending).setState(state.set(passed, Json.bool(true)).toBytes())
  }
  if (!delta.last) return AiVerdict.hold(pending)
  // Words around tool calls are no answer, and neither is one that the provider broke off.
  if (delta.finishReason == 'tool_calls' || delta.finishReason == 'error') return AiVerdict.text(pending)
  const json = judged(pending, wanted)
  if (mistake != '') return denies ? invalid(mistake) : invalid(mistake).setText(pending)
  return tagged(AiVerdict.text(json))
}

/** Whether the model has ended without a word: no call, no refusal of its provider, and nothing that broke off. */
function isEmptyAnswer(delta: DeltaView): bool {
  return delta.last && delta.finishReason == 'stop'
}

function mendCall(view: ToolCallView): AiVerdict {
  const text = view.call.argumentsText
  if (!mendsCalls || !text.trimStart().startsWith('{') || Json.parse(text) !== null) return AiVerdict.next()
  const json = jsonIn(text)
  return json == '' ? AiVerdict.next() : AiVerdict.next().setArgumentsText(json).tag('response-format.repairs', repairs.join(','))
}

function judge(completion: CompletionView): AiVerdict {
  const wanted = wantedOf(stateOf(completion))
  if (!wanted.isJson || (completion.streamed && holds)) return AiVerdict.next()
  let verdict = AiVerdict.next()
  for (let i = 0; i < completion.choices.length; i++) {
    const choice = completion.choices.at(i)
    const text = choice.message.text
    if (!isAnswer(choice)) continue
    const json = judged(text, wanted)
    if (mistake != '') {
      if (denies && !completion.streamed) return invalid(mistake)
      verdict = noted(verdict, mistake)
    } else {
      if (json != text && !completion.streamed) verdict.replaceMessage(i, rewritten(choice, json))
      verdict = tagged(verdict)
    }
  }
  return verdict
}

/** A refusal is no answer, and neither are words around tool calls. */
function isAnswer(choice: ChoiceView): bool {
  const message = choice.message
  if (message.toolCalls.length > 0) return false
  // An answer without a word is not what was asked for, unless it broke off before the first one.
  if (message.text == '' && choice.finishReason != 'stop') return false
  for (let i = 0; i < message.content.length; i++) if (message.content.at(i).type == 'refusal') return false
  return true
}

/** The message with the JSON in the place of its first text; the others go. */
function rewritten(choice: ChoiceView, json: string): AiMessage {
  const content = choice.message.content
  const made = AiMessage.of(choice.message.role)
  let isWritten = false
  for (let i = 0; i < content.length; i++) {
    const part = content.at(i)
    if (!part.isText) made.part(part.type, part.text, part.url, part.mediaType)
    else if (!isWritten) made.part('text', json)
    if (part.isText) isWritten = true
  }
  return made
}

function invalid(detail: string): AiVerdict {
  return noted(denies ? AiVerdict.deny(status, 'The answer of the model is not what was asked for: ' + detail + '.') : AiVerdict.next(), detail)
}

function noted(verdict: AiVerdict, detail: string): AiVerdict {
  return verdict.tag('response-format', 'invalid').tag('response-format.mistake', detail.slice(0, 200))
}

function tagged(verdict: AiVerdict): AiVerdict {
  if (mended == '') return verdict.tag('response-format', 'valid')
  return verdict.tag('response-format', 'repaired').tag('response-format.repairs', mended)
}
