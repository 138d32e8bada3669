import type { Operation } from '../../ai/dialects/dialect.js'
import { isObject } from '../../ai/members.js'
import { header } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { type AiVerdict, type Message, MessageEditOp, PromptInput } from '../../plugin-host/abi.js'
import { type AskedTexts, textsOf } from './asked-texts.js'
import type { AiCall } from './call.js'
import { eachPolicy, hasHook } from './hooks.js'
import { mergePatch } from './merge-patch.js'
import { withOwnDocuments } from './ranked-documents.js'
import { firstAnswer } from './targets.js'

/**
 * A request that is no chat, but has texts a model reads (embeddings, a ranking, images, speech, what is moderated): policies see each of
 * them as what a user says. What they change is written into the request as its client wrote it.
 * @throws Refusal GW_AI_REQUEST_INVALID
 */
export function textReply(call: AiCall): Promise<Reply> {
  return hasHook(call, 'on_prompt') ? considered(call) : firstAnswer(call)
}

async function considered(call: AiCall): Promise<Reply> {
  const given = textsOf(call.asked, header(call.exchange.request.headers, 'content-type') ?? '')
  for (let from = 0; from === 0 || from < given.texts.length; ) {
    const to = pieceEnd(given.texts, from)
    const early = await onePiece(call, given, from, to)
    if (early !== undefined) return early
    from = Math.max(to, from + 1)
  }
  const next = call.asking(given.asked())
  next.model = call.model
  const reply = await firstAnswer(next)
  const isRanking = call.ai.endpoint.operation === 'rerank'
  return isRanking && next.asked !== call.asked ? withOwnDocuments(reply, call.asked.json, next.asked.json) : reply
}

/** So many texts, and UTF-16 units of them, are shown at once: there is no end to what a client may put into a batch. */
const PIECE_TEXTS = 512
const PIECE_UNITS = 1_048_576

function pieceEnd(texts: readonly string[], from: number): number {
  let units = 0
  let to = from
  while (to < texts.length && to - from < PIECE_TEXTS) {
    units += texts[to]?.length ?? 0
    if (units > PIECE_UNITS && to > from) break
    to++
  }
  return to
}

function onePiece(call: AiCall, given: AskedTexts, from: number, to: number): Promise<Reply | undefined> {
  const { model, stream, runtime, ai } = call
  const operation = OPERATIONS[ai.endpoint.operation] ?? ai.endpoint.operation
  return eachPolicy('on_prompt', call, {
    input: () => {
      const texts = given.texts.slice(from, to)
      const prompt = {
        operation,
        model: call.model,
        messages: texts.map(userMessage),
        tools: [],
        parameters: JSON.stringify(given.parameters()),
        stream,
        estimatedTokens: runtime.textTokens(model, texts)
      }
      return PromptInput.encode({ prompt }).finish()
    },
    apply: verdict => {
      if (verdict.model !== null) call.model = verdict.model
      applyTexts(given, from, to, verdict)
    }
  })
}

/** As plugins know them. */
const OPERATIONS: Readonly<Partial<Record<Operation, string>>> = {
  embeddings: 'embedding',
  rerank: 'rerank',
  moderations: 'moderation',
  'image-generation': 'image',
  'image-edit': 'image',
  'image-variation': 'image',
  speech: 'speech',
  transcription: 'transcription',
  translation: 'transcription'
}

function userMessage(text: string): Message {
  const content = [{ type: 'text', text, url: '', mediaType: '' }]
  return { role: 'user', content, name: '', toolCalls: [], toolCallId: '' }
}

/** There is no place for tools and further messages. A text that is taken out stays as an empty one: the answers are told apart by their places. */
function applyTexts(given: AskedTexts, from: number, to: number, { messages, parameters }: AiVerdict): void {
  const places: (number | undefined)[] =
    messages.length === 0 ? [] : Array.from({ length: to - from }, (_, i) => from + i)
  for (const { op, at, message } of messages) {
    if (op === MessageEditOp.INSERT) {
      places.splice(at, 0, undefined)
      continue
    }
    const place = places[at]
    if (op === MessageEditOp.REMOVE) places.splice(at, 1)
    if (place !== undefined) given.set(place, op === MessageEditOp.REMOVE || !message ? '' : textOf(message))
  }
  const patch: unknown = parameters === null ? undefined : JSON.parse(parameters)
  if (!isObject(patch)) return
  const now = given.parameters()
  for (const [name, value] of Object.entries(patch)) {
    const before = now[name]
    given.setParameter(name, isObject(value) ? mergePatch(isObject(before) ? before : {}, value) : value)
  }
}

function textOf({ content }: Message): string {
  return content.map(({ type, text }) => (type === 'text' ? text : '')).join('')
}
