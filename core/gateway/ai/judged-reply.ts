import { Buffer } from 'node:buffer'
import type { ChatResponse, Choice } from '../../ai/chat.js'
import { writerOf } from '../../ai/frames/frame.js'
import { isObject, type JsonObject } from '../../ai/members.js'
import { PartEdits } from '../../ai/part-edits.js'
import { Passing } from '../../ai/streams/passing.js'
import { StreamRelay } from '../../ai/streams/relay.js'
import { wholeBody } from '../../base/body.js'
import { GatewayError } from '../../base/errors.js'
import type { Reply } from '../../base/http.js'
import { collect } from '../collect.js'
import { type Answering, answerPolicies, looksAtAnswers } from './answer-policies.js'
import type { AiCall } from './call.js'
import { after, editedSource, failedIn, inBytes, looksAtStreams } from './edited-stream.js'
import { clientFraming } from './framing.js'
import { AnswerRefused, NotAnswered } from './refused.js'
import { StreamEditor } from './stream-editor.js'
import { wishOf } from './wish.js'

/** A chat's answer as a provider told it. */
export interface Told {
  /** Whether in the client's dialect. */
  readonly same: boolean
  readonly json: JsonObject
  readonly response: ChatResponse
}

/**
 * Shows a whole answer to policies.
 * @returns the reply of one that answers in the model's place, or the answer as they have changed it; undefined: they left it as it is
 */
export async function judged(
  call: AiCall,
  target: Answering,
  { same, json, response }: Told
): Promise<Reply | Buffer | undefined> {
  const { ai } = call
  const before = response.choices.map(copied)
  const { reply, changed, withoutLogprobs } = await answerPolicies(call, target, response)
  if (reply !== undefined) return reply
  if (changed.size === 0) return undefined
  if (withoutLogprobs) ai.dropped = [...ai.dropped, 'logprobs']
  const edits = response.choices.map((choice, i) => {
    const was = before[i]
    return was !== undefined && changed.has(choice) ? new PartEdits(was, choice) : undefined
  })
  const { editResponse, writeResponse } = ai.dialect.chat
  const edited = same ? editResponse(json, edits) : undefined
  return Buffer.from(JSON.stringify(edited ?? writeResponse(response, { ...wishOf(call), sameDialect: same })))
}

/** As deep as policies change it. */
function copied(choice: Choice): Choice {
  return { ...choice, content: choice.content.map(part => ({ ...part })) }
}

/**
 * An answer that others get too, as the policies of this route give it to this client: what they put back into it, or keep from it, is between
 * them and the client alone.
 * @param reply - in the client's dialect
 * @throws NotAnswered, GatewayError GW_PLUGIN_*, GW_CLIENT_GONE
 */
export async function judgedReply(call: AiCall, target: Answering, reply: Reply): Promise<Reply> {
  const { ai, asked } = call
  if (asked.stream) return looksAtStreams(call) ? judgedStream(call, target, reply) : reply
  if (!looksAtAnswers(call)) return reply
  const raw = await collect(reply.body, call.options.answerBytes, 'GW_UPSTREAM_BODY_TOO_LARGE')
  const json: unknown = JSON.parse(raw.toString())
  if (!isObject(json)) throw new GatewayError('GW_INTERNAL', 'a stored answer is no JSON object')
  const response = ai.dialect.chat.readResponse(json)
  const made = await judged(call, target, { same: true, json, response })
  return made === undefined || Buffer.isBuffer(made) ? { ...reply, body: made ?? raw } : made
}

async function judgedStream(call: AiCall, target: Answering, reply: Reply): Promise<Reply> {
  const { ai, exchange, options } = call
  const { dialect } = ai
  const framing = clientFraming(ai)
  const writer = writerOf(framing)
  const editor = new StreamEditor(call, target)
  const from = { framing, reader: dialect.chat.streamReader(true), same: true }
  const body = Buffer.isBuffer(reply.body) ? wholeBody(reply.body) : reply.body
  const watch = dialect.streamWatch()
  const failed = inBytes(failedIn(call, watch), writer)
  const relay = new StreamRelay(
    editedSource(call, body, from, writer, editor),
    new Passing(watch, framing.reader(), failed, framing.close),
    options.relay,
    framing.heartbeat,
    after,
    {
      first: () => {
        ai.firstMs = performance.now() - exchange.startedAt
      },
      tap: () => undefined,
      end: (end, error) => {
        if (error !== undefined && end === 'failed') exchange.error = error
        if (watch.failure !== undefined) ai.failure = watch.failure
      }
    }
  )
  try {
    const failure = await relay.open()
    if (failure !== undefined) throw new NotAnswered(failure, undefined)
  } catch (thrown) {
    if (thrown instanceof AnswerRefused) return thrown.reply
    throw thrown
  }
  if (editor.withoutLogprobs) ai.dropped = [...ai.dropped, 'logprobs']
  exchange.call = { cancel: () => relay.leave() }
  return { ...reply, body: relay }
}
