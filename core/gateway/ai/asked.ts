import type { Buffer } from 'node:buffer'
import type { Operation } from '../../ai/dialects/dialect.js'
import { isObject, type JsonObject } from '../../ai/members.js'
import { multipartField } from '../../ai/multipart.js'
import type { GatewayError } from '../../base/errors.js'
import { header } from '../../base/headers.js'
import { Refusal } from '../../base/refusal.js'
import type { Exchange } from '../exchange.js'
import type { AiExchange } from './ai-exchange.js'

/** What a client asks, parsed once. */
export interface Asked {
  /** The body as it came, without content coding. */
  readonly raw: Buffer
  /** Empty for a body that is no JSON (audio). */
  readonly json: JsonObject
  readonly model: string
  readonly stream: boolean
  /** What kind of body it is; undefined: there is none. */
  readonly media: 'json' | 'multipart' | undefined
}

/** Operations whose body is a form with files. */
const FORMS: ReadonlySet<Operation> = new Set(['transcription', 'translation', 'image-edit', 'image-variation'])
/** Operations that name a thing the provider has: there is no body, and no model. */
const BODILESS: ReadonlySet<Operation> = new Set([
  'models',
  'response-get',
  'response-delete',
  'response-cancel',
  'response-input-items'
])

/** @throws Refusal GW_AI_REQUEST_INVALID */
export function readAsked(raw: Buffer, { request: { headers } }: Exchange, { endpoint }: AiExchange): Asked {
  if (BODILESS.has(endpoint.operation)) return { raw, json: {}, model: '', stream: false, media: undefined }
  const contentType = header(headers, 'content-type') ?? ''
  if (FORMS.has(endpoint.operation) && contentType.startsWith('multipart/form-data')) {
    const model = endpoint.model || named(multipartField(raw, contentType, 'model') ?? '', endpoint.operation)
    const stream = multipartField(raw, contentType, 'stream') === 'true'
    return { raw, json: {}, model, stream, media: 'multipart' }
  }
  const json = parse(raw)
  const { model, stream } = json
  if (endpoint.model === '' && model !== undefined && typeof model !== 'string') throw invalid('model', 'a string')
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') throw invalid('stream', 'true or false')
  return {
    raw,
    json,
    model: endpoint.model || named(typeof model === 'string' ? model : '', endpoint.operation),
    // Ollama streams unless it is told not to.
    stream:
      endpoint.stream ??
      (stream === true || (endpoint.dialect.startsWith('ollama') && endpoint.operation === 'chat' && stream !== false)),
    media: 'json'
  }
}

/** OpenAI's defaults where a model need not be said. */
const DEFAULT_MODELS: Partial<Record<Operation, string>> = {
  moderations: 'omni-moderation-latest',
  'image-generation': 'dall-e-2',
  'image-edit': 'dall-e-2',
  'image-variation': 'dall-e-2'
}

function named(model: string, operation: Operation): string {
  const found = model === '' ? DEFAULT_MODELS[operation] : model
  if (found === undefined) throw invalid('model', 'the name of a model')
  return found
}

function parse(raw: Buffer): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(raw.toString())
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : 'it cannot be read'
    throw new Refusal('GW_AI_REQUEST_INVALID', `the body is no JSON: ${why}`, [], { detail: 'The body is not JSON.' })
  }
  if (!isObject(value)) throw invalid('body', 'a JSON object')
  return value
}

function invalid(param: string, expected: string): GatewayError {
  const detail = `${param}: expected ${expected}`
  return new Refusal('GW_AI_REQUEST_INVALID', detail, [], { param, detail })
}
