import { Buffer } from 'node:buffer'
import type { JsonObject } from '../../ai/members.js'
import type { Reply } from '../../base/http.js'
import { Refusal } from '../../base/refusal.js'
import type { AiCall } from './call.js'
import type { ListedModel } from './runtime.js'

/** The models of a route, or one of them, as the client's dialect lists them. @throws Refusal GW_AI_MODEL_UNKNOWN */
export function listing({ ai, exchange, options, runtime }: AiCall): Reply {
  const models = runtime.models(options)
  const { model, shape } = ai.endpoint
  const form = FORMS[shape]
  if (model === '') return json(form.list(models, new URLSearchParams(exchange.request.query)))
  const found = models.find(({ id }) => id === model || id === `models/${model}`)
  if (found !== undefined) return json(form.one(found))
  const detail = `There is no model "${model}".`
  throw new Refusal('GW_AI_MODEL_UNKNOWN', detail, [], { detail, param: 'model' })
}

interface Form {
  one(model: ListedModel): JsonObject
  list(models: readonly ListedModel[], query: URLSearchParams): JsonObject
}

const openai: Form = {
  one: ({ id, created, ownedBy }) => ({ id, object: 'model', created, owned_by: ownedBy }),
  list: models => ({ object: 'list', data: models.map(openai.one) })
}

/** https://docs.anthropic.com/en/api/models-list */
const anthropic: Form = {
  one: ({ id, created, title }) => ({
    type: 'model',
    id,
    display_name: title,
    created_at: new Date(created * 1_000).toISOString()
  }),
  list: (models, query) => {
    const { page, has_more } = pageOf(models, query)
    return { data: page.map(anthropic.one), has_more, first_id: page[0]?.id ?? null, last_id: page.at(-1)?.id ?? null }
  }
}

/** Those after or before one of them, and whether there are more that way. Without a limit all are on one page. */
function pageOf(
  models: readonly ListedModel[],
  query: URLSearchParams
): { page: readonly ListedModel[]; has_more: boolean } {
  const limit = Math.max(1, Number(query.get('limit')) || models.length)
  const placeOf = (name: string) => models.findIndex(({ id }) => id === query.get(name))
  const before = placeOf('before_id')
  if (before !== -1) return { page: models.slice(Math.max(0, before - limit), before), has_more: before > limit }
  const from = placeOf('after_id') + 1
  return { page: models.slice(from, from + limit), has_more: from + limit < models.length }
}

/** https://ai.google.dev/api/models */
const gemini: Form = {
  one: ({ id, title, embeds }) => ({
    name: `models/${id}`,
    baseModelId: id,
    version: '001',
    displayName: title,
    supportedGenerationMethods: [embeds ? 'embedContent' : 'generateContent', 'countTokens']
  }),
  list: models => ({ models: models.map(gemini.one) })
}

/** https://docs.ollama.com/api/tags */
const ollama: Form = {
  one: ({ id, created, ownedBy }) => ({
    name: id,
    model: id,
    modified_at: new Date(created * 1_000).toISOString(),
    size: 0,
    digest: '',
    details: {
      parent_model: '',
      format: '',
      family: ownedBy,
      families: [ownedBy],
      parameter_size: '',
      quantization_level: ''
    }
  }),
  list: models => ({ models: models.map(ollama.one) })
}

const FORMS: Readonly<Record<'openai' | 'anthropic' | 'gemini' | 'ollama', Form>> = {
  openai,
  anthropic,
  gemini,
  ollama
}

function json(value: JsonObject): Reply {
  return { status: 200, headers: ['content-type', 'application/json'], body: Buffer.from(JSON.stringify(value)) }
}
