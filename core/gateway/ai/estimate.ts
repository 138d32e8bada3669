import type { AssistantPart } from '../../ai/chat.js'
import type { Dialect } from '../../ai/dialects/dialect.js'
import type { JsonObject } from '../../ai/members.js'
import { credible, type Usage, usageOf } from '../../ai/usage.js'
import { askedTokens, embeddingTokens, rerankTokens } from './asked-tokens.js'
import { dearer } from './bookings.js'
import type { AiCall } from './call.js'

/** What Cohere calls a search, and bills: a question asked of so many documents. */
const SEARCH_DOCUMENTS = 100

/**
 * What an exchange used: as its provider says, but for what is missing there or cannot be, which is estimated. Nothing is asked without a
 * prompt, and what came was made of tokens; of an answer without anything in it a provider may well say that it took none.
 * @param answer - as `estimated` has it
 */
export function countedUsage(
  call: AiCall,
  model: string,
  said: Usage | undefined,
  answer: () => string | undefined
): Usage | undefined {
  const usage = credible(said)
  if (usage === undefined) return estimated(call, model, answer)
  if (isFree(usage) || (usage.input > 0 && usage.output > 0)) return usage
  const { operation } = call.ai.endpoint
  if (operation === 'embeddings' || operation === 'rerank') {
    const asked = usage.input > 0 || usage.searches > 0 ? undefined : askedUsage(call, model)
    return asked !== undefined && asked.input > 0 ? asked : usage
  }
  if (operation !== 'chat' && operation !== 'invoke') return usage
  const output = (): number => call.runtime.textTokens(model, [answer() ?? ''])
  return bothHalves(usage, () => promptTokens(call), output)
}

/** The provider says that it takes no money for it: an answer that is not there has no tokens to be counted. */
function isFree({ billed }: Usage): boolean {
  return billed?.input === 0 && billed.output === 0
}

/** @param prompt, answer - tokens of them, asked for where they are missing */
export function bothHalves(usage: Usage, prompt: () => number, answer: () => number): Usage {
  const output = usage.output > 0 ? usage.output : answer()
  if (output === usage.output && (usage.input > 0 || output === 0)) return usage
  return { ...usage, input: usage.input > 0 ? usage.input : prompt(), output, source: 'estimated' }
}

/** What an answer says, to be counted where the provider did not; undefined: it is none that can be read. */
export function answerText(dialect: Dialect, json: JsonObject): string | undefined {
  try {
    const { choices } = dialect.chat.readResponse(json)
    return choices.map(({ content }) => writtenIn(content)).join('')
  } catch {
    return undefined
  }
}

/** Tokens of what was asked. What passes untouched is nobody's to refuse: what cannot be read is guessed by its size. */
export function promptTokens({ planned, ai, asked, hints }: AiCall): number {
  try {
    return planned.inputTokens
  } catch {
    return askedTokens(ai, asked, hints)
  }
}

/** The tier that was asked for, where it costs more: as which an answer counts whose provider did not get to say. */
export function dearerTier({ planned }: AiCall): string | undefined {
  try {
    return dearer(planned.chat())
  } catch {
    return undefined
  }
}

/** All that a model wrote of an answer. */
function writtenIn(parts: readonly AssistantPart[]): string {
  return parts.map(writtenPart).join('')
}

function writtenPart(part: AssistantPart): string {
  switch (part.type) {
    case 'text':
    case 'thinking':
      return part.text
    case 'refusal':
      return part.refusal
    case 'tool_call':
      return part.name + part.arguments
    case 'audio':
      return part.transcript ?? ''
    default:
      return ''
  }
}

/**
 * What an exchange is taken to have used where its provider does not say.
 * @param model - as the provider names it
 * @param answer - finds what an answer in words says; undefined: it cannot be read
 * @returns undefined: there is nothing to go by
 */
export function estimated(call: AiCall, model: string, answer: () => string | undefined): Usage | undefined {
  const { operation } = call.ai.endpoint
  if (operation !== 'chat' && operation !== 'invoke') return askedUsage(call, model)
  const text = answer()
  if (text === undefined) return undefined
  const output = call.runtime.textTokens(model, [text])
  return usageOf({ input: promptTokens(call), output, tier: dearerTier(call), source: 'estimated' })
}

/** Of requests whose answer is no text: what they ask with. Sound and pictures that come back cannot be counted here, nor what is in a form. */
function askedUsage(call: AiCall, model: string): Usage | undefined {
  const { ai, asked, runtime } = call
  const { json } = asked
  switch (ai.endpoint.operation) {
    case 'embeddings':
      return fromRequest(call, () => {
        const input = ai.dialect.embeddings?.readRequest(json, call.hints).input ?? []
        return { input: embeddingTokens(input, model) }
      })
    case 'rerank':
      return fromRequest(call, () => {
        const request = ai.dialect.rerank?.readRequest(json, call.hints)
        if (request === undefined) return {}
        const searches = Math.ceil(request.documents.length / SEARCH_DOCUMENTS)
        return { input: rerankTokens(request, model), searches }
      })
    case 'speech':
    case 'image-generation': {
      const texts = [json.input, json.instructions, json.prompt].filter(isText)
      return usageOf({ input: runtime.textTokens(model, texts), source: 'estimated' })
    }
    default:
      return undefined
  }
}

/** What passes untouched is nobody's to refuse: what cannot be read is guessed by its size, as it was before it went out. */
function fromRequest(call: AiCall, read: () => Partial<Usage>): Usage {
  try {
    return usageOf({ ...read(), source: 'estimated' })
  } catch {
    return usageOf({ input: call.planned.inputTokens, source: 'estimated' })
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
