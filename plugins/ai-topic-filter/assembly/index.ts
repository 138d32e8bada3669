import {
  AiMessage,
  AiVerdict,
  CompletionView,
  DeltaView,
  onCompletion,
  onConfigure,
  onDelta,
  onPrompt,
  PromptView,
  Settings
} from '@sluice/plugin-sdk/assembly'
import { Said } from './said'
import { Seen } from './seen'
import { cutAt, Story } from './stream'
import { Topics } from './topics'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const DETAIL = 'This is not a topic of this service.'
const REPLACEMENT = 'I cannot talk about this.'

let denies = true
let status = 422
let detail = DETAIL
let replacement = REPLACEMENT
let held = 64
let allowFrom = 0
let said = new Said([], true)
const topics = new Topics()

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_prompt(ptr: i32, len: i32): i32 {
  return onPrompt(ptr, len, checkPrompt)
}

export function on_delta(ptr: i32, len: i32): i32 {
  return onDelta(ptr, len, checkDelta)
}

export function on_completion(ptr: i32, len: i32): i32 {
  return onCompletion(ptr, len, checkCompletion)
}

function configure(settings: Settings): string {
  denies = settings.string('action', 'deny') == 'deny'
  status = settings.int('status', 422)
  detail = settings.string('message', DETAIL)
  replacement = settings.string('replacement', REPLACEMENT)
  held = settings.int('window', 64)
  allowFrom = settings.int('allowMinCharacters', 0)
  const roles = settings.has('roles') ? settings.strings('roles') : ['user']
  said = new Said(roles, settings.string('scope', 'turn') == 'turn')
  return topics.fill(settings)
}

function checkPrompt(prompt: PromptView): AiVerdict {
  const seen = new Seen()
  const texts = said.read(prompt)
  for (let i = 0; i < texts.length; i++) topics.read(texts[i], seen)
  const found = deniedIn(seen)
  if (found != '') return refuse(denies ? 'denied' : 'flagged', found)
  return isOffTopic(prompt) ? refuse('off-topic', '') : AiVerdict.next()
}

function refuse(outcome: string, found: string): AiVerdict {
  return noted(denies ? AiVerdict.deny(status, detail) : AiVerdict.next(), outcome, found, 'prompt')
}

function checkDelta(delta: DeltaView): AiVerdict {
  const pending = delta.pending
  const refusal = delta.refusal
  const story = new Story(delta.index.toString(), delta.stateText)
  topics.read(story.text(delta), story.seen)
  // A refusal cannot be held back: what it has said so far is looked at, and the piece that says too much does not go out.
  if (refusal != '') topics.read(story.refused(refusal), story.seen)
  const found = deniedIn(story.seen)
  if (found != '') {
    const verdict = AiVerdict.stop(replacement)
    verdict.drop = refusal != ''
    return noted(verdict, 'stopped', found, 'answer')
  }
  if (delta.last) return AiVerdict.text(pending)
  const at = cutAt(pending, held)
  const out = pending.substring(0, at)
  return AiVerdict.text(out).setHold(pending.substring(at)).setStateText(story.keep(out))
}

/** A whole answer; one that was streamed has been looked at on its way, but where it is only to be tagged. */
function checkCompletion(completion: CompletionView): AiVerdict {
  if (completion.streamed && denies) return AiVerdict.next()
  const verdict = AiVerdict.next()
  for (let i = 0; i < completion.choices.length; i++) {
    const seen = new Seen()
    const message = completion.choices.at(i).message
    topics.read(message.text, seen)
    for (let j = 0; j < message.content.length; j++) {
      const part = message.content.at(j)
      if (part.type == 'refusal') topics.read(part.text, seen)
    }
    const found = deniedIn(seen)
    if (found == '') continue
    noted(verdict, denies ? 'replaced' : 'flagged', found, 'answer')
    if (denies) verdict.stopChoice(i, AiMessage.assistant(replacement))
  }
  return verdict
}

/** The denied topics that weigh enough, "name:weight,…"; "" for none. */
function deniedIn(seen: Seen): string {
  let found = ''
  for (let i = 0; i < topics.list.length && seen.signs.length > 0; i++) {
    const topic = topics.list[i]
    if (!topic.denied) continue
    const weight = topics.weight(i, seen)
    if (weight >= topic.threshold) found += (found == '' ? '' : ',') + topic.name + ':' + weight.toString()
  }
  return found
}

/** Whether topics are allowed and the conversation is about none of them. */
function isOffTopic(prompt: PromptView): bool {
  let any = false
  for (let i = 0; i < topics.list.length; i++) any = any || topics.list[i].allowed
  if (!any) return false
  const seen = new Seen()
  const texts = said.readAll(prompt)
  let characters = 0
  for (let i = 0; i < texts.length; i++) {
    characters += texts[i].length
    topics.read(texts[i], seen)
  }
  for (let i = 0; i < topics.list.length; i++) {
    const topic = topics.list[i]
    if (topic.allowed && topics.weight(i, seen) >= topic.threshold) return false
  }
  return characters >= allowFrom
}

function noted(verdict: AiVerdict, outcome: string, found: string, side: string): AiVerdict {
  verdict.tag('topic-filter', outcome).tag('topic-filter.side', side)
  return found == '' ? verdict : verdict.tag('topic-filter.topics', found)
}
