import type { DialectName, Operation } from '../dialects/dialect.js'
import { isGemini3 } from '../dialects/gemini/models.js'
import { isObject, type JsonObject } from '../members.js'
import { secretOf } from './bearer.js'
import { claudeOnVertex, dropUnknown } from './claude-elsewhere.js'
import { methodOf, pathName, queryOf } from './google-path.js'
import { accessToken } from './google-token.js'
import type { Provider, ProviderAddress, ProviderCall } from './provider.js'
import { askBesideTools } from './schema-prompt.js'
import { embedsContent, vertexEmbedding } from './vertex-embedding.js'

/** Vertex AI: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference */
export const vertex: Provider = {
  name: 'vertex',
  title: 'Google Vertex AI',
  baseUrl: 'https://{region}-aiplatform.googleapis.com',
  baseUrlIn,
  required: ['project'],
  optional: [],

  dialects(operation, model) {
    if (isClaude(model)) return claudeDialects(operation)
    if (isOpen(model)) return operation === 'chat' ? ['openai-chat'] : []
    return ['chat', 'count-tokens', 'embeddings'].includes(operation) ? ['gemini'] : []
  },

  address(call) {
    if (isClaude(call.model)) return claudeAddress(call)
    if (isOpen(call.model)) {
      return { method: 'POST', path: `${root(call)}/endpoints/openapi/chat/completions`, headers: [] }
    }
    return {
      method: 'POST',
      path: `${root(call)}/${modelPath(call.model)}:${vertexMethod(call)}${queryOf(call)}`,
      headers: [],
      edits: { remove: ['model'] } // the path has it
    }
  },

  /** The JSON of a service account; an API key of the express mode and an access token do, too. */
  async authorize(_request, credential, _account, tools) {
    const secret = secretOf('vertex', credential)
    if (/^(AIza|AQ\.)/.test(secret)) return ['x-goog-api-key', secret]
    const token = secret.startsWith('ya29.') ? secret : await accessToken(secret, tools)
    return ['authorization', `Bearer ${token}`]
  },

  adapt(chat, dropped, dialect = 'anthropic') {
    if (isClaude(chat.model)) dropUnknown(chat, dropped, dialect)
    else if (!isOpen(chat.model) && !isGemini3(chat.model)) askBesideTools(chat, dropped)
    if (chat.service_tier === undefined) return
    if (chat.service_tier === 'flex' || chat.service_tier === 'priority') dropped.drop('service_tier')
    chat.service_tier = undefined // Vertex has it in a header that goes with provisioned throughput
  },

  finish(body, call) {
    if (isClaude(call.model) || isOpen(call.model)) return
    if (call.operation === 'embeddings') vertexEmbedding(body, call.model)
    else withoutCallIds(body)
  }
}

/** "global" has no region in its name; "us" and "eu" are groups of regions. */
function baseUrlIn(region: string): string {
  if (region === '' || region === 'global') return 'https://aiplatform.googleapis.com'
  if (region === 'us' || region === 'eu') return `https://aiplatform.${region}.rep.googleapis.com`
  return `https://${region}-aiplatform.googleapis.com`
}

function root({ account }: ProviderCall): string {
  const project = encodeURIComponent(account.options.project ?? '')
  return `/v1/projects/${project}/locations/${encodeURIComponent(account.region || 'global')}`
}

function vertexMethod(call: ProviderCall): string {
  const method = methodOf(call)
  if (method !== 'batchEmbedContents') return method
  return embedsContent(call.model) ? 'embedContent' : 'predict'
}

/** Tuned models are endpoints with a number. */
function modelPath(model: string): string {
  if (model.startsWith('endpoints/') || model.startsWith('publishers/')) return pathName(model)
  return `publishers/google/models/${encodeURIComponent(model)}`
}

/** "meta/llama-4-maverick": models of others, which speak OpenAI's dialect. */
function isOpen(model: string): boolean {
  return /^[a-z0-9-]+\//.test(model) && !/^(google|endpoints|publishers|models)\//.test(model)
}

function isClaude(model: string): boolean {
  return model.startsWith('claude')
}

function claudeDialects(operation: Operation): readonly DialectName[] {
  return operation === 'chat' || operation === 'count-tokens' ? ['anthropic'] : []
}

function claudeAddress(call: ProviderCall): ProviderAddress {
  const { suffix, headers, edits, dropped } = claudeOnVertex(call)
  const model = call.operation === 'count-tokens' ? 'count-tokens' : encodeURIComponent(call.model)
  return {
    method: 'POST',
    path: `${root(call)}/publishers/anthropic/models/${model}${suffix}`,
    headers,
    edits,
    dropped
  }
}

/** Vertex refuses ids of calls that are not its own; it matches results by name and order. */
function withoutCallIds(body: JsonObject): void {
  for (const content of Array.isArray(body.contents) ? body.contents : []) {
    const parts = isObject(content) && Array.isArray(content.parts) ? content.parts : []
    for (const part of parts) {
      if (!isObject(part)) continue
      for (const each of [part.functionCall, part.functionResponse]) if (isObject(each)) delete each.id
    }
  }
}
