import { AiMessage, AiVerdict, MessageView, utf8Bytes } from '@sluice/plugin-sdk/assembly'
import { Rule } from './rules'
import { clean, maskedBy, sift, stoppedBy } from './window'

/** Whole answers. */

let looksAtThoughts = false
let looksAtRefusals = true
let replacement = ''

export function prepareAnswers(thoughts: bool, refusals: bool, end: string): void {
  looksAtThoughts = thoughts
  looksAtRefusals = refusals
  replacement = end
}

/** The rule that ended the answer that was looked at last; null: none did. */
export let endedBy: Rule | null = null

/** What becomes of an answer; null: it stays as it is. Its first rule that did something is noted in `verdict`. */
export function moderated(message: MessageView, verdict: AiVerdict): AiMessage | null {
  const made = AiMessage.of(message.role)
  let changed = false
  endedBy = null
  for (let i = 0; i < message.content.length; i++) {
    const part = message.content.at(i)
    const type = part.type
    if (!isLookedAt(type)) {
      made.part(type, part.text, part.url, part.mediaType)
      continue
    }
    sift(utf8Bytes(part.text))
    const stop = stoppedBy
    if (stop !== null) {
      // A thought cannot be cut: it goes, as all that comes behind it.
      const before = type == 'thinking' ? '' : clean
      if (before + replacement != '') made.part('text', before + replacement)
      endedBy = stop
      noted(verdict, 'stopped', stop)
      return made
    }
    const rule = maskedBy
    if (rule === null) {
      made.part(type, part.text)
      continue
    }
    changed = true
    noted(verdict, 'masked', rule)
    if (type != 'thinking') made.part('text', clean)
  }
  if (!changed) return null
  for (let i = 0; i < message.toolCalls.length; i++) {
    const call = message.toolCalls.at(i)
    made.call(call.id, call.name, call.argumentsText)
  }
  return made
}

/** Names the rule, not the text. */
export function noted(verdict: AiVerdict, what: string, rule: Rule): AiVerdict {
  return verdict.tag('moderation', what).tag('moderation.rule', rule.name)
}

function isLookedAt(type: string): bool {
  if (type == 'thinking') return looksAtThoughts
  return type == 'text' || (type == 'refusal' && looksAtRefusals)
}
