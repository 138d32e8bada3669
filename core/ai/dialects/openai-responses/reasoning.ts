import type { RedactedThinkingPart, ThinkingPart } from '../../chat.js'
import { isObject, type JsonObject, type Members } from '../../members.js'
import { openSealed, ownContent, sealRedacted, sealSignature } from '../../signatures.js'

/**
 * A reasoning item as a part. Without a text to show it is redacted reasoning; undefined: it says nothing at all, or is only the signature of
 * a call.
 * @param toSee - all of it is wanted, not only what another provider would be told
 */
export function readReasoning(item: Members, toSee: boolean): ThinkingPart | RedactedThinkingPart | undefined {
  const [summary, content] = [item.any('summary'), item.any('content')]
  const both = toSee ? [joined(summary), joined(content)].filter(text => text !== '').join('\n\n') : ''
  const text = both || reasoningText(summary, content)
  const part = reasoningPart(text, item.optionalText('encrypted_content'), item.optionalText('id'))
  if (part !== undefined) LISTS.set(part, { summary: summary ?? [], ...(content !== undefined && { content }) })
  return part
}

/** The lists an item had of texts: a part has one text for all of them. */
const LISTS = new WeakMap<object, JsonObject>()

/** The reasoning itself where a provider shows it (open models do), else its summary. */
export function reasoningText(summary: unknown, content: unknown): string {
  return joined(content) || joined(summary)
}

export function reasoningPart(
  text: string,
  encrypted: string | undefined,
  id: string | undefined
): ThinkingPart | RedactedThinkingPart | undefined {
  const also = id === undefined || id === '' ? {} : { id }
  if (encrypted === undefined || encrypted === '') return text === '' ? undefined : { type: 'thinking', text, ...also }
  const { kind, value } = openSealed(encrypted)
  if (kind === 'call') return undefined
  // Of what another provider signed the id was made for the client, and would be taken for that provider's.
  const own = kind === 'own' ? also : {}
  if (kind === 'redacted' || (kind === 'own' && text === '')) return { type: 'redacted_thinking', data: value, ...own }
  return { type: 'thinking', text, signature: value, ...own }
}

/** For a client, which sends it back some time: whatever the signature is, it is carried. */
export function writeReasoning(part: ThinkingPart | RedactedThinkingPart, id: string): JsonObject {
  const sealed =
    part.type === 'redacted_thinking'
      ? sealRedacted(part.data)
      : part.signature === undefined
        ? undefined
        : sealSignature(part.signature)
  return {
    id,
    type: 'reasoning',
    summary: summaryOf(part),
    ...(sealed !== undefined && { encrypted_content: sealed })
  }
}

/** For a provider, which takes only what it made itself: undefined when it did not. */
export function writeOwnReasoning(part: ThinkingPart | RedactedThinkingPart): JsonObject | undefined {
  const signature = part.type === 'thinking' ? part.signature : part.data
  const encrypted = signature === undefined ? undefined : ownContent(signature)
  const stored = signature === undefined && part.id !== undefined
  if (encrypted === undefined && !stored) return undefined
  return {
    type: 'reasoning',
    ...(part.id !== undefined && { id: part.id }),
    ...(LISTS.get(part) ?? { summary: summaryOf(part) }),
    ...(encrypted !== undefined && { encrypted_content: encrypted })
  }
}

function summaryOf(part: ThinkingPart | RedactedThinkingPart): JsonObject[] {
  return part.type === 'thinking' && part.text !== '' ? [{ type: 'summary_text', text: part.text }] : []
}

function joined(parts: unknown): string {
  if (!Array.isArray(parts)) return ''
  const texts = parts.map(part => (isObject(part) && typeof part.text === 'string' ? part.text : ''))
  return texts.filter(text => text !== '').join('\n\n')
}
