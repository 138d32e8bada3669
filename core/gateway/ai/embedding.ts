import { Buffer } from 'node:buffer'
import { dialects } from '../../ai/dialects/index.js'
import { numbersOf } from '../../ai/embedding.js'
import type { Endpoint } from '../../ai/endpoints.js'
import { isObject } from '../../ai/members.js'
import { GatewayError } from '../../base/errors.js'
import { collect } from '../collect.js'
import { AiExchange } from './ai-exchange.js'
import { AiCall } from './call.js'
import { firstAnswer } from './targets.js'

const ENDPOINT: Endpoint = {
  dialect: 'openai-chat',
  operation: 'embeddings',
  model: '',
  stream: false,
  framing: 'dialect',
  path: '/embeddings',
  shape: 'openai'
}

/**
 * The vector of a text, from a model of the configuration: a request of the gateway's own, paid for by whoever it is for: its tokens and its price, it is none of their requests.
 * @throws GatewayError when there is none to be had
 */
export async function embedding(call: AiCall, model: string, text: string): Promise<Float32Array> {
  const dialect = dialects.get('openai-chat')
  if (dialect === undefined) throw new GatewayError('GW_INTERNAL', 'no dialect for embeddings')
  const json = { model, input: text }
  const raw = Buffer.from(JSON.stringify(json))
  const asked = { raw, json, model, stream: false, media: 'json' as const }
  const sent = call.exchange.detached(['content-type', 'application/json'])
  const options = { ...call.options, models: [] }
  const own = new AiCall(
    new AiExchange(ENDPOINT, dialect),
    asked,
    options,
    call.runtime,
    call.route,
    sent,
    call.snapshot
  )
  own.aside = true
  try {
    const reply = await firstAnswer(own)
    const body = await collect(reply.body, call.options.answerBytes, 'GW_UPSTREAM_BODY_TOO_LARGE')
    const value: unknown = JSON.parse(body.toString())
    const vector = isObject(value) ? dialect.embeddings?.readResponse(value).embeddings[0] : undefined
    if (vector === undefined) throw new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `${model}: no vector in the answer`)
    return Float32Array.from(numbersOf(vector))
  } finally {
    sent.held?.done()
  }
}
