import { GatewayError } from '../../base/errors.js'
import { type HeaderList, header } from '../../base/headers.js'
import { forcedIn } from '../dialects/converse/forced.js'
import type { DialectName, Operation } from '../dialects/dialect.js'
import { awsInvoke } from '../frames/aws-invoke.js'
import type { JsonObject } from '../members.js'
import { usageOf } from '../usage.js'
import { keyOf } from './bearer.js'
import { claudeOnBedrock, dropUnknown } from './claude-elsewhere.js'
import { asNewRerank, isOldRerank } from './cohere-rerank.js'
import type { Account, Outgoing, Provider, ProviderAddress, ProviderCall } from './provider.js'
import { askForSchema } from './schema-prompt.js'
import { signV4, uriEncode } from './sigv4.js'

/**
 * Amazon Bedrock's runtime (docs.aws.amazon.com/bedrock/latest/APIReference). A credential is a secret access key with its `accessKeyId` (and
 * `sessionToken`), which signs each request, or a Bedrock API key by itself.
 */
export const bedrock: Provider = {
  name: 'bedrock',
  title: 'Amazon Bedrock',
  baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com',
  required: [],
  optional: [],
  credentialParts: ['accessKeyId', 'sessionToken'],

  dialects: dialectsOf,

  address(call) {
    const model = `/model/${uriEncode(call.model)}`
    switch (call.operation) {
      case 'invoke':
        return invoked(model, call)
      case 'embeddings':
        return { method: 'POST', path: `${model}/invoke`, headers: ACCEPT_JSON }
      case 'rerank':
        return { method: 'POST', path: `${model}/invoke`, headers: ACCEPT_JSON, edits: RERANK }
      case 'count-tokens':
        return { method: 'POST', path: `${model}/count-tokens`, headers: ACCEPT_JSON }
      default:
        return call.dialect.name === 'anthropic' ? invoke(model, call) : conversation(model, call)
    }
  },

  authorize(request, credential, account, tools) {
    const secret = keyOf('bedrock', credential)
    const { accessKeyId, sessionToken } = credential?.parts ?? {}
    if (accessKeyId === undefined || accessKeyId === '') return ['authorization', `Bearer ${secret}`]
    const { method, url, body } = request
    const signed = { method, url, body, headers: headersToSign(request) }
    const keys = { accessKeyId, secretAccessKey: secret, sessionToken }
    return signV4(signed, keys, regionOf(request, account), 'bedrock', tools.now())
  },

  /** Answers are held to a schema by a tool that has to be called: where none can be, the schema is asked for in words. */
  adapt(chat, dropped, dialect) {
    dropUnknown(chat, dropped, dialect)
    if (chat.structuredOutput === undefined && forcedIn(chat.model) === 'no') askForSchema(chat)
  },

  /** Of InvokeModel, whose bodies say it each in its own way or, as Cohere's embeddings, not at all. */
  usageIn(headers) {
    const counted = (name: string) => header(headers, `x-amzn-bedrock-${name}-token-count`)
    const input = counted('input')
    if (input === undefined) return undefined
    const [cacheRead, cacheWrite] = [countOf(counted('cache-read-input')), countOf(counted('cache-write-input'))]
    const output = countOf(counted('output'))
    return usageOf({ input: countOf(input) + cacheRead + cacheWrite, cacheRead, cacheWrite, output })
  },

  rewrites: (operation, body) => (operation === 'rerank' && isOldRerank(body) ? 'both' : undefined),

  /** To count, Converse wants what counts of the request in an envelope. */
  finish(body, call) {
    if (call.operation === 'rerank') asNewRerank(body)
    if (call.operation !== 'count-tokens') return
    const converse: JsonObject = {}
    for (const name of Object.keys(body)) {
      if (COUNTED.has(name)) converse[name] = body[name]
      delete body[name]
    }
    body.input = { converse }
  }
}

function countOf(text = ''): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0
}

const ACCEPT_JSON: HeaderList = ['accept', 'application/json']
/** Cohere's own body, but for the model and with the version that is written down in it. */
const RERANK = { set: { api_version: 2 }, remove: ['model'] }
const COUNTED = new Set(['messages', 'system', 'toolConfig', 'additionalModelRequestFields'])

/** Claude is also spoken to in Anthropic's own dialect; an ARN says what it is of only for foundation models. */
function dialectsOf(operation: Operation, model: string): readonly DialectName[] {
  switch (operation) {
    case 'chat':
      return model.includes('anthropic.claude') ? ['converse', 'anthropic'] : ['converse']
    case 'count-tokens':
      return ['converse']
    case 'embeddings':
      return model.includes('titan-text') ? [] : ['converse'] // its texts look the same, and are answered
    case 'invoke':
      return ['converse']
    case 'rerank':
      return model.includes('cohere.rerank') ? ['cohere'] : []
    default:
      return []
  }
}

function conversation(model: string, { stream }: ProviderCall): ProviderAddress {
  const path = `${model}/${stream ? 'converse-stream' : 'converse'}`
  return { method: 'POST', path, headers: stream ? ['accept', 'application/vnd.amazon.eventstream'] : ACCEPT_JSON }
}

/** A body that is the model's own. */
function invoked(model: string, { stream }: ProviderCall): ProviderAddress {
  if (!stream) return { method: 'POST', path: `${model}/invoke`, headers: ACCEPT_JSON }
  const headers = ['accept', 'application/vnd.amazon.eventstream']
  return { method: 'POST', path: `${model}/invoke-with-response-stream`, headers }
}

function invoke(model: string, call: ProviderCall): ProviderAddress {
  const { suffix, headers, edits, dropped } = claudeOnBedrock(call)
  const accept = call.stream ? 'application/vnd.amazon.eventstream' : 'application/json'
  return {
    method: 'POST',
    path: model + suffix,
    headers: ['accept', accept, ...headers],
    edits,
    dropped,
    framing: call.stream ? awsInvoke : undefined
  }
}

/** Only what surely arrives as it is sent. */
function headersToSign({ headers }: Outgoing): HeaderList {
  const signed: HeaderList = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? ''
    if (name === 'content-type' || name.startsWith('x-amzn-')) signed.push(name, headers[i + 1] ?? '')
  }
  return signed
}

/** The account's, or else the one that the host names: "bedrock-runtime.eu-west-1.amazonaws.com", also of a private endpoint. */
function regionOf({ url }: Outgoing, account: Account): string {
  if (account.region !== '') return account.region
  const named = /bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\./.exec(url.hostname)?.[1]
  if (named !== undefined) return named
  throw new GatewayError('GW_AI_CREDENTIAL', `bedrock: no region is set for ${url.hostname}, and a signature needs one`)
}
